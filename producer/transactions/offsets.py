"""One `send_offsets_to_transaction`, which may take two requests: AddOffsetsToTxn (V1 only), then TxnOffsetCommit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.client.ruling import Abortable, Again, Ending, Refind, Ruling
from producer.errors import Code, UsageError, error_code
from producer.records import OffsetAndMetadata, TopicPartition
from producer.transactions.call import TransactionalCall

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from producer.errors import ProducerError
    from producer.records import ConsumerGroupMetadata

SEND_OFFSETS = "send_offsets_to_transaction"

_DROPPED = Abortable(error_code(Code.OPERATION_NOT_ATTEMPTED))


class SendOffsets:
    """What a group has read up to, on its way into the transaction."""

    __slots__ = ("_added", "_committed", "call", "group", "offsets")

    def __init__(
        self,
        offsets: Mapping[TopicPartition, OffsetAndMetadata],
        group: ConsumerGroupMetadata,
        *,
        added: Callable[[SendOffsets, Ending], object],
        committed: Callable[[SendOffsets, Ending], object],
    ) -> None:
        self.offsets = dict(offsets)
        self.group = group
        self.call = TransactionalCall(SEND_OFFSETS)
        self._added = added
        self._committed = committed

    def is_same(self, offsets: Mapping[TopicPartition, OffsetAndMetadata], group: ConsumerGroupMetadata) -> bool:
        """Whether that is what was asked for already, and nobody has heard yet how it ended."""
        return not self.call.is_heard and self.group == group and self.offsets == offsets

    def end(self, error: ProducerError | None = None) -> None:
        """Say how the call ended."""
        self.call.end(error)

    def unless_over(self, ruling: Ruling) -> Ruling:
        """Ask nothing again once the call is over: the transaction is to be aborted."""
        return _DROPPED if self.call.is_over and isinstance(ruling, Again | Refind) else ruling

    def added(self, ending: Ending) -> None:
        """AddOffsetsToTxn has ended."""
        self._added(self, ending)

    def committed(self, ending: Ending) -> None:
        """TxnOffsetCommit has ended."""
        self._committed(self, ending)


def read_offsets(offsets: Mapping[TopicPartition, OffsetAndMetadata | int]) -> dict[TopicPartition, OffsetAndMetadata]:
    """Take offsets as an application gives them, in full or as numbers. Raises UsageError."""
    taken: dict[TopicPartition, OffsetAndMetadata] = {}
    for partition, given in offsets.items():
        offset = given if isinstance(given, OffsetAndMetadata) else OffsetAndMetadata(given)
        # Its type is what is in question.
        number: Any = offset.offset
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            msg = f"the offset of {partition} is {number!r}, must be an int of 0 or more"
            raise UsageError(msg)
        taken[TopicPartition(*partition)] = offset
    return taken
