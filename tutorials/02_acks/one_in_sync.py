"""acks=all, and only one replica is in sync: whom does the leader still wait for?

Both followers stand still long enough for the controller to give them up (nine seconds). The leader is then the only
replica in sync, and acks=all waits for all in-sync replicas: for nobody else. It acknowledges the second half alone. Then the
machine dies, and its disk with it; it is replaced under the same broker id, empty.

With min.insync.replicas=2 the leader refuses to write alone, and nothing is lost.
"""

from sim import (
    SECOND_US,
    ClusterConfig,
    Phase,
    Scenario,
    TopicConfig,
    Workload,
    after,
    followers,
    leader,
    phase_ended,
    phase_sent,
)

SCENARIO = Scenario(
    name="one_in_sync",
    question="acks=all, but the leader alone is in sync when it acknowledges, and its disk dies: are records lost?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", replication_factor=3, min_insync_replicas=1),)),
    producer={"acks": "all"},
    workload=Workload(phases=(Phase(), Phase(quiet_us=12 * SECOND_US))),
    schedule=(
        after(phase_ended(1)).wait(100_000).pause(followers("orders-0")),
        after(phase_sent(2)).wait(SECOND_US).crash(leader("orders-0"), disk="wiped"),
    ),
    expects=frozenset({"lost"}),
    notes="Change min_insync_replicas to 2 and run it again.",
)
