"""AddPartitionsToTxn: before the first Produce to them, the coordinator learns to which partitions markers must go (V1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.coordinators import CoordinatorKey, CoordinatorType
from producer.client.ruling import ADD_TO_TRANSACTION, Abortable, Again, Done, Ending, Ruling
from producer.errors import Code
from producer.records import TopicPartition
from producer.transactions.rulings import FENCED, ruling_of
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnTopic,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.records import ProducerIdentity
    from producer.transactions.partitions import PartitionsInTransaction

CLIENTS_VERSION_MAX = 3
"""Later versions are for brokers among themselves (KIP-890)."""

PREVIOUS_ENDS_US = 20_000
"""How soon to ask again for the first partition while the previous transaction is still being ended (KAFKA-5482)."""

_DECISIVE = (*FENCED, Code.UNKNOWN_PRODUCER_ID, Code.TRANSACTION_ABORTABLE)
"""What is about the whole transaction, whichever partition it is told of; besides what is fatal, or to be asked again."""


class AddPartitions:
    """A request of the transaction coordinator that adds what has joined by the time it leaves."""

    __slots__ = ("_ended", "_identity", "_may_bump", "_partitions", "_sent", "target")

    api = ApiKey.ADD_PARTITIONS_TO_TXN
    priority = ADD_TO_TRANSACTION
    at_most: int | None = CLIENTS_VERSION_MAX

    def __init__(
        self,
        transactional_id: str,
        *,
        identity: ProducerIdentity,
        partitions: PartitionsInTransaction,
        may_bump: bool,
        ended: Callable[[Ending], object],
    ) -> None:
        self.target: CoordinatorKey | None = CoordinatorKey(CoordinatorType.TRANSACTION, transactional_id)
        self._identity = identity
        self._partitions = partitions
        self._may_bump = may_bump
        self._ended = ended
        self._sent: list[TopicPartition] = []

    def encode(self, version: int) -> bytes:
        """Give the body of the request, with all that joined so far."""
        assert self.target is not None
        self._sent = self._partitions.asked_for()
        topics: dict[str, list[int]] = {}
        for topic, partition in self._sent:
            topics.setdefault(topic, []).append(partition)
        asked = tuple(AddPartitionsToTxnTopic(name, tuple(numbers)) for name, numbers in topics.items())
        producer_id, epoch = self._identity
        return encode(AddPartitionsToTxnRequest((), self.target.key, producer_id, epoch, asked), version)

    def decode(self, body: bytes, version: int) -> AddPartitionsToTxnResponse:
        """Read an answer. Raises MalformedError."""
        return decode(AddPartitionsToTxnResponse, body, version)

    def take(self, told: AddPartitionsToTxnResponse) -> Ruling:
        """Add all of them, or none: where one is refused, the others were not attempted."""
        codes = {
            TopicPartition(topic.name, one.partition_index): one.partition_error_code
            for topic in told.results_by_topic_v3_and_below
            for one in topic.results_by_partition
        }
        refusal: Abortable | None = None
        for partition in self._sent:
            if partition not in codes:
                # It was left out.
                return Again()
            code = codes[partition]
            ruling = ruling_of(self.api, code, may_bump=self._may_bump)
            if isinstance(ruling, Done):
                continue
            if code == Code.CONCURRENT_TRANSACTIONS and not self._partitions.has_added:
                return Again(PREVIOUS_ENDS_US)
            if not isinstance(ruling, Abortable) or code in _DECISIVE:
                return ruling
            # What was not attempted is no reason; what was, is.
            if refusal is None or refusal.error.code == Code.OPERATION_NOT_ATTEMPTED:
                refusal = ruling
        return Done() if refusal is None else refusal

    def ended(self, ending: Ending, now_us: int) -> None:  # noqa: ARG002 - whenever it was
        """Tell whose request it was."""
        self._ended(ending)
