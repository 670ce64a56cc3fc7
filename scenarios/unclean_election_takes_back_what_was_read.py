"""An unclean election takes back what was acknowledged, and what somebody has read already.

Both followers stand still until they have left the ISR; min.insync.replicas is 1, so the leader goes on alone. It commits and
acknowledges the second half, and a reader is given all of it. Then the leader dies and the followers go on. With
unclean.leader.election.enable one of them is elected, which never heard of the second half: it is gone, from the log but not
from the reader's books. The reader asks the new leader where the old epoch ends in its log (KIP-320), learns that the
log was cut, and goes on from there, so it is given all that is written afterwards.

Who reads only after the event sees a log without a gap and cannot know. The promise is in Kafka's documentation of
`unclean.leader.election.enable`.
"""

from sim import (
    SECOND_US,
    ClusterConfig,
    Phase,
    Scenario,
    TopicConfig,
    Workload,
    after,
    at,
    followers,
    leader,
    phase_ended,
)

SCENARIO = Scenario(
    name="unclean_election_takes_back_what_was_read",
    question="An unclean election takes back what was committed: what has somebody who read it meanwhile?",
    cluster=ClusterConfig(
        topics=(TopicConfig("orders", partitions=1, min_insync_replicas=1),), unclean_leader_election=True
    ),
    workload=Workload(
        phases=(Phase(), Phase(quiet_us=60 * SECOND_US), Phase(quiet_us=30 * SECOND_US)),
    ),
    readers=(at(0).read("orders", name="audit"),),
    schedule=(
        after(phase_ended(1)).pause(followers("orders-0")),
        after(phase_ended(2)).wait(SECOND_US).crash(leader("orders-0")),
    ),
    expects=frozenset({"lost", "dirty read"}),
    notes="Without the reader (an empty readers) only lost is left: nobody has seen what is gone.",
)
