"""A group's coordinator dies, and another broker coordinates: nobody has what another has, and nothing committed is forgotten.

Two groups read the same topic, one by the classic protocol, one by the consumer protocol (KIP-848). When everything is read, and the
last position committed, their coordinator dies; each group gets one more member, which goes on where the group has come. What a group knows of itself lies in `__consumer_offsets`, a partition with replicas like any other: its leader
coordinates, and who leads next reads it back. So a position that a member was told is remembered is there, and so is who has which
partition. A member that is not heard of within its session is taken for gone, and is told so when it asks.

What the members were told is judged (two owners, forgotten), and what lies on the disks is watched while the run goes on.
"""

from sim import SECOND_US, ClusterConfig, Phase, Scenario, TopicConfig, Workload, at

SCENARIO = Scenario(
    name="coordinator_fails_over",
    question="The coordinator of two groups dies: does anybody read what is another's, and is a position forgotten?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=4),), offsets_topic_partitions=1),
    workload=Workload(records=40, phases=(Phase(every_us=300_000), Phase(quiet_us=30 * SECOND_US, every_us=300_000))),
    readers=(
        at(0).read("orders", group="billing", name="billing-1"),
        at(5 * SECOND_US).read("orders", group="billing", name="billing-2"),
        at(0).read("orders", group="audit", protocol="consumer", name="audit-1"),
        at(5 * SECOND_US).read("orders", group="audit", protocol="consumer", name="audit-2"),
    ),
    schedule=(
        at(16 * SECOND_US).crash("coordinator(audit)"),
        at(28 * SECOND_US).read("orders", group="billing", name="billing-3"),
        at(28 * SECOND_US).read("orders", group="audit", protocol="consumer", name="audit-3"),
    ),
    notes="--fault 'at 20s: close audit-1' lets a member go, --fault 'at 8s: cut billing-1 <-> *' lets one fall silent.",
)
