"""A log is cut short while its broker is down; the broker leads again, and the others cut theirs to it.

All three brokers are stopped in good order, the leader last. Its file loses its last batches meanwhile: a disk that was repaired,
a copy that was not whole. It comes back first. Whoever ended in good order is trusted with what it held (KIP-966), and nobody
looks at what a file ended with before: it is elected, and its followers, which have everything, truncate to the end of its log.

Had the broker crashed instead, it would not have been trusted; had another one come back first, that one would lead, and the cut
log would be filled again.
"""

from sim import SECOND_US, ClusterConfig, Scenario, TopicConfig, Workload, after, phase_ended

STOPPED = after(phase_ended(1))

SCENARIO = Scenario(
    name="segment_cut_short",
    question="All brokers stop in good order, and one disk loses the end of a log: do the other two save it?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=1, replication_factor=3, min_insync_replicas=2),)),
    # Each record fills a batch.
    workload=Workload(records=10, value_bytes=9_000),
    schedule=(
        STOPPED.stop("b2,b3"),
        STOPPED.wait(5 * SECOND_US).stop("b1"),
        STOPPED.wait(20 * SECOND_US).truncate_log("orders-0", on="b1", batches=4),
        STOPPED.wait(21 * SECOND_US).restart("b1"),
    ),
    expects=frozenset({"lost"}),
    notes="Try it without the two that stop first: they lead, and what the file lost is fetched again.",
)
