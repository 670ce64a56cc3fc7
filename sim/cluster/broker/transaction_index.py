"""Which transactions of one log were aborted, so that who reads what is committed can pass over what they wrote.

Kafka: TransactionIndex, LocalLog.collectAbortedTransactions. There each segment has one, a file, with the transactions whose markers
are in it; here all of them are one list, in the order of markers, which is read back from the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.cluster.broker.log_transactions import Ended


class TransactionIndex:
    """The aborted transactions whose markers lie in the log."""

    __slots__ = ("_aborted",)

    def __init__(self, aborted: Iterable[Ended] = ()) -> None:
        self._aborted = list(aborted)

    def __len__(self) -> int:
        return len(self._aborted)

    def append(self, aborted: Ended) -> None:
        """An abort marker was written, behind all others."""
        self._aborted.append(aborted)

    def clear(self) -> None:
        """Forget everything, before the log is read again."""
        self._aborted.clear()

    def remove_before(self, base_offset: int) -> None:
        """The segments before that one are gone, and their markers with them."""
        self._aborted = [one for one in self._aborted if one.last_offset >= base_offset]

    def until(self, offset: int) -> tuple[Ended, ...]:
        """Give those whose marker lies before an offset."""
        return tuple([one for one in self._aborted if one.last_offset < offset])

    def overlapping(self, from_offset: int, upper_bound: int, segment_base: int) -> list[Ended]:
        """Give those that wrote into the range from an offset up to a bound; the segment of the offset begins at `segment_base`.

        Markers before that segment are nobody's concern who reads from it on. The search ends with the first marker behind which
        nothing of the range was undecided.
        """
        found: list[Ended] = []
        for one in self._aborted:
            if one.last_offset < segment_base:
                continue
            if one.last_offset >= from_offset and one.first_offset < upper_bound:
                found.append(one)
            if one.last_stable_offset >= upper_bound:
                break
        return found
