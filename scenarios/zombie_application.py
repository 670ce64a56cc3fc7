"""An application stands still so long that another one takes its place; then it goes on, and both write.

A process that collects garbage, or lies on a frozen machine, looks dead from outside. Somebody starts another one, which
takes up the work where the first one left it. The first one was not dead. When it goes on it knows nothing of the time that
has passed, and sends the rest of its records, too: a zombie. Each of them is an honest idempotent producer with an id of its
own, so the brokers take the records of both.

This is what `transactional.id` is for: the second `initTransactions` raises the epoch, and the zombie is fenced (KIP-98).
"""

from sim import (
    SECOND_US,
    Application,
    ClusterConfig,
    Phase,
    Scenario,
    TopicConfig,
    Workload,
    acknowledged,
    after,
)

SCENARIO = Scenario(
    name="zombie_application",
    question="An application is replaced while it only stood still: whose records are in the log when it goes on?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    applications=(
        Application(name="billing", workload=Workload(phases=(Phase(every_us=20_000),), stands_for="value")),
    ),
    schedule=(
        after(acknowledged(15, by="billing")).pause("billing"),
        after(acknowledged(15, by="billing")).wait(2 * SECOND_US).replace("billing"),
    ),
    repairs_after_us=100_000,  # the old one goes on while its successor is at work
    expects=frozenset({"repeated"}),
    notes="In `acklab watch` follow billing and billing.2: the same values from two producer ids.",
)
