"""Before a transactional batch is appended: its coordinator says whether the partition is in the transaction, or adds it (KIP-890).

Kafka: ReplicaManager.handleProduceAppend, maybeSendPartitionsToTransactionCoordinator. Where the transaction is open in the log already,
nobody is asked. While the transaction before is ending, a client that has an epoch for each is spared to come again: its broker does.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.transaction_questions import NO_GUARD, Question, operation_of_produce
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from producer.records import TopicPartition
    from producer.wire.record_batch import BatchHeader
    from sim.cluster.broker.handlers.produce_part import Part
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

RETRY_US = 20 * MILLISECOND_US
"""add.partitions.to.txn.retry.backoff.ms."""
RETRY_MAX_US = 100 * MILLISECOND_US
"""add.partitions.to.txn.retry.backoff.max.ms: since the first question, after which the client is told."""

_UNABLE = (
    Code.NETWORK_EXCEPTION,
    Code.COORDINATOR_LOAD_IN_PROGRESS,
    Code.COORDINATOR_NOT_AVAILABLE,
    Code.NOT_COORDINATOR,
)
"""What passes, and what a producer would not expect from a leader: it is told what lets it come again."""


class ProduceVerification:
    """Of the transactional batches of one Produce request."""

    __slots__ = ("_began_us", "_broker", "_header", "_operation", "_parts", "_request", "_then", "_transactional_id")

    def __init__(
        self,
        broker: ServingBroker,
        request: Request,
        transactional_id: str,
        parts: Sequence[Part],
        then: Callable[[], object],
    ) -> None:
        """`parts` are of one producer. `then` is called when each knows its guard, or what is wrong with it."""
        self._broker = broker
        self._request = request
        self._transactional_id = transactional_id
        self._parts = {part.tp: part for part in parts}
        self._then = then
        self._header: BatchHeader = parts[0].header
        self._operation = operation_of_produce(request.version)
        self._began_us = broker.world.now_us

    def begin(self) -> None:
        """Ask about the partitions in which the transaction is not open."""
        broker, operation = self._broker, self._operation
        if not operation.is_epoch_per_transaction and not broker.config.transaction_partition_verification:
            self._then()
            return
        partitions = tuple([tp for tp, part in self._parts.items() if self._needs_word(part)])
        if not partitions:
            self._then()
            return
        producer_id, producer_epoch = self._header.producer_id, self._header.producer_epoch
        question = Question(self._transactional_id, producer_id, producer_epoch, partitions, operation)
        broker.add_partitions.ask(question, partial(self._request.work, self._answered))

    def _needs_word(self, part: Part) -> bool:
        """Take a guard for a partition, or note what is wrong before anybody is asked (UnifiedLog.maybeStartTransactionVerification)."""
        broker, header = self._broker, part.header
        part.code, part.guard = Code.NONE, NO_GUARD
        partition = broker.partitions.get(part.tp)
        if partition is None:
            part.code = broker.code_without_replica(part.tp)
            return False
        if not partition.is_leader:
            part.code = Code.NOT_LEADER_OR_FOLLOWER
            return False
        producers = partition.log.producers
        if producers.is_fenced(header.producer_id, header.producer_epoch):
            part.code = Code.INVALID_PRODUCER_EPOCH
            return False
        if producers.is_in_transaction(header.producer_id, header.producer_epoch):
            return False
        part.guard = producers.verifications.begin(
            header.producer_id,
            header.base_sequence,
            header.producer_epoch,
            now_ms=broker.now_ms,
            is_epoch_per_transaction=self._operation.is_epoch_per_transaction,
        ).guard
        return True

    def _answered(self, wrong: Mapping[TopicPartition, Code]) -> None:
        broker = self._broker
        is_ending = Code.CONCURRENT_TRANSACTIONS in wrong.values()
        has_time = broker.world.now_us - self._began_us < RETRY_MAX_US
        if self._operation.is_epoch_per_transaction and is_ending and has_time:
            broker.host.call_in(RETRY_US, self._request.work, self.begin)
            return
        for tp, code in wrong.items():
            part = self._parts[tp]
            part.code, part.message = self._told(code)
        self._then()

    def _told(self, code: Code) -> tuple[Code, str | None]:
        """Give what the client is told of a coordinator's refusal, and in which words."""
        if code is Code.INVALID_TXN_STATE:
            return code, "Partition was not added to the transaction"
        is_unexpected = code is Code.CONCURRENT_TRANSACTIONS and not self._operation.is_epoch_per_transaction
        if code in _UNABLE or is_unexpected:
            why = f"Unable to verify that the partition was added to the transaction. Underlying error: {code.name}"
            return Code.NOT_ENOUGH_REPLICAS, why
        return code, None
