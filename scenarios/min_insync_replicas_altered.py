"""Two of three replicas are down, writes are refused, and somebody lowers min.insync.replicas to get them going again.

acks=all waits for every replica in sync, and min.insync.replicas says how many that must be at least. With 2 the leader alone
refuses to write (NOT_ENOUGH_REPLICAS). With 1 it acknowledges what lies on its own disk and nowhere else; the producer is as
careful as ever. Then that disk is lost. What is more, altering the setting makes the controller forget who else was eligible
to lead (ELR), so when the leader returns with an empty disk there is nobody better, and the others cut their logs to its length.

Seen on Apache Kafka 4.3.1: the partition's `Elr` is empty after the alteration; a leader that returned wiped was elected.
"""

from sim import SECOND_US, ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, phase_began, phase_ended

SCENARIO = Scenario(
    name="min_insync_replicas_altered",
    question="Writes are refused, so somebody lowers min.insync.replicas; then the one disk that has them is lost: what then?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", replicas=((1, 2, 3),), min_insync_replicas=2),)),
    workload=Workload(phases=(Phase(), Phase(quiet_us=5 * SECOND_US))),
    schedule=(
        after(phase_ended(1)).stop("b2,b3"),
        after(phase_began(2)).wait(3 * SECOND_US).alter_topic("orders", "min.insync.replicas", 1),
        after(phase_ended(2)).crash("b1", disk="wiped"),
    ),
    expects=frozenset({"lost"}),
    notes="Leave the alteration out (c in acklab watch): the sends are refused until their time is over, and none is lost.",
)
