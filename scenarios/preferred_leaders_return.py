"""A broker dies and comes back with nothing to do; a while later the controller gives it back what it led.

The first of a partition's replicas is its preferred leader. From time to time (auto.leader.rebalance.enable, every five minutes
by default, here every 20 s) the controller looks for partitions that somebody else leads and, where the preferred leader is
alive and in sync again, lets it lead. To a producer that is one more leader that moves: NOT_LEADER_OR_FOLLOWER, new
metadata, the same batch again.

Seen on Apache Kafka 4.3.1, whose controller asks nothing else: KRaft has no leader.imbalance.per.broker.percentage.
"""

from sim import SECOND_US, ClusterConfig, Phase, Scenario, TopicConfig, Workload, acknowledged, after

SCENARIO = Scenario(
    name="preferred_leaders_return",
    question="A leader dies, comes back, and is given its partitions again in mid-stream: does every promise hold?",
    cluster=ClusterConfig(
        topics=(TopicConfig("orders", partitions=3, min_insync_replicas=2),),
        leader_imbalance_check_interval_us=20 * SECOND_US,
    ),
    workload=Workload(records=300, phases=(Phase(every_us=150_000),)),
    schedule=(
        after(acknowledged(10)).crash("b1"),
        after(acknowledged(10)).wait(10 * SECOND_US).restart("b1"),
    ),
    notes="Try --set acks=1, or move it by hand: --fault 'at 30s: elect orders-0 preferred if possible'.",
)
