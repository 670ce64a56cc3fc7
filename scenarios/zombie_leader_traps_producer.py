"""A leader that only the controller cannot reach traps a producer for the whole 120 s of a record's life.

The leader is cut off from the controller, and from nobody else. After nine seconds another one is elected, and its followers
turn to that one; the old leader hears nothing of it, and clients can reach it as ever. A record that is sent to it is
appended and waits for replicas that never come: after 30 s it answers REQUEST_TIMED_OUT. Kafka's client asks for metadata
when it hears NOT_LEADER_OR_FOLLOWER, or loses a connection; a broker that ran out of time says nothing about who leads. So
the record is sent to the same broker again, and again, until `delivery.timeout.ms` is over. Two brokers would have taken it all
the while. What the zombie appended is cut off when it hears of the election: the record, of which the producer says that it may
be written or not, is not.

Seen on Apache Kafka 4.3.1 with its Java producer at its defaults, 5 of 6 times; the sixth time the producer's own 30 s were over
before the broker's answer had come, it lost the connection, asked, and found the new leader.
"""

from sim import SECOND_US, ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, leader, phase_ended

SCENARIO = Scenario(
    name="zombie_leader_traps_producer",
    question="The leader is cut off from the controller alone, and another one is elected: does the producer find it?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=1, replication_factor=3, min_insync_replicas=2),)),
    workload=Workload(records=3, phases=(Phase(), Phase(quiet_us=12 * SECOND_US), Phase(quiet_us=20 * SECOND_US))),
    schedule=(after(phase_ended(1)).cut_link("controller", leader("orders-0")),),
    # Nobody repairs anything before the record is given up, 132 s later.
    repairs_after_us=140 * SECOND_US,
    notes="Try --set acks=1: the zombie acknowledges alone, and what it has acknowledged is lost.",
)
