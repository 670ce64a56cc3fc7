"""The one controller is gone for twenty seconds. Leaders lead on; but when a follower dies, nobody can take it out of the ISR.

Metadata stands still: no election, no fencing, no AlterPartition. A leader needs no controller to append and to be
fetched from, so acks=all goes on, as long as the whole ISR lives. Behind the death of a follower it waits: for the controller,
which begins again with its log, and for the session that the controller gives the dead one anew.
"""

from sim import SECOND_US, ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, phase_ended

SCENARIO = Scenario(
    name="no_controller_no_isr_change",
    question="No controller is left: do leaders lead on, and what if a follower dies meanwhile?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", replicas=((1, 2, 3),)),)),
    workload=Workload(records=30, phases=(Phase(), Phase(quiet_us=SECOND_US), Phase(quiet_us=SECOND_US))),
    schedule=(
        after(phase_ended(1)).crash_controller(),
        after(phase_ended(2)).crash("b3"),
        after(phase_ended(1)).wait(20 * SECOND_US).restart_controller(),
    ),
    repairs_after_us=40 * SECOND_US,
    revives_after_us=40 * SECOND_US,
    notes="The second phase is acknowledged without a controller; the third waits until the dead follower is out.",
)
