"""A stream processor that dies wherever it can, and its coordinator with it: each order is in one invoice all the same.

`job` reads orders, makes two invoices of each, and commits them behind a checkpoint (Flink's two-phase commit sink). It is killed between
a checkpoint and the commit, when the next process has to commit what was prepared; then amid a transaction, when the next process finds
one open that no checkpoint names, and has to abort it. Meanwhile the coordinator of its transactional.id is killed, and another broker has
to know what was prepared, and for whom it is kept.

With `transaction.two.phase.commit.enable` (KIP-939), ahead of Apache Kafka: its brokers keep no prepared transaction for a successor.
"""

from sim import (
    SECOND_US,
    Application,
    Checkpoints,
    ClusterConfig,
    Phase,
    Processing,
    Scenario,
    TopicConfig,
    Workload,
    after,
    at,
    event,
)

SCENARIO = Scenario(
    name="flink_two_phase_commit",
    question="A job dies behind its checkpoint, its successor amid a transaction, the coordinator in between: is each order in one invoice?",
    cluster=ClusterConfig(
        topics=(TopicConfig("orders"), TopicConfig("invoices", partitions=2)),
        transaction_two_phase_commit=True,
        transaction_state_partitions=1,
    ),
    applications=(
        Application(name="shop", workload=Workload(records=60, phases=(Phase(every_us=400_000),))),
        Application(
            name="job",
            producer={"transactional.id": "job", "transaction.two.phase.commit.enable": "true"},
            processing=Processing(parts=2, checkpoints=Checkpoints()),
        ),
    ),
    readers=(at(0).read("invoices", isolation="read_committed", name="audit"),),
    schedule=(
        after(event("CheckpointTaken", nth=2, where={"client": "job"})).wait(100_000).kill("job"),
        after(event("CheckpointTaken", nth=2, where={"client": "job"}))
        .wait(SECOND_US)
        .crash("transaction_coordinator(job)"),
        after(event("TransactionBegan", nth=5)).wait(300_000).kill("job"),
    ),
    notes="--set job:transaction.two.phase.commit.enable=false leaves it to the time-out, which is a minute: it is enough here.",
)
