"""AddPartitionsToTxn 0 to 5: from producers for one transaction, since version 4 from brokers for several (KIP-890).

Kafka: KafkaApis.handleAddPartitionsToTxnRequest. One partition that there is not keeps all others out as well.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.messages.add_partitions_to_txn import (
    AddPartitionsToTxnPartitionResult,
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnResult,
    AddPartitionsToTxnTopicResult,
    AddPartitionsToTxnTransaction,
)
from sim.cluster.broker.handlers.transactions import error_instead, id_error, told_to
from sim.cluster.coordinators.shard import Identity
from sim.cluster.coordinators.transactions.adding import Addition
from sim.cluster.coordinators.transactions.metadata import EPOCH_BUMP_SINCE
from sim.cluster.internal_topics import is_internal
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

_FENCED_SINCE = 2
_SEVERAL_SINCE = 4


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when every transaction has its answer."""
    wanted = request.decode(AddPartitionsToTxnRequest)
    transactions = wanted.transactions
    if request.version >= _SEVERAL_SINCE and not broker.rights.allows_on_cluster(request, Operation.CLUSTER_ACTION):
        request.respond(AddPartitionsToTxnResponse(error_code=Code.CLUSTER_AUTHORIZATION_FAILED))
        return
    if request.version < _SEVERAL_SINCE:
        transactions = (
            AddPartitionsToTxnTransaction(
                wanted.v3_and_below_transactional_id,
                wanted.v3_and_below_producer_id,
                wanted.v3_and_below_producer_epoch,
                topics=wanted.v3_and_below_topics,
            ),
        )
    _Work(broker, request, transactions).begin()


class _Work:
    """One request on its way: what each of its transactions was told."""

    __slots__ = ("_broker", "_request", "_told", "_transactions")

    def __init__(
        self, broker: ServingBroker, request: Request, transactions: tuple[AddPartitionsToTxnTransaction, ...]
    ) -> None:
        self._broker = broker
        self._request = request
        self._transactions = transactions
        self._told: dict[int, AddPartitionsToTxnResult] = {}

    def begin(self) -> None:
        """Ask for each transaction."""
        if not self._transactions:
            self._answer()
        for number, transaction in enumerate(self._transactions):
            self._ask(number, transaction)

    def _ask(self, number: int, transaction: AddPartitionsToTxnTransaction) -> None:
        partitions = tuple(
            [TopicPartition(topic.name, partition) for topic in transaction.topics for partition in topic.partitions]
        )
        is_client = self._request.version < _SEVERAL_SINCE
        if is_client:
            error = id_error(self._broker, self._request, Operation.WRITE, transaction.transactional_id)
        else:
            error = error_instead(self._broker, self._request)
        refused = self._refused(partitions) if is_client else []
        missing = [tp for tp in partitions if tp not in self._broker.image.partitions]
        if error is not None:
            self._take(number, dict.fromkeys(partitions, error))
        elif missing or refused:
            codes = dict.fromkeys(partitions, Code.OPERATION_NOT_ATTEMPTED)
            codes |= dict.fromkeys(missing, Code.UNKNOWN_TOPIC_OR_PARTITION)
            self._take(number, codes | dict.fromkeys(refused, Code.TOPIC_AUTHORIZATION_FAILED))
        else:
            addition = Addition(
                transaction.transactional_id,
                Identity(transaction.producer_id, transaction.producer_epoch),
                partitions,
                EPOCH_BUMP_SINCE if self._request.version >= _SEVERAL_SINCE else 0,
            )
            if transaction.verify_only:
                self._take(number, self._broker.transactions.verify(addition))
            else:
                self._broker.transactions.add(addition, partial(self._request.work, self._added, number, partitions))

    def _refused(self, partitions: tuple[TopicPartition, ...]) -> list[TopicPartition]:
        """Give those to which a client may not write; to internal topics it never may."""
        names = [tp.topic for tp in partitions]
        unauthorized = self._broker.rights.refused(self._request, Operation.WRITE, ResourceKind.TOPIC, names)
        return [tp for tp in partitions if is_internal(tp.topic) or tp.topic in unauthorized]

    def _added(self, number: int, partitions: tuple[TopicPartition, ...], code: Code) -> None:
        self._take(number, dict.fromkeys(partitions, told_to(self._request, code, fenced_since=_FENCED_SINCE)))

    def _take(self, number: int, codes: Mapping[TopicPartition, Code]) -> None:
        by_topic: dict[str, list[AddPartitionsToTxnPartitionResult]] = {}
        for tp, code in codes.items():
            by_topic.setdefault(tp.topic, []).append(AddPartitionsToTxnPartitionResult(tp.partition, code))
        topics = tuple([AddPartitionsToTxnTopicResult(topic, tuple(told)) for topic, told in by_topic.items()])
        self._told[number] = AddPartitionsToTxnResult(self._transactions[number].transactional_id, topics)
        if len(self._told) == len(self._transactions):
            self._answer()

    def _answer(self) -> None:
        told = tuple([result for _, result in sorted(self._told.items())])
        if self._request.version >= _SEVERAL_SINCE:
            self._request.respond(AddPartitionsToTxnResponse(results_by_transaction=told))
        else:
            self._request.respond(AddPartitionsToTxnResponse(results_by_topic_v3_and_below=told[0].topic_results))
