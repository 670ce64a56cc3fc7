"""acks=1 knows no min.insync.replicas: a leader that is alone acknowledges what nobody else has, and nobody else will miss.

Both followers stand still. The application waits until the leader is the only one in sync, and sends with acks=1: the leader takes it,
although the topic asks for two replicas, and its high watermark stands still meanwhile (KIP-966). Then the leader dies, and the followers
go on. One of them is eligible, since it has everything up to the high watermark; it leads, and what was acknowledged
in between is gone. The application waits until all are in sync before it sends the rest.

With acks=all the same records are refused with NOT_ENOUGH_REPLICAS, and tried again until there are two.
"""

from sim import (
    SECOND_US,
    ClusterConfig,
    Phase,
    Scenario,
    TopicConfig,
    Workload,
    after,
    event,
    in_sync,
    phase_ended,
    phase_sent,
)

ALONE = event("IsrChanged", nth=2)
"""The first follower leaves the ISR, then the second."""

SCENARIO = Scenario(
    name="acks_one_below_min_isr",
    question="acks=1, and the leader is the only replica in sync: does min.insync.replicas=2 protect what it acknowledges?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=1, replication_factor=3, min_insync_replicas=2),)),
    producer={"acks": "1"},
    workload=Workload(phases=(Phase(), Phase(waits_for=ALONE), Phase(waits_for=in_sync("orders-0")))),
    schedule=(
        after(phase_ended(1)).wait(SECOND_US).pause("b2,b3"),
        # A second later somebody lets the followers go on.
        after(phase_sent(2)).wait(SECOND_US).crash("b1"),
    ),
    expects=frozenset({"lost"}),
    notes="Try --set acks=all: the second phase waits for a second replica, and nothing is lost.",
)
