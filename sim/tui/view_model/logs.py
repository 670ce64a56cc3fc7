"""Every replica's log at any moment of a run: which batches lie there, who wrote them, and what was cut off."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from producer.records import NO_PRODUCER_ID, NO_SEQUENCE, TopicPartition
from sim.trace import events as cluster
from sim.tui.view_model.transactions import OpenInLog

NEVER = 1 << 62
"""In place of the number of an event: it has not come, and will not."""
REMOVED_WITH_TIME = "no longer kept"
"""Why a batch is gone that was not cut off: by retention, by compaction."""


class Written(NamedTuple):
    """One batch as its leader took it."""

    base_offset: int
    last_offset: int
    leader_epoch: int
    event: int
    """When it was first heard of: the leader's append."""
    client: str = ""
    """Who wrote it; empty where the trace does not hold that."""
    producer_id: int = NO_PRODUCER_ID
    producer_epoch: int = -1
    base_sequence: int = NO_SEQUENCE


class Copy(NamedTuple):
    """A batch on one broker."""

    batch: int
    """Its number among the partition's."""
    removed: int = NEVER
    """The event by which it went."""
    why: str = ""


class Ending(NamedTuple):
    """The end of a transaction in this log."""

    event: int
    batch: int
    """The marker's own number."""
    first_offset: int
    offset: int
    is_commit: bool


class Shown(NamedTuple):
    """A batch as it lies on the brokers at a moment."""

    written: Written
    on: dict[int, Copy]
    """By broker; a copy that was removed by then says when and why."""
    marker: str = ""
    """`COMMIT` or `ABORT` for the end of a transaction."""
    decided: str = ""
    """`open`, `committed` or `aborted` for records of a transaction; else empty."""


class _Replica:
    """One broker's log through the whole trace."""

    __slots__ = ("copies", "events", "live", "starts")

    def __init__(self) -> None:
        self.events: list[int] = []
        """When each copy came: in the order of the trace, so that a moment is found by halving."""
        self.copies: list[Copy] = []
        self.live: list[int] = []
        """Places of those that are there, by offset."""
        self.starts: list[tuple[int, int]] = []
        """(event, first offset from it on)."""

    def add(self, event: int, batch: int) -> None:
        self.live.append(len(self.copies))
        self.events.append(event)
        self.copies.append(Copy(batch))

    def remove(self, places: Sequence[int], event: int, why: str) -> None:
        for place in places:
            self.copies[place] = self.copies[place]._replace(removed=event, why=why)
        gone = frozenset(places)
        self.live = [place for place in self.live if place not in gone]


class _Log:
    """One partition through the whole trace."""

    __slots__ = ("batches", "endings", "numbers", "replicas")

    def __init__(self) -> None:
        self.batches: list[Written] = []
        self.numbers: dict[tuple[int, int], int] = {}
        """(leader epoch, first offset) -> number of the latest batch there."""
        self.replicas: dict[int, _Replica] = {}
        self.endings: dict[int, list[Ending]] = {}
        """By producer id."""

    def replica(self, broker: int) -> _Replica:
        found = self.replicas.get(broker)
        if found is None:
            found = self.replicas[broker] = _Replica()
        return found


