"""The record is written, the answer is lost, the producer sends it again: without idempotence it is written twice.

No broker dies. A leader appends a batch, its followers copy it, and then the connection breaks before the answer
is out. The producer cannot know whether its request or the answer was lost, so it tries again, as it must; and a broker
that is not told who sends (enable.idempotence=false) cannot know that it has the batch already.

Kafka's documentation of `enable.idempotence`. Seen on Apache Kafka 4.3.1 whenever an answer was lost.
"""

from sim import ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, leader, phase_began

SCENARIO = Scenario(
    name="lost_ack_duplicate",
    question="The answer is lost, not the record: does the retry write it again?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    producer={"enable.idempotence": "false"},
    workload=Workload(phases=(Phase(every_us=20_000),)),
    schedule=(after(phase_began(1)).drop_response("Produce", by=leader("orders-0"), about="orders-0"),),
    expects=frozenset({"duplicated"}),
    notes="Try --set enable.idempotence=true: the broker recognises the batch by its sequence number.",
)
