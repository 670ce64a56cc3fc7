"""A record that no broker takes makes the default configuration write another one twice, and both are acknowledged.

Three records are on their way to a partition that knows the producer. The first is appended; but its followers are slow, the
leader answers REQUEST_TIMED_OUT, and the producer will send it again under its old number, as it should: the leader would recognise it.
The second is larger than the topic takes (`max.message.bytes`). It is refused for good, and its number will never be used: behind
such a gap nothing would be in order any more, so the producer takes a new epoch, in which sequences begin at 0, and numbers
everything anew that has no verdict yet. That is the third record, which cannot be in the log; and the first one, which is. In
the new epoch nobody recognises it.

Kafka's Java producer does the same (`TransactionManager.bumpIdempotentProducerEpoch`, `startSequencesAtBeginning`); `make interop` stages it
on Apache Kafka beside Java. With `acklab.renumber.in.doubt=false`, which the profiles `safe` and `strict_order` set, the gap waits: first
the old record has its answer under its old number, then the new epoch begins for what is behind the gap.
"""

from producer import Record
from sim import ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, leader, phase_ended

SCENARIO = Scenario(
    name="new_epoch_repeats_a_record",
    question="One answer says 'not yet', one record is too large: is the record before it there once?",
    cluster=ClusterConfig(
        topics=(
            TopicConfig("orders", partitions=1, replication_factor=3, min_insync_replicas=2, max_message_bytes=20_000),
        )
    ),
    # Each of the last three fills a batch, so that they are in flight at once; the one in the middle is too large.
    workload=Workload(
        records=(
            Record("orders", b"known"),
            Record("orders", b"A".ljust(9_000, b".")),
            Record("orders", b"B".ljust(30_000, b".")),
            Record("orders", b"C".ljust(9_000, b".")),
        ),
        phases=(Phase(), Phase(share=3, every_us=0)),
    ),
    schedule=(
        after(phase_ended(1)).answer("REQUEST_TIMED_OUT", by=leader("orders-0"), about="orders-0", after_append=True),
    ),
    expects=frozenset({"duplicated"}),
    notes="Try --set acklab.renumber.in.doubt=false: the record in doubt keeps its number, and all is well.",
)