class Logs:
    """Those of one trace, linked in one pass; what lies there at a moment is found from its end backwards."""

    __slots__ = ("_logs",)

    def __init__(self, events: Sequence[Any]) -> None:
        self._logs: dict[TopicPartition, _Log] = {}
        takers: dict[type[Any], Callable[[_Log, int, Any], None]] = {
            cluster.BatchAppended: self._appended,
            cluster.BatchReplicated: self._replicated,
            cluster.LogTruncated: self._truncated,
            cluster.LogRestarted: self._restarted,
            cluster.LogStartAdvanced: self._start_advanced,
            cluster.SegmentsDeleted: self._deleted,
            cluster.SegmentsCleaned: self._cleaned,
            cluster.MarkerAppended: self._marker,
        }
        for number, event in enumerate(events):
            taker = takers.get(type(event))
            if taker is not None:
                where = TopicPartition(event.topic, event.partition)
                log = self._logs.get(where)
                if log is None:
                    log = self._logs[where] = _Log()
                taker(log, number, event)

    # -- what is there at a moment -------------------------------------------------------------------------------------

    def at(self, where: TopicPartition, index: int, *, last: int, held: Sequence[OpenInLog] = ()) -> tuple[Shown, ...]:
        """Give the last batches of a partition's logs at event `index`, by offset, what was cut off among them.

        So many of each broker, and of all. `held` is what is open there at that moment (`Transactions.in_logs`).
        """
        log = self._logs.get(where)
        if log is None:
            return ()
        found: dict[int, dict[int, Copy]] = {}
        for broker, replica in sorted(log.replicas.items()):
            place, left = bisect_right(replica.events, index), last
            while place > 0 and left > 0:
                place -= 1
                copy = replica.copies[place]
                if copy.removed <= index and copy.why == REMOVED_WITH_TIME:
                    continue
                left -= 1
                found.setdefault(copy.batch, {})[broker] = copy if copy.removed <= index else Copy(copy.batch)
        # What one broker was asked for so far back that another was not is left out: nobody is said not to have it.
        numbers = sorted(found, key=lambda number: (log.batches[number].base_offset, log.batches[number].leader_epoch))
        return tuple(self._shown(log, number, found[number], index, held) for number in numbers[-last:])

    def start(self, where: TopicPartition, broker: int, index: int) -> int:
        """Give the first offset that a replica still has at event `index`."""
        log = self._logs.get(where)
        replica = None if log is None else log.replicas.get(broker)
        if replica is None:
            return 0
        return next((offset for event, offset in reversed(replica.starts) if event <= index), 0)

    def _shown(self, log: _Log, number: int, on: dict[int, Copy], index: int, held: Sequence[OpenInLog]) -> Shown:
        one = log.batches[number]
        ended = [ending for ending in log.endings.get(one.producer_id, ()) if ending.event <= index]
        for ending in ended:
            if ending.batch == number:
                return Shown(one, on, marker="COMMIT" if ending.is_commit else "ABORT")
        for ending in ended:
            if 0 <= ending.first_offset <= one.base_offset < ending.offset:
                return Shown(one, on, decided="committed" if ending.is_commit else "aborted")
        is_open = any(one.producer_id == it.producer_id and it.first_offset <= one.base_offset for it in held)
        return Shown(one, on, decided="open" if is_open else "")

    # -- taking events -------------------------------------------------------------------------------------------------

    def _appended(self, log: _Log, number: int, event: cluster.BatchAppended) -> None:
        batch = Written(
            event.base_offset,
            event.last_offset,
            event.leader_epoch,
            number,
            event.client,
            event.producer_id,
            event.producer_epoch,
            event.base_sequence,
        )
        log.numbers[event.leader_epoch, event.base_offset] = len(log.batches)
        log.batches.append(batch)
        log.replica(event.broker).add(number, len(log.batches) - 1)

    def _replicated(self, log: _Log, number: int, event: cluster.BatchReplicated) -> None:
        key = (event.leader_epoch, event.base_offset)
        known = log.numbers.get(key)
        if known is None or log.batches[known].last_offset != event.last_offset:
            # Its leader's append is not in this trace, or a compacted batch has other offsets now.
            known = log.numbers[key] = len(log.batches)
            log.batches.append(Written(event.base_offset, event.last_offset, event.leader_epoch, number))
        log.replica(event.broker).add(number, known)

    def _marker(self, log: _Log, number: int, event: cluster.MarkerAppended) -> None:
        batch = log.numbers.get((event.leader_epoch, event.offset), -1)
        ending = Ending(number, batch, event.first_offset, event.offset, event.is_commit)
        log.endings.setdefault(event.producer_id, []).append(ending)

    def _truncated(self, log: _Log, number: int, event: cluster.LogTruncated) -> None:
        replica = log.replica(event.broker)
        gone = []
        for place in reversed(replica.live):
            if log.batches[replica.copies[place].batch].last_offset < event.to_offset:
                break
            gone.append(place)
        replica.remove(gone, number, event.reason)
        if self.start(TopicPartition(event.topic, event.partition), event.broker, number) > event.to_offset:
            replica.starts.append((number, event.to_offset))

    def _restarted(self, log: _Log, number: int, event: cluster.LogRestarted) -> None:
        replica = log.replica(event.broker)
        replica.remove(list(replica.live), number, "log begun anew")
        replica.starts.append((number, event.at_offset))

    def _start_advanced(self, log: _Log, number: int, event: cluster.LogStartAdvanced) -> None:
        log.replica(event.broker).starts.append((number, event.log_start_offset))

    def _deleted(self, log: _Log, number: int, event: cluster.SegmentsDeleted) -> None:
        replica = log.replica(event.broker)
        gone = []
        for place in replica.live:
            if log.batches[replica.copies[place].batch].last_offset >= event.to_offset:
                break
            gone.append(place)
        replica.remove(gone, number, REMOVED_WITH_TIME)

    def _cleaned(self, log: _Log, number: int, event: cluster.SegmentsCleaned) -> None:
        replica, kept = log.replica(event.broker), {base for base, _ in event.batches}
        gone = [
            place
            for place in replica.live
            for one in (log.batches[replica.copies[place].batch],)
            if event.from_offset <= one.base_offset < event.to_offset and one.base_offset not in kept
        ]
        replica.remove(gone, number, REMOVED_WITH_TIME)
