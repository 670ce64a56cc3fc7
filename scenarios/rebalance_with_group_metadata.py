"""A member of a group stands still longer than its session, and commits when it goes on: with group metadata it is refused.

The same as `rebalance_without_group_metadata`, but for one argument: `send_offsets_to_transaction` is given the member's id and generation
(`consumer.groupMetadata()`). When `billing-a` goes on, its positions are refused by the group's coordinator, UNKNOWN_MEMBER_ID or
ILLEGAL_GENERATION; it aborts, joins the group again, and reads on from where the group has come. What was made of each record is in the output once
(KIP-447).

It is the same with and without KIP-890: `acklab run rebalance_with_group_metadata+transaction_version=1`.
"""

from sim import (
    SECOND_US,
    Application,
    ClusterConfig,
    Phase,
    Processing,
    Scenario,
    TopicConfig,
    Workload,
    after,
    at,
    transaction_began,
)

BILLING = Processing(topic="orders", to="invoices", group="billing", work_us=100_000)

SCENARIO = Scenario(
    name="rebalance_with_group_metadata",
    question="A member that was given up for dead commits its positions with group metadata: is anything processed twice?",
    cluster=ClusterConfig(
        topics=(TopicConfig("orders", partitions=2), TopicConfig("invoices", partitions=2)),
        transaction_state_partitions=1,
        offsets_topic_partitions=1,
    ),
    applications=(
        Application(name="shop", workload=Workload(records=40, phases=(Phase(every_us=250_000),))),
        Application(name="billing-a", producer={"transactional.id": "billing-a"}, processing=BILLING),
        Application(name="billing-b", producer={"transactional.id": "billing-b"}, processing=BILLING),
    ),
    readers=(at(0).read("invoices", isolation="read_committed", name="audit"),),
    schedule=(
        after(transaction_began(3, by="billing-a")).wait(50_000).pause("billing-a"),
        after(transaction_began(3, by="billing-a")).wait(52 * SECOND_US).resume("billing-a"),
    ),
    notes="In `acklab watch` follow what billing-a is told of its positions, and its abort.",
)
