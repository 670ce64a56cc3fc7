"""A stream processor is away for longer than its transactions may stay open: its checkpoint says done, and the output is gone.

`job` reads orders and makes invoices, one transaction to a checkpoint. A checkpoint holds how far it has read; the transaction is
committed when the checkpoint is known to be complete. The process dies in between, which is what the transaction is left open for: the
next process commits it. But it comes forty seconds later, and the transaction's time-out was ten. The coordinator has aborted it; the
next process finds nothing open, goes on behind the checkpoint, and what was read before it is in no invoice.

Flink's documentation warns of it (KafkaSink, Fault Tolerance: transaction.timeout.ms), and raises the time-out to an hour, beyond what
brokers allow by default. `prepared_survives_timeout` is the same with two-phase commit. The next process takes the transaction on with
KIP-939's keep, which is ahead of Apache Kafka; Flink sets the old identity in Java's producer by reflection, and is refused then.
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
    event,
)

SCENARIO = Scenario(
    name="flink_short_transaction_timeout",
    question="A job dies between its checkpoint and its commit, and is away for longer than transaction.timeout.ms: is its output there?",
    cluster=ClusterConfig(
        topics=(TopicConfig("orders"), TopicConfig("invoices")),
        transaction_two_phase_commit=True,
        transaction_state_partitions=1,
    ),
    applications=(
        Application(name="shop", workload=Workload(records=20, phases=(Phase(every_us=200_000),))),
        Application(
            name="job",
            producer={"transactional.id": "job", "transaction.timeout.ms": "10000"},
            processing=Processing(checkpoints=Checkpoints(restarts_after_us=40 * SECOND_US)),
        ),
    ),
    schedule=(after(event("CheckpointTaken", nth=2, where={"client": "job"})).wait(100_000).kill("job"),),
    expects=frozenset({"exactly once"}),
    notes="--set job:transaction.timeout.ms=60000 outlasts the job's absence; nobody knows how long the next one is.",
)
