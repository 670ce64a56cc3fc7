"""A member of a group stands still longer than its session, and commits when it goes on: without group metadata it is believed.

Two instances share a topic. Each is given records, sends what it makes of them, and lets its positions count with the same transaction;
each has a `transactional.id` of its own, as Kafka Streams and most others have since KIP-447. `billing-a` stands still for 52 s in the midst
of a transaction. After 45 s (`session.timeout.ms`) its partition is given to `billing-b`, which reads on from the last position that counts, and
makes the same records. Then `billing-a` goes on: nobody has fenced it, for nobody else has its `transactional.id`. It sends the rest, and
commits, positions of a partition that is another's by now included: they came without the member's id and generation, so the coordinator
could not know. What was made of each record of that transaction is in the output twice.

`rebalance_with_group_metadata` is the same with them. The transaction's own time-out is no help: it is 60 s.
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

BILLING = Processing(topic="orders", to="invoices", group="billing", work_us=100_000, gives_metadata=False)

SCENARIO = Scenario(
    name="rebalance_without_group_metadata",
    question="A member that was given up for dead commits its positions without group metadata: is anything processed twice?",
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
    expects=frozenset({"exactly once"}),
    notes="With gives_metadata=True, in a copy of this file, the coordinator refuses: rebalance_with_group_metadata.",
)
