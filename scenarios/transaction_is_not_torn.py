"""An application writes to two partitions and dies between them; it writes in transactions: whoever reads what is committed sees nothing of it.

Each of its transactions has one record for either partition. It is killed when the first record of the third transaction is in the
log, and the second one was never sent. Its next life takes over the `transactional.id`: the coordinator aborts what was open, and only
then `initTransactions` returns; what belongs together is sent again together. The half transaction stays in the log for good, an ABORT
marker behind it, and readers with `isolation.level=read_committed` pass it over (KIP-98). In `torn_multi_partition_write` the
same application has no transactions.

It is the same with and without KIP-890: `acklab run transaction_is_not_torn+transaction_version=1`.
"""

from sim import (
    SECOND_US,
    Application,
    ClusterConfig,
    NoKeys,
    Phase,
    Scenario,
    TopicConfig,
    Workload,
    acknowledged,
    after,
    at,
    killed,
)

SCENARIO = Scenario(
    name="transaction_is_not_torn",
    question="An application dies between two partitions of one transaction: does anybody read half of it?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=2),), transaction_state_partitions=1),
    applications=(
        Application(
            name="shop",
            producer={"transactional.id": "shop"},
            workload=Workload(
                records=8,
                transaction_records=2,
                partition=(0, 1),
                keys=NoKeys(),
                phases=(Phase(every_us=50_000),),
                stands_for="value",
            ),
            new_life="sends again",
        ),
    ),
    readers=(at(0).read("orders", isolation="read_committed", name="audit"),),
    schedule=(
        after(acknowledged(5, by="shop")).kill("shop"),
        after(killed("shop")).wait(SECOND_US).restart("shop"),
    ),
    notes="Take the restart away: the coordinator aborts what was left open when transaction.timeout.ms is over.",
)
