"""Requests about transactions, raw: identities, partitions and positions added, ends, and what the coordinator tells."""

from __future__ import annotations

from typing import Any

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages.add_offsets_to_txn import AddOffsetsToTxnRequest
from producer.wire.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnTopic,
    AddPartitionsToTxnTransaction,
)
from producer.wire.messages.describe_transactions import DescribeTransactionsRequest
from producer.wire.messages.end_txn import EndTxnRequest
from producer.wire.messages.find_coordinator import FindCoordinatorRequest
from producer.wire.messages.init_producer_id import InitProducerIdRequest
from producer.wire.messages.list_transactions import ListTransactionsRequest
from producer.wire.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
)
from sim.cluster.broker.partition_log import PartitionLog
from sim.cluster.coordinators.keys import partition_for
from sim.cluster.coordinators.transactions.transactional_id import TransactionalId
from sim.cluster.topic_config import TopicConfig
from tests.unit.sim.group_client import GROUP, NOT_YET
from tests.unit.sim.raw_client import ORDERS, Lab, RawConnection

STATE = "__transaction_state"
TRANSACTION = "transfer"
PARTITIONS = 4
HOME = TopicPartition(STATE, partition_for(TRANSACTION, PARTITIONS))
"""Where the transactional id is kept."""
STATE_TOPIC = TopicConfig(
    STATE, PARTITIONS, replicas=((1, 2, 4),) * PARTITIONS, cleanup_policy=("compact",), segment_bytes=1 << 20
)
"""Broker 1 coordinates, broker 2 is the next."""
ORDERS_ON_3 = TopicConfig("orders", replicas=((3,),), min_insync_replicas=1)
"""What transactions write to is on a broker that has nothing to do with the coordinator: paused, it keeps markers waiting."""
TRIES_MAX = 400
VERSIONS = (0, 2)
"""How clients end transactions: before KIP-890, and with it."""


