"""A record arrives after its transaction was aborted, and nobody will ever end it: whoever reads what is committed stands still before it.

As in `late_produce_after_abort`, but the producer has nothing more for that partition. The late record opens a transaction there of which no
coordinator knows, so no time-out ends it, and the last stable offset stays where it is. Another application, without transactions, goes on
writing behind it: all of it is acknowledged and committed, and no reader with `isolation.level=read_committed` is given any of it. On a
real cluster somebody must find it by hand (`kafka-transactions.sh find-hanging`, KIP-664).

A leader that asks the coordinator (`transaction.partition.verification.enable`, off here, on since Kafka 3.6) refuses the record, and so does
one that knows an epoch for each transaction: `acklab run hanging_transaction_pins_lso+transaction_version=2`. KIP-890.
"""

from producer import Record
from sim import (
    SECOND_US,
    Application,
    ClusterConfig,
    Phase,
    Scenario,
    TopicConfig,
    Workload,
    after,
    at,
    sent,
    transaction_ended,
)

SCENARIO = Scenario(
    name="hanging_transaction_pins_lso",
    question="A record arrives after its transaction was aborted, and nobody ends it: what do readers of committed records get?",
    cluster=ClusterConfig(
        topics=(TopicConfig("orders", partitions=1),),
        transaction_state_partitions=1,
        transaction_version=1,
        transaction_partition_verification=False,
    ),
    applications=(
        Application(
            name="shop",
            producer={"transactional.id": "shop", "request.timeout.ms": "2000", "delivery.timeout.ms": "3000"},
            workload=Workload(
                records=(Record("orders", b"first", partition=0), Record("orders", b"second", partition=0)),
                transaction_records=1,
                phases=(Phase(every_us=SECOND_US),),
            ),
        ),
        Application(
            name="audit-log",
            workload=Workload(
                records=10, phases=(Phase(waits_for=transaction_ended(2, by="shop"), every_us=2 * SECOND_US),)
            ),
        ),
    ),
    readers=(at(0).read("orders", isolation="read_committed", name="audit"),),
    schedule=(after(sent(2, by="shop")).detain_request(about="orders-0", by_us=12_000_000, times=2),),
    notes="With +transaction_version=2 or +transaction_partition_verification=1 behind its name everything is read.",
)
