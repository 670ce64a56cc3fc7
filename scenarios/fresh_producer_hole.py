"""The default configuration breaks its promise once: for a producer id that the partition has never heard of.

A broker that knows nothing of a producer takes any sequence number, since it has nothing to compare it with; and the producer
sends several batches before the first is answered. The leader refuses the first batch for a passing reason and takes the
second one, although a number is missing. Alone, this leaves the first batch stuck: each retry is out of order now, until
its two minutes are over. But here the answer to the second batch is lost as well. The producer has no acknowledgement yet,
so when the first batch is refused as out of order it must believe that the broker has nothing of it: it takes a new epoch, in
which sequences begin at 0, and sends everything again. The first batch now lies behind the second, which is there twice.

Found by `acklab explore --fresh` (the stuck batch after 122 schedules, the rest after 1,744) and shrunk to two faults. `make interop`
stages it on Apache Kafka 4.3: the Java producer, by its `TransactionManager.canRetry`, ends in the same way. Once a partition
has acknowledged one batch of a producer, nothing of the kind happens.
"""

from sim import ClusterConfig, KeysInTurn, Phase, Scenario, TopicConfig, Workload, after, appended, leader, phase_began

SCENARIO = Scenario(
    name="fresh_producer_hole",
    question="The default configuration, a new producer, two small mishaps: is each record there once, and in order?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=1, replication_factor=3, min_insync_replicas=2),)),
    # Each record fills a batch, so that several are in flight at once.
    workload=Workload(records=6, phases=(Phase(every_us=300),), keys=KeysInTurn(1), value_bytes=9_000),
    schedule=(
        after(phase_began(1)).answer("NOT_ENOUGH_REPLICAS", by=leader("orders-0"), about="orders-0"),
        after(appended("orders-0")).drop_response("Produce", by=leader("orders-0"), about="orders-0"),
    ),
    expects=frozenset({"duplicated", "reordered", "key order"}),
    notes="Try --set acklab.fresh.producer.pipelining=false: the first batch of a partition travels alone, and all is well.",
)
