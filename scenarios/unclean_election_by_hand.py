"""Nobody leads, and somebody loses patience: a leader is elected by hand, although others have what it lacks.

One replica falls behind; the other two go on and acknowledge (min.insync.replicas=2 is still kept). Then both of them die, and the
laggard alone comes back. It is not in sync and not eligible, so the controller elects nobody: Kafka would rather serve nobody
than lose what was acknowledged. The operator's tool says otherwise (`kafka-leader-election --election-type unclean`). When the
others are back they cut their logs to the length of the new leader's.

Kafka's design page, "Unclean leader election: what if they all die?"; ElectLeaders; seen on Apache Kafka 4.3.1.
"""

from sim import SECOND_US, ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, phase_ended

SCENARIO = Scenario(
    name="unclean_election_by_hand",
    question="Every replica in sync is down, and somebody elects the one that is left by hand: what becomes of the records?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", replicas=((1, 2, 3),), min_insync_replicas=2),)),
    workload=Workload(phases=(Phase(), Phase(quiet_us=12 * SECOND_US))),
    schedule=(
        after(phase_ended(1)).crash("b3"),
        after(phase_ended(2)).crash("b1,b2"),
        after(phase_ended(2)).wait(12 * SECOND_US).restart("b3"),
        after(phase_ended(2)).wait(20 * SECOND_US).elect("orders-0", "unclean"),
    ),
    expects=frozenset({"lost"}),
    notes="Leave the last fault out (c in acklab watch): nobody leads until the others are back, and nothing is lost.",
)
