"""Nobody leads, everybody's log is whole, and a setting is altered: now the controller knows of nobody who may lead.

While fewer replicas are in sync than min.insync.replicas says, the controller remembers those who fell out with a whole log: the
eligible leader replicas (ELR, KIP-966). They are counted by that number; so whoever alters it makes the controller forget them, and
the last leader, too. Where a partition has a leader nothing comes of it. Where every replica is down at that moment, nobody who
comes back is known to have everything, however orderly it went: the partition stays without a leader until one is elected by hand.

Staged on Apache Kafka 4.3.1: two partitions alike, both brokers stopped in good order; the one whose min.insync.replicas was
altered meanwhile stayed leaderless when both were back, the other was led at once.
"""

from sim import SECOND_US, ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, phase_ended

SCENARIO = Scenario(
    name="eligible_replicas_forgotten",
    question="min.insync.replicas is altered while every replica is down: who may lead when they are back?",
    cluster=ClusterConfig(
        brokers=2, topics=(TopicConfig("orders", replicas=((1, 2),), replication_factor=2, min_insync_replicas=2),)
    ),
    workload=Workload(phases=(Phase(), Phase(quiet_us=60 * SECOND_US))),
    schedule=(
        after(phase_ended(1)).stop("b1"),
        after(phase_ended(1)).wait(5 * SECOND_US).stop("b2"),
        after(phase_ended(1)).wait(10 * SECOND_US).alter_topic("orders", "min.insync.replicas", 1),
        after(phase_ended(1)).wait(12 * SECOND_US).restart("b1,b2"),
        # Anybody will do: both have everything, and only the controller does not know.
        after(phase_ended(1)).wait(40 * SECOND_US).elect("orders-0", "unclean"),
    ),
    notes="Without the alteration there is a leader as soon as one is back, and the election by hand is refused.",
)
