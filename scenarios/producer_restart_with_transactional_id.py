"""The answer to a request is lost, the producer dies, and its next life sends again: with a `transactional.id` it counts once.

The same as `producer_restart_duplicate`, but for the id. The dead one had not committed the order of which it missed an answer. Its next
life asks for the id, and before it is given the next epoch the coordinator aborts what was open. So what is sent again is in the log twice,
and counts once, for whoever reads with `isolation.level=read_committed` (KIP-98). This holds for what the dead one had not asked to be
committed. Whether a commit without an answer is done a new life does not find out: who must know keeps its position in
the transaction, as `rebalance_with_group_metadata` does.

It is the same with and without KIP-890: `acklab run producer_restart_with_transactional_id+transaction_version=1`.
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
    after,
    at,
    killed,
    leader,
    sent,
)

SCENARIO = Scenario(
    name="producer_restart_with_transactional_id",
    question="An answer is lost, and the producer restarts with its transactional.id and sends again: does it count twice?",
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
        after(sent(6, by="shop")).drop_response(about="orders-1", by=leader("orders-1"), then="stall"),
        after(sent(6, by="shop")).wait(SECOND_US).kill("shop"),
        after(killed("shop")).wait(SECOND_US).restart("shop"),
    ),
    notes="The aborted half stays in the log: a reader without read_committed is given it.",
)
