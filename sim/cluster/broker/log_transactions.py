"""The transactions of one log: those that are open, and those that ended above the high watermark. Nobody is told of either to the end.

Kafka: ProducerStateManager.ongoingTxns, unreplicatedTxns, UnifiedLog.firstUnstableOffset. What a transaction is in a log: from the first
batch that its producer wrote to the marker that ends it.
"""

from __future__ import annotations

from typing import NamedTuple


class Ended(NamedTuple):
    """A transaction that a marker ended (CompletedTxn)."""

    producer_id: int
    first_offset: int
    last_offset: int
    """The marker's."""
    last_stable_offset: int
    """Where the last stable offset stands once the marker is committed: the next transaction that was open then, or behind the marker."""
    is_abort: bool


class LogTransactions:
    """By the offset at which each begins. Empty in a log of no transactions, and then it costs nothing."""

    __slots__ = ("_ended", "_open")

    def __init__(self) -> None:
        self._open: dict[int, int] = {}
        """First offset -> producer id, in the order of offsets."""
        self._ended: dict[int, int] = {}
        """First offset -> the marker's, of those whose marker may be above the high watermark."""

    def __bool__(self) -> bool:
        return bool(self._open or self._ended)

    def copy_open(self) -> LogTransactions:
        """Give those that are open, for a snapshot: what ended before it is committed."""
        other = LogTransactions()
        other._open = dict(self._open)
        return other

    def began(self, producer_id: int, first_offset: int) -> None:
        """A producer wrote the first batch of a transaction."""
        self._open[first_offset] = producer_id

    def ended(self, producer_id: int, first_offset: int, marker_offset: int, *, is_abort: bool) -> Ended:
        """A marker ended the transaction that began there."""
        del self._open[first_offset]
        self._ended[first_offset] = marker_offset
        return Ended(producer_id, first_offset, marker_offset, next(iter(self._open), marker_offset + 1), is_abort)

    def clear(self) -> None:
        """Forget everything, before the log is read again."""
        self._open.clear()
        self._ended.clear()

    def first_open(self) -> int | None:
        """Where the first one begins that nobody has ended; None if there is none (firstUndecidedOffset)."""
        return next(iter(self._open), None)

    def last_stable_offset(self, high_watermark: int, start_offset: int) -> int:
        """Up to where everything is decided, and is known to stay so: never above the high watermark."""
        if self._ended:
            # A marker below the high watermark is there for good (onHighWatermarkUpdated).
            for first_offset in [one for one, marker in self._ended.items() if marker < high_watermark]:
                del self._ended[first_offset]
        first_unstable = min([high_watermark, *self._ended], default=high_watermark)
        for first_offset in self._open:
            first_unstable = min(first_unstable, first_offset)
            break
        return min(max(first_unstable, start_offset), high_watermark)
