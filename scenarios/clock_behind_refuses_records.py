"""A leader's clock is two hours behind: what carries the right time is from the future there, and refused.

Brokers take no record whose time is more than an hour ahead of their own clock (message.timestamp.after.max.ms, KIP-937).
INVALID_TIMESTAMP is for good: the producer does not retry, so records fail, and only where that broker leads. Nothing
is lost, since nothing was acknowledged. Sessions, heartbeats and time-outs go by another clock and see nothing of it.
"""

from sim import SECOND_US, ClusterConfig, NoKeys, Phase, Scenario, TopicConfig, Workload, after, leader, phase_ended

SCENARIO = Scenario(
    name="clock_behind_refuses_records",
    question="The clock of one leader is two hours behind: does it take records that carry the right time?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=2),)),
    workload=Workload(records=40, partition=(0, 1), keys=NoKeys(), phases=(Phase(), Phase(quiet_us=100_000))),
    schedule=(after(phase_ended(1)).set_clock(leader("orders-0"), ahead_us=-7_200 * SECOND_US),),
    notes="Watch the clocks of brokers; or choose LogAppendTime, under which the leader's own time counts.",
)
