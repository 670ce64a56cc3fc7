"""Partitions that transactions write to, on their way to the coordinators: asked whether they are in it, or added (KIP-890).

Kafka: AddPartitionsToTxnManager, one thread of each broker. What there is for one coordinator while a request to it is out goes in the next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnTopic,
    AddPartitionsToTxnTransaction,
)
from sim.cluster.internal_topics import TRANSACTION_STATE
from sim.cluster.peer_link import PeerLink
from sim.cluster.transaction_questions import Operation, Question

if TYPE_CHECKING:
    from sim.cluster.broker.surroundings import Surroundings

Answered = Callable[[Mapping[TopicPartition, Code]], object]
"""Hears what is wrong, by partition."""

VERSION = 5
"""Of AddPartitionsToTxn."""


class _Asked(NamedTuple):
    question: Question
    answered: Answered

    def tell_all(self, code: Code) -> None:
        self.answered(dict.fromkeys(self.question.partitions, code))


class AddPartitionsSender:
    """One broker's. For each coordinator at most one question about a transactional id waits."""

    def __init__(self, broker: Surroundings) -> None:
        self._broker = broker
        self._links: dict[int, PeerLink] = {}
        self._queues: dict[int, dict[str, _Asked]] = {}
        """By coordinator, then by transactional id."""
        self._out: dict[int, None] = {}
        """Coordinators to which a request is out."""
        self._is_awake = False

    def end(self) -> None:
        """Ask nothing any more; nobody is told."""
        for link in self._links.values():
            link.end()
        self._links.clear()
        self._queues.clear()

    def ask(self, question: Question, answered: Answered) -> None:
        """Ask the coordinator, and call `answered` once with what is wrong, by partition: nothing is wrong with the others."""
        coordinator = self._coordinator_of(question.transactional_id)
        asked = _Asked(question, answered)
        if coordinator is None:
            asked.tell_all(Code.COORDINATOR_NOT_AVAILABLE)
            return
        queue = self._queues.setdefault(coordinator, {})
        before = queue.get(question.transactional_id)
        if before is not None:
            if question.producer_epoch < before.question.producer_epoch:
                asked.tell_all(Code.INVALID_PRODUCER_EPOCH)
                return
            del queue[question.transactional_id]
            # Its producer asks again, or is another by now.
            is_shut_out = before.question.producer_epoch < question.producer_epoch
            before.tell_all(Code.INVALID_PRODUCER_EPOCH if is_shut_out else Code.NETWORK_EXCEPTION)
        queue[question.transactional_id] = asked
        self._wake()

    def _coordinator_of(self, transactional_id: str) -> int | None:
        broker = self._broker
        state = broker.image.home_of(transactional_id, TRANSACTION_STATE)
        return state.leader if state is not None and broker.image.is_alive(state.leader) else None

    def _wake(self) -> None:
        if not self._is_awake:
            self._is_awake = True
            self._broker.host.call_in(0, self._work)

    def _work(self) -> None:
        """Send what waits for coordinators to which nothing is out."""
        self._is_awake = False
        if self._broker.is_closing:
            return
        for coordinator in [one for one in self._queues if one not in self._out]:
            self._send(coordinator, tuple(self._queues.pop(coordinator).values()))

    def _send(self, coordinator: int, asked: tuple[_Asked, ...]) -> None:
        if not asked:
            return
        link = self._links.get(coordinator)
        if link is None:
            client_id = f"broker-{self._broker.broker_id}-add-partitions-to-txn"
            link = self._links[coordinator] = PeerLink(self._broker, coordinator, client_id)
        self._out[coordinator] = None
        request = AddPartitionsToTxnRequest(tuple([_transaction(one.question) for one in asked]))
        link.ask(ApiKey.ADD_PARTITIONS_TO_TXN, request, VERSION, partial(self._answered, coordinator, asked))

    def _answered(
        self, coordinator: int, asked: tuple[_Asked, ...], response: AddPartitionsToTxnResponse | None
    ) -> None:
        del self._out[coordinator]
        if response is None:
            for one in asked:
                one.tell_all(Code.NETWORK_EXCEPTION)
        elif response.error_code:
            # Clients know nothing of brokers that are not authorized.
            code = Code(response.error_code)
            for one in asked:
                one.tell_all(Code.INVALID_TXN_STATE if code is Code.CLUSTER_AUTHORIZATION_FAILED else code)
        else:
            results = {result.transactional_id: result for result in response.results_by_transaction}
            for one in asked:
                wrong: dict[TopicPartition, Code] = {}
                for topic in results[one.question.transactional_id].topic_results:
                    for told in topic.results_by_partition:
                        if told.partition_error_code:
                            tp = TopicPartition(topic.name, told.partition_index)
                            wrong[tp] = _told_to_producers(Code(told.partition_error_code), one.question.operation)
                one.answered(wrong)
        self._wake()


def _transaction(question: Question) -> AddPartitionsToTxnTransaction:
    by_topic: dict[str, list[int]] = {}
    for tp in question.partitions:
        by_topic.setdefault(tp.topic, []).append(tp.partition)
    return AddPartitionsToTxnTransaction(
        question.transactional_id,
        question.producer_id,
        question.producer_epoch,
        not question.operation.is_epoch_per_transaction,
        tuple([AddPartitionsToTxnTopic(topic, tuple(numbers)) for topic, numbers in by_topic.items()]),
    )


def _told_to_producers(code: Code, operation: Operation) -> Code:
    """Give the code that producers expect in an answer to a Produce."""
    if code is Code.PRODUCER_FENCED:
        return Code.INVALID_PRODUCER_EPOCH
    if code is Code.TRANSACTION_ABORTABLE and operation is Operation.VERIFY:
        return Code.INVALID_TXN_STATE
    return code
