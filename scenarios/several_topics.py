"""One producer sends to two topics, and one of them cannot be written for a while: does the other one wait for it?

`audit` wants all three replicas in sync, and two of them fall behind: every batch for it is refused (NOT_ENOUGH_REPLICAS), and
tried again until they are back. A producer keeps a queue for each partition, so the orders go their way meanwhile. What the two
share is memory: with little of it (buffer.memory) the records for `audit` fill it, and `send` waits, whatever the topic.

Kafka's documentation of `buffer.memory` and `max.block.ms`.
"""

from sim import SECOND_US, Application, ClusterConfig, Phase, Scenario, TopicConfig, Workload, acknowledged, after

SCENARIO = Scenario(
    name="several_topics",
    question="One of two topics cannot be written for a while: do the records of the other one wait for it?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"), TopicConfig("audit", min_insync_replicas=3))),
    applications=(
        Application(
            name="shop",
            workload=Workload(
                topic=("orders", "audit"), records=60, phases=(Phase(every_us=20_000),), value_bytes=2_000
            ),
        ),
    ),
    schedule=(after(acknowledged(6)).shrink_isr("audit-0", by="b1,b3", lasts_us=3 * SECOND_US),),
    notes="Try --set shop:buffer.memory=32768: now the orders wait for the audit, too.",
)
