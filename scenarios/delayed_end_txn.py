"""A commit is on its way for longer than its producer waits, and arrives in the midst of the next transaction: that one is torn.

The EndTxn of the first transaction is under way for 12 s. After 3 s (`request.timeout.ms`) the producer asks again on another connection,
and is told that it is committed. The second transaction begins on the same epoch: nothing tells its EndTxn from the one before. When the
late one arrives, the coordinator takes it for the end of the second transaction, and commits what is there by then, one of two records.
Readers of what is committed are given it, and nobody has asked for that yet. The other record is too large for the topic
(`max.message.bytes`), so the application aborts the transaction, and is told that it is aborted.

With KIP-890 (`transaction.version=2`) each transaction has an epoch of its own, and the late EndTxn is refused:
`acklab run delayed_end_txn+transaction_version=2`. KAFKA-17754.
"""

from producer import Record
from sim import (
    Application,
    ClusterConfig,
    Phase,
    Scenario,
    TopicConfig,
    Workload,
    after,
    at,
    transaction_ending,
)

SCENARIO = Scenario(
    name="delayed_end_txn",
    question="A commit arrives so late that the next transaction is under way: what does it commit?",
    cluster=ClusterConfig(
        topics=(TopicConfig("orders", partitions=2, max_message_bytes=1_000),),
        transaction_state_partitions=1,
        transaction_version=1,
    ),
    applications=(
        Application(
            name="shop",
            producer={"transactional.id": "shop", "request.timeout.ms": "3000"},
            workload=Workload(
                records=(
                    Record("orders", b"first, for one", partition=0),
                    Record("orders", b"first, for the other", partition=1),
                    Record("orders", b"second, for one", partition=0),
                    Record("orders", b"second, for the other".ljust(2_000, b"."), partition=1),
                ),
                transaction_records=2,
                phases=(Phase(every_us=7_000_000),),
            ),
        ),
    ),
    readers=(at(0).read("orders", isolation="read_committed", name="audit"),),
    schedule=(
        after(transaction_ending(1, by="shop")).detain_request(
            "EndTxn", to="transaction_coordinator(shop)", by_us=12_000_000
        ),
    ),
    expects=frozenset({"torn", "aborted read"}),
    notes="With +transaction_version=2 behind its name the same schedule holds: the late commit has the epoch of the first one.",
)
