"""A marker is written and the answer to it lost: the coordinator writes it again, and the transaction ends all the same.

The coordinator has decided, and told the application so; the partitions' leaders write the markers, and the answer of one of them never
comes. The coordinator asks again. With an epoch for each transaction (KIP-890) the second marker has the very epoch that the partition knows
since the first one. A leader that refused it would keep the transaction in PREPARE_COMMIT for ever, and with it the `transactional.id`: its
next transaction is told CONCURRENT_TRANSACTIONS. KAFKA-19999; the planted bug `repeated_marker_refused` is that one.

It is the same without KIP-890: `acklab run marker_response_lost+transaction_version=1`.
"""

from sim import (
    Application,
    ClusterConfig,
    NoKeys,
    Phase,
    Scenario,
    TopicConfig,
    Workload,
    after,
    at,
    leader,
    transaction_ending,
)

SCENARIO = Scenario(
    name="marker_response_lost",
    question="A transaction's marker is written and the answer to it lost: does the transaction ever end?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=2),), transaction_state_partitions=1),
    applications=(
        Application(
            name="shop",
            producer={"transactional.id": "shop"},
            workload=Workload(
                records=8, transaction_records=2, partition=(0, 1), keys=NoKeys(), phases=(Phase(every_us=50_000),)
            ),
        ),
    ),
    readers=(at(0).read("orders", isolation="read_committed", name="audit"),),
    schedule=(
        after(transaction_ending(2, by="shop")).drop_response("WriteTxnMarkers", by=leader("orders-0"), then="stall"),
    ),
    notes="In `acklab watch` look at the end of the second transaction: two COMMIT markers in orders-0, or one and its repetition.",
)
