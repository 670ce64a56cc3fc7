"""The answer to a record of a transaction is lost, and then the one to the end of a transaction: whoever asks again is told the same."""

from sim import (
    Application,
    ClusterConfig,
    NoKeys,
    Phase,
    Scenario,
    TopicConfig,
    Workload,
    after,
    at,
    leader,
    sent,
    transaction_ending,
)

SCENARIO = Scenario(
    name="lost_answers_in_transactions",
    question="Answers are lost in a transaction and at its end: does each record count once?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=2),), transaction_state_partitions=1),
    applications=(
        Application(
            name="shop",
            producer={"transactional.id": "shop"},
            workload=Workload(
                records=8, transaction_records=2, partition=(0, 1), keys=NoKeys(), phases=(Phase(every_us=20_000),)
            ),
        ),
    ),
    readers=(at(0).read("orders", isolation="read_committed", name="audit"),),
    schedule=(
        after(sent(3, by="shop")).drop_response(about="orders-0", by=leader("orders-0"), then="reset"),
        after(transaction_ending(3, by="shop")).drop_response(
            "EndTxn", by="transaction_coordinator(shop)", then="reset"
        ),
    ),
)
