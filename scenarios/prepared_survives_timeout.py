"""A stream processor is away for longer than any transaction may stay open, and its output is there: the transaction was prepared.

The job and its death are those of `flink_short_transaction_timeout`. But with `transaction.two.phase.commit.enable` its transactions have
no time-out at the coordinator, whatever `transaction.max.timeout.ms` says: whoever prepares one has promised that somebody will decide
about it. The next process keeps what it finds open, compares it with what the checkpoint names, and commits it.

The price is paid by readers with `read_committed`, who wait behind it all the while. KIP-939, ahead of Apache Kafka: its brokers have
transactions without a time-out, and keep nothing for a successor.
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
    name="prepared_survives_timeout",
    question="A job dies between its checkpoint and its commit, and is away for longer than brokers allow: is its output there?",
    cluster=ClusterConfig(
        topics=(TopicConfig("orders"), TopicConfig("invoices")),
        transaction_two_phase_commit=True,
        transaction_state_partitions=1,
        transaction_max_timeout_us=10 * SECOND_US,
    ),
    applications=(
        Application(name="shop", workload=Workload(records=20, phases=(Phase(every_us=200_000),))),
        Application(
            name="job",
            producer={"transactional.id": "job", "transaction.two.phase.commit.enable": "true"},
            processing=Processing(checkpoints=Checkpoints(restarts_after_us=40 * SECOND_US)),
        ),
    ),
    readers=(at(0).read("invoices", isolation="read_committed", name="audit"),),
    schedule=(after(event("CheckpointTaken", nth=2, where={"client": "job"})).wait(100_000).kill("job"),),
    notes="Watch the last stable offset of invoices-0 beside its high watermark: it stands still for forty seconds.",
)
