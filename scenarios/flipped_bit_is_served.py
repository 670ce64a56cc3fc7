"""One bit flips on the leader's disk: nobody notices but those who read, and they get no further.

A broker serves the bytes of its log as they are: the producer's CRC was checked when they came, and is there for whoever reads.
Producers go on, and followers, which have the batch already, copy what comes behind it. A reader that had passed the offset goes
on as well. One that begins anew finds at that offset a batch that does not match its CRC, is given an error, and will be given
it again: six records behind the bad one are whole, acknowledged, and out of its reach.

On b2 and b3 the batch is whole. Who leads next serves it, though a reader that stopped has to be told to go on. Had the leader
crashed, its next life would have looked at its log, cut it at the bad batch, and copied the rest from whoever led meanwhile;
had it been stopped in good order, it would not have looked.
"""

from sim import SECOND_US, ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, at, phase_began

SCENARIO = Scenario(
    name="flipped_bit_is_served",
    question="One bit flips on the leader's disk, and two other disks have the batch whole: who notices?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=1, replication_factor=3, min_insync_replicas=2),)),
    # Each record fills a batch.
    workload=Workload(records=10, value_bytes=9_000, phases=(Phase(), Phase(quiet_us=2 * SECOND_US))),
    readers=(at(0).read("orders", name="audit"),),
    schedule=(after(phase_began(2)).flip_bit("orders-0", on="b1", offset=3),),
    expects=frozenset({"misrouted", "unread"}),
    notes="Add --fault 'after PhaseEnded#1 phase=2: move orders-0 to b2': all is read again. Or crash b1 there: its log is mended, too.",
)
