"""With acks=1 the leader alone answers for a record; when it dies before a follower has copied it, the record is gone.

Both followers stand still. A second and a half later the fetches that they had waiting at the leader have run out, so
nothing it appends from now on leaves it. The application sends its second half, and every record is acknowledged. Then the leader's
process is killed; the followers go on, the controller misses the old leader for nine seconds and elects one of them,
which never heard of the second half. When the old leader comes back it must cut its log to the new one's.

Seen on Apache Kafka 4.3.1, three brokers, 6 of 6 times; with acks=all nothing was lost, 6 of 6 times.
The promise is in Kafka's documentation of `acks`.
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
    name="acks_one_leader_crash",
    question="acks=1, the leader acknowledges and dies before anybody copied the records: are they lost?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=1, replication_factor=3, min_insync_replicas=2),)),
    producer={"acks": "1"},
    workload=Workload(phases=(Phase(), Phase(quiet_us=1_500_000))),
    schedule=(
        after(phase_ended(1)).wait(100_000).pause(followers("orders-0")),
        after(phase_sent(2)).wait(SECOND_US).crash(leader("orders-0")),
    ),
    expects=frozenset({"lost"}),
    notes="Try --set acks=all, or --beside default: the same schedule, and nothing is lost.",
)
