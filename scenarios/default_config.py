"""The default configuration on a quiet day: what `acklab explore` begins with, and then spoils in every way it knows.

The producer is as it comes out of the box: acks=all, idempotence, five requests in flight; the topic has three replicas
and min.insync.replicas=2. Each record fills a batch. A first burst makes both partitions know the producer's id, a second
one keeps several requests in flight, and then a record comes every second and a half, so that leaders can be missed and
elected between two of them. Nothing goes wrong here.
"""

from sim import ClusterConfig, KeysInTurn, Phase, Scenario, TopicConfig, Workload

SCENARIO = Scenario(
    name="default_config",
    question="The default configuration, and nothing goes wrong: which faults would break a promise?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=2, min_insync_replicas=2),)),
    workload=Workload(
        records=24,
        phases=(
            Phase(share=2, every_us=300),
            Phase(share=3, every_us=300, quiet_us=50_000),
            Phase(share=3, every_us=1_500_000),
        ),
        keys=KeysInTurn(4),
        value_bytes=9_000,
    ),
    notes="Try acklab explore: faults of the network and of brokers, drawn by the thousand.",
)
