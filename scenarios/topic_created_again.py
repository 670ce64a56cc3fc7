"""A topic is deleted under a live producer, and another one is created under its name a moment later.

To Kafka those are two topics: each has an id of its own, drawn by chance, and the second begins empty, at epoch 0, with
no memory of any producer. Brokers answer UNKNOWN_TOPIC_ID to whoever names the first (Produce since version 13, KIP-516),
the producer takes that for a reason to ask who leads now, sees the new id, and sends the same batch again: it is written into the
second topic, once. What had been acknowledged before went with the first one. Nothing tells the application so.
"""

from sim import ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, sent

SCENARIO = Scenario(
    name="topic_created_again",
    question="A topic is deleted under a live producer and created again: what becomes of the records?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    workload=Workload(records=60, phases=(Phase(every_us=50_000),)),
    schedule=(after(sent(20)).delete_topic("orders"), after(sent(20)).wait(300_000).create_topic("orders")),
    notes="What was acknowledged before is deleted with the topic, and counts as that; the rest waits and is in the new one.",
)
