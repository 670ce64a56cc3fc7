"""A record arrives after its transaction was aborted, and becomes part of the next one.

Both attempts to send the second order are under way for longer than `delivery.timeout.ms`; the producer gives it up, aborts, and begins the
next transactions with the next epoch (KIP-360), in another partition. Then the network delivers what it had. To the partition the late record
is of the epoch that it knows, in sequence, and it has no reason to think of it as late: a transaction is open there again, of which no
coordinator knows. The fourth order goes to that partition, and its commit marker ends all that its producer has open: the aborted
record is committed.

Two remedies, and each is enough. A leader that asks the coordinator before it takes the first record of a transaction, as those of Kafka
since 3.6 do (`transaction.partition.verification.enable`, which is off here), refuses it. With `transaction.version=2` the marker
raises the epoch in the partition, so that the late record is behind the times: `acklab run late_produce_after_abort+transaction_version=2`.
KIP-890.
"""

from producer import Record
from sim import Application, ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, at, sent

SCENARIO = Scenario(
    name="late_produce_after_abort",
    question="A record arrives after its transaction was aborted: who reads it?",
    cluster=ClusterConfig(
        topics=(TopicConfig("orders", partitions=2),),
        transaction_state_partitions=1,
        transaction_version=1,
        transaction_partition_verification=False,
    ),
    applications=(
        Application(
            name="shop",
            producer={"transactional.id": "shop", "request.timeout.ms": "2000", "delivery.timeout.ms": "3000"},
            workload=Workload(
                records=tuple(
                    Record("orders", value, partition=partition)
                    for value, partition in ((b"first", 0), (b"second", 0), (b"third", 1), (b"fourth", 0))
                ),
                transaction_records=1,
                phases=(Phase(every_us=8_000_000),),
            ),
        ),
    ),
    readers=(at(0).read("orders", isolation="read_committed", name="audit"),),
    schedule=(after(sent(2, by="shop")).detain_request(about="orders-0", by_us=12_000_000, times=2),),
    expects=frozenset({"torn", "aborted read"}),
    notes="With +transaction_version=2 or +transaction_partition_verification=1 behind its name the same schedule holds.",
)
