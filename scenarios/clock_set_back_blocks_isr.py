"""A leader's clock is set back by ten minutes, and then a follower hangs: nobody misses it until the clock has caught up.

Kafka drops a follower from the ISR that has lagged for 30 s by the leader's calendar (Partition.maybeShrinkIsr asks
System.currentTimeMillis). The follower was last seen in a future that is ten minutes away, so it does not lag yet. As long as it is in
the ISR, acks=all waits for it; the producer gives up after its two minutes, although two of three replicas have everything.
"""

from sim import SECOND_US, ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, leader, phase_ended

SCENARIO = Scenario(
    name="clock_set_back_blocks_isr",
    question="A leader's clock is set back and a follower hangs: when does the leader let it go?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", replicas=((1, 2, 3),)),)),
    workload=Workload(records=20, phases=(Phase(), Phase(quiet_us=SECOND_US))),
    schedule=(
        after(phase_ended(1)).set_clock(leader("orders-0"), ahead_us=-600 * SECOND_US),
        after(phase_ended(1)).hold_link(1, 3),
    ),
    repairs_after_us=200 * SECOND_US,
    duration_us_max=400 * SECOND_US,
    notes="With a clock that goes on as it should, the ISR shrinks within 45 s and every record is acknowledged.",
)
