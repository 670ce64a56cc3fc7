"""What is told of a served cluster counts clients' records: neither ends of transactions nor what coordinators keep are any."""

from __future__ import annotations

from producer.errors import Code
from sim.cluster.topic_config import TopicConfig
from sim.serve.account import Account
from tests.unit.sim.transaction_client import TransactionLab
from tests.unit.sim.transactional_writer import written


def test_ends_of_transactions_are_no_records_of_a_client() -> None:
    lab = TransactionLab(TopicConfig("orders", replicas=((3, 2),)))
    account = Account(lab.cluster)
    pid, epoch = lab.identity()
    line = lab.client.connect(3)
    for is_commit in (True, False):
        assert [written(line, pid, epoch, sequence) for sequence in range(2)] == [Code.NONE] * 2
        pid, epoch = lab.ended(pid, epoch, is_commit=is_commit)

    assert (account.appended_batches, account.appended_records, account.acknowledged_records) == (4, 4, 4)
    assert account.twice == []
