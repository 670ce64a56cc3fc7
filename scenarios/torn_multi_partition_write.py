"""An application writes to two partitions and dies between them: one half of what belongs together is there, and nobody can tell.

Each order is one record for either partition. The application is killed when the first record of the third order is in the log,
and the second one was never sent. Its producer is the default one, idempotent, acks=all: each record that it was told of is there,
once, in order. That two of them belong together it never heard.

This is what transactions are for: `transaction_is_not_torn` (KIP-98).
"""

from sim import Application, ClusterConfig, NoKeys, Phase, Scenario, TopicConfig, Workload, acknowledged, after

SCENARIO = Scenario(
    name="torn_multi_partition_write",
    question="An application dies between two records that belong together, in two partitions: what is there?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=2),)),
    applications=(
        Application(
            name="shop",
            workload=Workload(
                records=8, transaction_records=2, partition=(0, 1), keys=NoKeys(), phases=(Phase(every_us=50_000),)
            ),
        ),
    ),
    schedule=(after(acknowledged(5, by="shop")).kill("shop"),),
    expects=frozenset({"torn"}),
    notes="Try --set transactional.id=shop: the same half is in the log, and counts for nobody who reads what is committed.",
)
