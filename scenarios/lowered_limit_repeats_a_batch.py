"""A topic takes smaller batches from now on; one that it has taken already comes again, and is written a second time in parts.

A batch is appended and its answer lost, so the producer sends it again under the same number; the leader would recognise it. But
meanwhile somebody has lowered the topic's `max.message.bytes`, and a leader looks at the size of a batch before it looks at who sends
it: MESSAGE_TOO_LARGE. So the producer splits the batch (KIP-126). The parts share its numbers, and none of them is a batch that the
leader knows: out of order. The producer must believe that nothing of it is in the log, takes a new epoch, and all is there twice.

Kafka's Java producer does the same (`Sender.completeBatch`, `ProducerBatch.split`). With `acklab.renumber.in.doubt=false`, which the
profiles `safe` and `strict_order` set, a batch that may be in the log is not split: its records end with an unknown outcome.
"""

from sim import ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, appended, leader, phase_ended

SCENARIO = Scenario(
    name="lowered_limit_repeats_a_batch",
    question="The answer to a batch is lost, and when it comes again the topic takes no such large ones: is it there once?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=1, replication_factor=3, min_insync_replicas=2),)),
    workload=Workload(records=7, phases=(Phase(), Phase(share=6, every_us=0)), value_bytes=1_000),
    schedule=(
        after(phase_ended(1)).drop_response("Produce", by=leader("orders-0"), about="orders-0"),
        after(appended("orders-0", nth=2)).alter_topic("orders", "max.message.bytes", 4_000),
    ),
    expects=frozenset({"duplicated"}),
    notes="Try --set acklab.renumber.in.doubt=false: nothing is there twice, and six outcomes are unknown.",
)
