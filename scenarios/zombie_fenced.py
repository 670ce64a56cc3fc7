"""Whoever was taken for dead goes on, and is shut out: its successor has taken over the `transactional.id`.

`billing` stands still in the midst of a transaction. Its successor calls `initTransactions`: the coordinator raises the epoch of the id,
aborts what was open, and hands out the next epoch. When the first one goes on, brokers and coordinator answer it INVALID_PRODUCER_EPOCH
or PRODUCER_FENCED, and nothing that it does counts any more. What it had begun its successor sends again, as a whole: each order is
there once (KIP-98). `zombie_without_fencing` is the same without a `transactional.id`.

It is the same with and without KIP-890: `acklab run zombie_fenced+transaction_version=1`.
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
)

SCENARIO = Scenario(
    name="zombie_fenced",
    question="An application with a transactional.id is replaced while it only stood still: does anything of the old one count?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=2),), transaction_state_partitions=1),
    applications=(
        Application(
            name="billing",
            producer={"transactional.id": "billing"},
            workload=Workload(
                records=20,
                transaction_records=2,
                partition=(0, 1),
                keys=NoKeys(),
                phases=(Phase(every_us=20_000),),
                stands_for="value",
            ),
            new_life="sends again",
        ),
    ),
    readers=(at(0).read("orders", isolation="read_committed", name="audit"),),
    schedule=(
        after(acknowledged(9, by="billing")).pause("billing"),
        after(acknowledged(9, by="billing")).wait(2 * SECOND_US).replace("billing"),
    ),
    repairs_after_us=100_000,  # the old one goes on while its successor is at work
    notes="In `acklab watch` follow the epochs: that of billing, that of its last marker, that of billing.2.",
)
