"""The active controller dies, and right behind it the leader of a partition: two elections, one behind the other.

Three controllers are a quorum. The other two fetch the metadata log from the active one; when they could not for two
seconds, one of them asks for votes and leads in the next controller epoch (KIP-595, KIP-996). It goes on from the log, and gives every broker
a whole session to show itself: so the partition's dead leader is missed some nine seconds after that, not after its death. Until
then nobody leads the partition, and the producer waits. Nothing acknowledged is lost.
"""

from sim import SECOND_US, ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, leader, phase_ended

SCENARIO = Scenario(
    name="controller_failover",
    question="The active controller dies, and a partition's leader behind it: how long does nobody lead?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),), controllers=3),
    workload=Workload(records=30, phases=(Phase(), Phase(quiet_us=SECOND_US))),
    schedule=(
        after(phase_ended(1)).crash_controller(),
        after(phase_ended(1)).wait(50_000).crash(leader("orders-0")),
    ),
    repairs_after_us=30 * SECOND_US,
    revives_after_us=30 * SECOND_US,
    notes="Some twelve seconds: two for the controllers (as on Apache Kafka 4.3), nine to ten for the broker's session.",
)