class TransactionLab(Lab):
    """A cluster that coordinates a transactional id: by broker 1, while `orders` is on broker 3."""

    def __init__(self, *topics: TopicConfig, **config: Any) -> None:
        super().__init__(STATE_TOPIC, *(topics or (ORDERS_ON_3,)), **({"brokers": 4} | config))
        self.run(0.5)
        self.line = self.client.connect(self.coordinator)

    @property
    def coordinator(self) -> int:
        return self.cluster.leader_of(HOME)

    def found(self, *, broker: int = 1, name: str = TRANSACTION) -> int:
        """Ask a broker once who coordinates; -1 while nobody does."""
        wanted = FindCoordinatorRequest(key_type=1, coordinator_keys=(name,))
        told = self.client.connect(broker).call(ApiKey.FIND_COORDINATOR, wanted).coordinators[0]
        return told.node_id if told.error_code == Code.NONE else -1

    def loaded(self, broker: int) -> RawConnection:
        """Wait until that broker coordinates the id and has read it back; give a line to it."""
        for _ in range(TRIES_MAX):
            connection = self.client.connect(broker)
            if connection.is_open and Code(self.describe(line=connection).error_code) not in NOT_YET:
                self.line = connection
                return connection
            self.run(0.1)
        raise AssertionError(f"broker {broker} does not coordinate {TRANSACTION}")

    def known(self) -> TransactionalId:
        """The id as its coordinator has it in memory."""
        process = self.cluster.brokers[self.coordinator].process
        assert process is not None
        found = next(
            shard.find(TRANSACTION)
            for number, shard in process.transactions.runtime.active()
            if number == HOME.partition
        )
        assert found is not None
        return found

    def log_of(self, tp: TopicPartition) -> PartitionLog:
        """The log of a partition's leader."""
        process = self.cluster.brokers[self.cluster.leader_of(tp)].process
        assert process is not None
        return process.partitions[tp].log

    # -- verbs ---------------------------------------------------------------------------------------------------------

    def init(
        self,
        *,
        pid: int = -1,
        epoch: int = -1,
        timeout_ms: int = 60_000,
        name: str | None = TRANSACTION,
        version: int = 5,
        line: RawConnection | None = None,
    ) -> tuple[Code, int, int]:
        """Ask for an identity once; give code, producer id and epoch."""
        wanted = InitProducerIdRequest(name, timeout_ms, pid, epoch)
        told = (line or self.line).call(ApiKey.INIT_PRODUCER_ID, wanted, version)
        return Code(told.error_code), told.producer_id, told.producer_epoch

    def identity(self, **how: Any) -> tuple[int, int]:
        """Ask for an identity until one is given."""
        for _ in range(TRIES_MAX):
            code, pid, epoch = self.init(**how)
            if code is Code.NONE:
                return pid, epoch
            assert code in (Code.CONCURRENT_TRANSACTIONS, Code.COORDINATOR_LOAD_IN_PROGRESS), code
            self.run(0.05)
        raise AssertionError("no identity")

    def add(
        self,
        pid: int,
        epoch: int,
        *tps: TopicPartition,
        name: str = TRANSACTION,
        version: int = 3,
        line: RawConnection | None = None,
    ) -> Code:
        """Add partitions; give the code of the first."""
        topics = tuple(AddPartitionsToTxnTopic(tp.topic, (tp.partition,)) for tp in tps or (ORDERS,))
        if version < 4:
            wanted = AddPartitionsToTxnRequest((), name, pid, epoch, topics)
            told = (line or self.line).call(ApiKey.ADD_PARTITIONS_TO_TXN, wanted, version)
            return Code(told.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code)
        transaction = AddPartitionsToTxnTransaction(name, pid, epoch, topics=topics)
        told = self.add_several(transaction, version=version, line=line)
        return Code(told[0].topic_results[0].results_by_partition[0].partition_error_code)

    def send_add(self, pid: int, epoch: int) -> int:
        """Add `orders-0` without waiting for the answer."""
        topics = (AddPartitionsToTxnTopic(ORDERS.topic, (ORDERS.partition,)),)
        return self.line.send(
            ApiKey.ADD_PARTITIONS_TO_TXN, AddPartitionsToTxnRequest((), TRANSACTION, pid, epoch, topics), 3
        )

    def add_several(
        self, *transactions: AddPartitionsToTxnTransaction, version: int = 5, line: RawConnection | None = None
    ) -> Any:
        """As brokers ask: for several transactions."""
        wanted = AddPartitionsToTxnRequest(transactions)
        return (line or self.line).call(ApiKey.ADD_PARTITIONS_TO_TXN, wanted, version).results_by_transaction

    def verify(self, pid: int, epoch: int, tp: TopicPartition = ORDERS) -> Code:
        """Ask whether a partition is in the transaction, as a broker does."""
        topics = (AddPartitionsToTxnTopic(tp.topic, (tp.partition,)),)
        told = self.add_several(AddPartitionsToTxnTransaction(TRANSACTION, pid, epoch, True, topics), version=4)
        return Code(told[0].topic_results[0].results_by_partition[0].partition_error_code)

    def add_offsets(self, pid: int, epoch: int, *, group: str = GROUP) -> Code:
        wanted = AddOffsetsToTxnRequest(TRANSACTION, pid, epoch, group)
        return Code(self.line.call(ApiKey.ADD_OFFSETS_TO_TXN, wanted).error_code)

    def end(
        self,
        pid: int,
        epoch: int,
        *,
        is_commit: bool = True,
        client_version: int = 2,
        name: str = TRANSACTION,
        line: RawConnection | None = None,
    ) -> tuple[Code, int, int]:
        """End the transaction once; give code, and with whom the producer goes on (-1 and -1 before KIP-890)."""
        wanted = EndTxnRequest(name, pid, epoch, is_commit)
        told = (line or self.line).call(ApiKey.END_TXN, wanted, 5 if client_version == 2 else 4)
        return Code(told.error_code), told.producer_id, told.producer_epoch

    def send_end(self, pid: int, epoch: int, *, is_commit: bool = True) -> int:
        """End the transaction without waiting for the answer."""
        return self.line.send(ApiKey.END_TXN, EndTxnRequest(TRANSACTION, pid, epoch, is_commit), 5)

    def ended(self, pid: int, epoch: int, **how: Any) -> tuple[int, int]:
        """End the transaction, and wait until every partition has its marker; give with whom the producer goes on."""
        code, next_pid, next_epoch = self.end(pid, epoch, **how)
        assert code is Code.NONE, code
        self.complete()
        return (next_pid, next_epoch) if next_epoch >= 0 else (pid, epoch)

    # -- what is told --------------------------------------------------------------------------------------------------

    def describe(self, name: str = TRANSACTION, *, line: RawConnection | None = None) -> Any:
        wanted = DescribeTransactionsRequest((name,))
        return (line or self.line).call(ApiKey.DESCRIBE_TRANSACTIONS, wanted).transaction_states[0]

    @property
    def state(self) -> str:
        """As DescribeTransactions tells it."""
        told: str = self.describe().transaction_state
        return told

    def complete(self, *, within_s: float = 60) -> str:
        """Run until the transaction is complete; give how it ended."""
        for _ in range(int(within_s / 0.05)):
            state = self.state
            if state.startswith("Complete"):
                return state
            self.run(0.05)
        raise AssertionError(f"the transaction is {self.state}")

    def listed(self, **filters: Any) -> Any:
        """Each id with its state."""
        told = self.line.call(ApiKey.LIST_TRANSACTIONS, ListTransactionsRequest(**filters))
        return [(one.transactional_id, one.transaction_state) for one in told.transaction_states]

    # -- positions -----------------------------------------------------------------------------------------------------

    def commit_offset(
        self,
        line: RawConnection,
        pid: int,
        epoch: int,
        offset: int,
        *,
        generation: int = -1,
        member_id: str = "",
        instance: str | None = None,
        group: str = GROUP,
        tp: TopicPartition = ORDERS,
        metadata: str = "",
        version: int = 3,
    ) -> Code:
        """Commit a position in the transaction, at the group's coordinator."""
        partition = TxnOffsetCommitRequestPartition(tp.partition, offset, -1, metadata)
        topics = (TxnOffsetCommitRequestTopic(tp.topic, (partition,)),)
        wanted = TxnOffsetCommitRequest(TRANSACTION, group, pid, epoch, generation, member_id, instance, topics)
        told = line.call(ApiKey.TXN_OFFSET_COMMIT, wanted, version)
        return Code(told.topics[0].partitions[0].error_code)
