"""A producer's id is no secret, and no broker asks who uses it: under a running producer's id somebody else writes its next batch.

An idempotent producer without a `transactional.id` is known to a partition by a number and by its sequences, nothing else. The
foreign batch has the sequence that is due, so it is appended. The producer's own next batch has that sequence, too, and as many
records: the leader takes it for the foreign one, sent again, and answers with the offset where that one lies. The producer has its
acknowledgement, the record is nowhere, and the next one is in order. Had the batches not been of a size, the producer would have
been refused as out of order, begun a new epoch, and lost nothing.

`make interop` stages it on Apache Kafka 4.3 with Java's producer (UnifiedLog.analyzeAndValidateProducerState,
ProducerStateEntry.findDuplicateBatch). Whoever may write to a topic may do this; ACLs keep out the others, and a
`transactional.id` has an ACL of its own.
"""

from sim import ClusterConfig, KeysInTurn, Phase, Scenario, TopicConfig, Workload, after, phase_ended

SCENARIO = Scenario(
    name="stolen_producer_id",
    question="Somebody else writes under a running producer's id, with its next sequence: what happens to the producer?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=1, replication_factor=3, min_insync_replicas=2),)),
    # Each record fills a batch.
    workload=Workload(records=6, phases=(Phase(), Phase(quiet_us=500_000)), keys=KeysInTurn(1), value_bytes=9_000),
    schedule=(after(phase_ended(1)).write("orders-0", client="thief", of="producer-1"),),
    expects=frozenset({"lost", "misplaced"}),
    notes="Let the thief write two records in its batch (records=2): the producer is refused, takes a new epoch, and loses nothing.",
)
