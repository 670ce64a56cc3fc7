"""min.insync.replicas is raised while a follower falls out: acknowledged records go, in the default configuration, and no disk is lost.

The operator asks for more safety: 3 in place of 2. The controller knows it at once; the leader hears of it with its next look at
the metadata. Between the two b2, whose fetches stand still, leaves the ISR. For the controller too few are in
sync now, by the new number: it remembers b2 as a replica that may lead, since nothing can be committed without it (the eligible
leader replicas, ELR, KIP-966). The leader learns from the answer to its proposal who is in sync, but not yet the new number: by the
old one b1 and b3 are enough. It commits and acknowledges what b2 does not have, until the metadata arrives, and refuses from then
on. Then b1 and b3 die, b2 leads, lawfully, and the others cut their logs to its length.

Read in Apache Kafka's source: Partition.effectiveMinIsr asks the metadata, ReplicationControlManager.getTopicEffectiveMinIsr what
the controller has decided, and BrokerMetadataPublisher brings it later than AlterPartition's answer does. Not staged there, where nothing
stands between a broker and its controller for long enough.
"""

from sim import SECOND_US, ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, appended

RAISED = after(appended("orders-0", nth=10))

SCENARIO = Scenario(
    name="raised_minimum_is_not_heard",
    question="min.insync.replicas is raised from 2 to 3 while a follower falls out: is everything safer from then on?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=1, replicas=((1, 2, 3),), min_insync_replicas=2),)),
    # Records as fast as replication: a few of them are told within the few milliseconds that it takes to hear.
    producer={"linger.ms": "0"},
    workload=Workload(records=200, phases=(Phase(share=1), Phase(share=199, every_us=500))),
    schedule=(
        RAISED.alter_topic("orders", "min.insync.replicas", 3),
        RAISED.shrink_isr("orders-0", by="b2", lasts_us=60 * SECOND_US),
        RAISED.wait(8 * SECOND_US).crash("b1,b3"),
    ),
    expects=frozenset({"lost"}),
    notes="Raise it at the first record (change `nth`), so that every broker has heard: nothing is lost.",
)
