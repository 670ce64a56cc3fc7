"""With acks=0 a record counts as sent once its bytes are handed to the socket; nobody confirms that they arrived.

The leader breaks the connection while a batch is under way. The producer has told the application already that all
is well, so there is nothing it could send again: the batch is gone, and no error was ever seen.

The promise, or the lack of it, is in Kafka's documentation of `acks`.
"""

from sim import ClusterConfig, Phase, Scenario, TopicConfig, Workload, acknowledged, after, leader

SCENARIO = Scenario(
    name="acks_zero_lost_connection",
    question="acks=0, and the connection breaks behind the send: who notices?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    producer={"acks": "0"},
    workload=Workload(phases=(Phase(every_us=2_000),)),
    schedule=(after(acknowledged(10)).reset_link(leader("orders-0"), "producer-1"),),
    expects=frozenset({"lost"}),
    notes="Try --set acks=1: the producer sees that the answer is missing, and sends again.",
)
