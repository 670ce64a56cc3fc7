"""A log as it lies on a disk: its batches, where its segments begin, and what is known of batches that lie there no longer.

Kafka: LocalLog, LogSegments; LeaderEpochCheckpointFile and the producers' snapshots beside them. There each segment is a file that
is named after its first offset; here all of them are one file, and a list of those names. A name, a checkpoint and a snapshot are
there, or are not: no loss of power takes half of one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from sim.cluster.broker.log_transactions import Ended
from sim.cluster.broker.producer_state import ProducerStates
from sim.cluster.stored_batch import StoredBatch
from sim.world.disk import DiskFile

_base_offset = itemgetter(0)


class Remnant(NamedTuple):
    """What batches have left that are removed, or no longer as they were written."""

    offset: int
    """They lay before it."""
    epochs: tuple[tuple[int, int], ...]
    """Leader epochs that began at that offset or before it, and where."""
    producers: ProducerStates
    """The producers as they were known at that offset."""
    aborted: tuple[Ended, ...] = ()
    """The transactions that were aborted by markers before that offset."""
    at_start: Remnant | None = None
    """What was known where the log begins, of what was removed there: a cut behind that leaves it as it was."""

    def cut(self, first_offset: int, to_offset: int) -> Remnant:
        """Give what is left of it where the log is cut before its offset: epochs that began until then, and the producers of the log's start.

        The log is read again for others, from its first offset on: what compaction took of them is known no longer, as in Kafka
        between two snapshots (ProducerStateManager.truncateAndReload).
        """
        epochs = tuple([one for one in self.epochs if one[1] < to_offset])
        start = self.at_start
        if start is not None and start.offset <= first_offset:
            return start._replace(epochs=epochs)
        return Remnant(first_offset, epochs, ProducerStates())


class LogFile(DiskFile[StoredBatch]):
    """The batches of one log, in segments. There is always one, empty or not: the last, which is written to."""

    __slots__ = ("bases", "remnant")

    def __init__(self) -> None:
        super().__init__()
        self.bases = [0]
        """The first offset of each segment, the oldest first."""
        self.remnant: Remnant | None = None
        """None as long as nothing was removed but from the end."""

    @property
    def end_offset(self) -> int:
        """The offset after the last record, or where the last segment begins, if that is empty."""
        last = self.bases[-1]
        return max(self.entries[-1].last_offset + 1, last) if self.entries else last

    def place_of(self, offset: int) -> int:
        """How many batches begin before that offset."""
        return bisect_left(self.entries, offset, key=_base_offset)

    def roll(self, base_offset: int) -> None:
        """Begin another segment."""
        if base_offset > self.bases[-1]:
            self.bases.append(base_offset)

    def truncate(self, length: int) -> None:
        """See `DiskFile`; segments behind the new end are gone."""
        super().truncate(length)
        self._drop_segments_behind()

    def lose_unflushed(self) -> None:
        """See `DiskFile`; what the next life finds are segments up to the first that lost something."""
        super().lose_unflushed()
        self._drop_segments_behind()

    def _drop_segments_behind(self) -> None:
        end_offset = self.entries[-1].last_offset + 1 if self.entries else self.bases[0]
        while len(self.bases) > 1 and self.bases[-1] > end_offset:
            self.bases.pop()
        if self.remnant is not None and self.remnant.offset > self.end_offset:
            self.remnant = self.remnant.cut(self.bases[0], self.end_offset)

    def replace(self, base_offset: int, end_offset: int, batches: Sequence[StoredBatch], remnant: Remnant) -> None:
        """Put one segment in the place of those from that first offset on, up to the one that begins at `end_offset`.

        It was flushed before it takes that name (LocalLog.replaceSegments), so all of it is there after a loss of power, or, where
        the disk has not done what it said, nothing of it.
        """
        first, last = self.place_of(base_offset), self.place_of(end_offset)
        self.entries[first:last] = batches
        self.bases = [base for base in self.bases if not base_offset < base < end_offset]
        known = self.remnant
        if known is not None and remnant is not known:
            remnant = remnant._replace(at_start=known if known.offset <= self.bases[0] else known.at_start)
        self.remnant = remnant
        if self.is_unsynced:
            self.flushed = min(self.flushed, first)
        else:
            self.flushed = max(first + len(batches), self.flushed + len(batches) - (last - first))

    def remove_before(self, base_offset: int, remnant: Remnant) -> None:
        """Remove the segments before the one that begins there, durably."""
        self.bases = [base for base in self.bases if base >= base_offset]
        assert self.bases, f"no segment begins at {base_offset} or behind it"
        self._remove(self.place_of(base_offset))
        self.remnant = remnant

    def _remove(self, count: int) -> None:
        del self.entries[:count]
        self.flushed = max(self.flushed - count, 0)

    def restart(self, at_offset: int) -> None:
        """Remove everything, and go on with an empty segment that begins there."""
        self.entries.clear()
        self.flushed = 0
        self.bases = [at_offset]
        self.remnant = None
