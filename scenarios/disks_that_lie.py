"""Every disk says that it has flushed, none has, and the power fails: what was acknowledged by all replicas is gone from all.

A replica acknowledges what is in its page cache; Kafka flushes later, and counts on the other replicas meanwhile. Here the
flush, 30 s later, is a word of the disk and nothing more: a cache without a battery, say. The power of the whole room fails,
and each broker comes back with an empty file. acks=all, three replicas and min.insync.replicas=2 count machines, not disks.

Brokers that come back from such an end are not trusted (KIP-966): nobody is eligible, and the last leader known is elected with
what it has, which is nothing.
"""

from sim import SECOND_US, ClusterConfig, Scenario, TopicConfig, Workload, after, phase_began, phase_ended

SCENARIO = Scenario(
    name="disks_that_lie",
    question="Three replicas acknowledged, each disk says that it has flushed, and the power fails: are the records kept?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=1, replication_factor=3, min_insync_replicas=2),)),
    workload=Workload(records=20),
    schedule=(
        after(phase_began(1)).unsync_log("orders-0", on="b1,b2,b3"),
        # Logs are flushed every 30 s: by then each broker believes that it was.
        after(phase_ended(1)).wait(45 * SECOND_US).crash("b1,b2,b3", disk="unflushed lost"),
    ),
    expects=frozenset({"lost"}),
    notes="Without the first fault nothing is lost. With one honest disk it depends on whose broker is elected.",
)
