"""The default configuration of Kafka's Java producer writes a record twice: a rebootstrap makes it believe a deposed leader.

The network parts: the leader stands alone, the producer is on the side of all others. Another leader is elected; the old one, which nobody
told, goes on taking itself for the leader. The producer finds the new one, which acknowledges three records and appends
a fourth. Before that answer arrives the producer is on the other side. No broker that it knows could be reached for a while, so it
has forgotten the cluster, and begins again with the bootstrap servers (KIP-899); the only one that it can ask is the deposed leader.

A client refuses an older leader epoch, but Java's compares it only as long as it remembers the topic's id; and that was
forgotten with the cluster. So the fourth record is sent to the deposed leader, which never heard of the first three:
OUT_OF_ORDER_SEQUENCE_NUMBER. The producer must believe that the record is nowhere, takes a new epoch, and sends it again. By
then the network is whole, the new leader takes the record a second time, and the application is told of five records, all
acknowledged.

Staged on Apache Kafka 4.3.1 with its Java producer, every property at its default: 3 of 3. `make interop` stages it beside Java.
This project's producer remembers leader epochs for as long as it lives (`acklab.remember.leaders`), unless it is told not to.
"""

from sim import SECOND_US, ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, event, leader, phase_ended

BEHIND_THE_LAST_APPEND = after(event("BatchAppended", nth=5, where={"broker": leader("orders-0")}))

SCENARIO = Scenario(
    name="rebootstrap_believes_a_deposed_leader",
    question="The default configuration of Java's producer, and it begins again at a deposed leader: is each record there once?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=1, replication_factor=3, min_insync_replicas=2),)),
    producer={"acklab.remember.leaders": "false"},
    workload=Workload(records=5, phases=(Phase(), Phase(share=4, every_us=SECOND_US, quiet_us=12 * SECOND_US))),
    schedule=(
        after(phase_ended(1)).reject_link(leader("orders-0")),
        BEHIND_THE_LAST_APPEND.reject_link("producer-1"),
        BEHIND_THE_LAST_APPEND.wait(2 * SECOND_US).open_link("producer-1", "b1"),
    ),
    expects=frozenset({"duplicated"}),
    repairs_after_us=3 * SECOND_US,
    notes="Try --set acklab.remember.leaders=true: the deposed leader is not believed, and all is well.",
)
