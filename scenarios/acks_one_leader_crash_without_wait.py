"""The same crash without the wait: a fetch that was waiting at the leader carries its first batch to a paused follower.

A follower's Fetch waits at the leader up to half a second for something to read. Both followers stand still, but their
fetches were under way already: the first append answers them, and the bytes lie in the followers' sockets, which
outlive the pause. When the leader is dead and the followers go on, they read their sockets first. So the first batch of the
second half is saved by chance, and only the rest of what was acknowledged is lost.

Seen on Apache Kafka 4.3.1, three brokers: mostly so (4 of 6 times); how records share a batch decides.
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
    name="acks_one_leader_crash_without_wait",
    question="The same crash, but the followers' fetches still wait at the leader: which record survives by chance?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=1, replication_factor=3, min_insync_replicas=2),)),
    producer={"acks": "1"},
    workload=Workload(phases=(Phase(), Phase(quiet_us=150_000))),
    schedule=(
        after(phase_ended(1)).wait(100_000).pause(followers("orders-0")),
        after(phase_sent(2)).wait(SECOND_US).crash(leader("orders-0")),
    ),
    expects=frozenset({"lost"}),
    notes="Compare with acks_one_leader_crash, which waits until those fetches have run out.",
)
