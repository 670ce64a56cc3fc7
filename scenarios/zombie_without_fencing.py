"""Whoever was taken for dead goes on: an application without a `transactional.id` and its successor write the same orders.

`billing` stands still in the midst of an order of two records. Somebody starts another one, which sends all of which `billing` was
not told that it is written. Then the first one goes on, and sends the rest, too. Each is an honest idempotent producer with an id of its
own, so the brokers take the records of both. `zombie_fenced` is the same with a `transactional.id` (KIP-98).
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
)

SCENARIO = Scenario(
    name="zombie_without_fencing",
    question="An application is replaced while it only stood still, and has no transactional.id: are its orders there twice?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=2),)),
    applications=(
        Application(
            name="billing",
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
    schedule=(
        after(acknowledged(9, by="billing")).pause("billing"),
        after(acknowledged(9, by="billing")).wait(2 * SECOND_US).replace("billing"),
    ),
    repairs_after_us=100_000,  # the old one goes on while its successor is at work
    expects=frozenset({"repeated"}),
    notes="Try --set transactional.id=billing: what the old one does counts no more, as in zombie_fenced.",
)
