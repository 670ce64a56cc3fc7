"""The second judge: each promise looked for by hand, all pairs of everything, in final files and in what clients were told.

It is slow, and there is nothing to understand: a record is who its header says, a log is what lies on every disk, and each
function is its promise word for word. It knows neither the ledger nor the trace of what brokers did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from producer.records import TopicPartition
from sim.trace.events import (
    ReaderBegan,
    ReaderEnded,
    ReaderMoved,
    RecordAcknowledged,
    RecordFailed,
    RecordRead,
    RecordSent,
)
from tests.second_judge.disks import NOBODY, Id, Line, Log, named

CLIENTS_EVENTS = (RecordSent, RecordAcknowledged, RecordFailed, RecordRead, ReaderBegan, ReaderMoved, ReaderEnded)


class Evidence:
    """What clients did and were told, in order, and the final logs, and what was removed with its topic or by its settings.

    Of the latter `compacted` is what a later record of its key made old, or a tombstone whose time was over, and `expired` what
    went from where a log began; each with the time at which the first disk had it no longer, in microseconds.
    """

    def __init__(
        self,
        events: list[Any],
        final: Mapping[TopicPartition, Log],
        removed: Iterable[Log] = (),
        compacted: Iterable[tuple[Line, int]] = (),
        expired: Iterable[tuple[Line, int]] = (),
    ) -> None:
        self.clients = [event for event in events if isinstance(event, CLIENTS_EVENTS)]
        self.final = final
        self.compacted = first_times(compacted)
        self.expired = first_times(expired)
        self.removed = {line.record for log in removed for line in log} | {record for record, _ in self.compacted}
        self.sent = {(one.client, one.record): one for one in self.clients if isinstance(one, RecordSent)}

    def told(self, what: type[Any]) -> dict[Id, Any]:
        return {(one.client, one.record): one for one in self.clients if isinstance(one, what)}

    def reads(self) -> list[RecordRead]:
        return [one for one in self.clients if isinstance(one, RecordRead)]

    def readers(self) -> list[str]:
        return list(dict.fromkeys(one.client for one in self.clients if isinstance(one, RecordRead | ReaderBegan)))

    def steps(self, reader: str, tp: TopicPartition) -> list[RecordRead | ReaderMoved]:
        return [
            one
            for one in self.clients
            if isinstance(one, RecordRead | ReaderMoved) and (one.client, one.topic, one.partition) == (reader, *tp)
        ]

    def end_of(self, reader: str, tp: TopicPartition) -> ReaderEnded | None:
        ends = [one for one in self.clients if isinstance(one, ReaderEnded)]
        return next((one for one in ends if (one.client, one.topic, one.partition) == (reader, *tp)), None)

    def taken_from(self, record: Id) -> list[int]:
        """Where a cleaner took a record from, as it may."""
        return [offset for one, offset in self.compacted if one == record]

    def places(self, record: Id) -> list[tuple[TopicPartition, Line]]:
        return [(tp, line) for tp, log in self.final.items() for line in log if line.record == record]


def first_times(lines: Iterable[tuple[Line, int]]) -> dict[tuple[Id, int], int]:
    """Record and offset -> when that was taken from a disk for the first time."""
    times: dict[tuple[Id, int], int] = {}
    for line, at_us in lines:
        place = line.record, line.offset
        times[place] = min(times.get(place, at_us), at_us)
    return times


def lost(evidence: Evidence) -> set[Id]:
    """Acknowledged, and whole on no disk, nor gone with a topic that somebody deleted, or as its settings say."""
    return {
        record
        for record in evidence.told(RecordAcknowledged)
        if not any(line.corrupt < line.disks for _, line in evidence.places(record))
        and (evidence.places(record) or record not in evidence.removed)
    }


def duplicated(evidence: Evidence) -> set[Id]:
    """In the logs more than once."""
    return {record for record in evidence.sent if len(evidence.places(record)) > 1}


def repeated(evidence: Evidence) -> set[Id]:
    """There, and before it was sent, something was sent to the topic that stands for the same and is there as well."""
    found = set()
    for topic, thing in dict.fromkeys((sent.topic, sent.stands_for) for sent in evidence.sent.values()):
        same = [one for one, sent in evidence.sent.items() if (sent.topic, sent.stands_for) == (topic, thing)]
        there = [one for one in same for _ in evidence.places(one)]
        if thing is not None and len(there) > 1:
            found.add(there[-1])
    return found


def phantom(evidence: Evidence) -> set[Id]:
    """Certainly not written, it was said, and there it is."""
    failed = [record for record, told in evidence.told(RecordFailed).items() if told.outcome == "failed"]
    return {record for record in failed if evidence.places(record)}


def reordered(evidence: Evidence) -> set[Id]:
    """Behind a record of the same client that was sent later, by the first place of each in that partition.

    For the one behind that is where a cleaner took it from, if it did.
    """
    found = set()
    for log in evidence.final.values():
        first: dict[Id, int] = {}
        for line in log:
            first.setdefault(line.record, line.offset)
        for one, in_log in first.items():
            offset = min([in_log, *evidence.taken_from(one)])
            for other, its_offset in first.items():
                if one[0] == other[0] and one[1] < other[1] and offset > its_offset:
                    found.add(one)
    return found


def key_order(evidence: Evidence) -> set[Id]:
    """Read by somebody after a record of the same client and key that was sent later, by the first read of each.

    But one that had stood there before, until a cleaner took it, may be read again further on.
    """
    found = set()
    for reader in evidence.readers():
        first: dict[Id, tuple[int, str, bytes]] = {}
        again: set[Id] = set()
        for place, read in enumerate(evidence.reads()):
            if read.client == reader and read.key is not None:
                one = named(read.headers)
                if one not in first and any(offset < read.offset for offset in evidence.taken_from(one)):
                    again.add(one)
                first.setdefault(one, (place, read.topic, read.key))
        for one, (place, *line) in first.items():
            for other, (before, *its_line) in first.items():
                is_behind = one[0] == other[0] and one[1] < other[1] and line == its_line and place > before
                if is_behind and one not in again:
                    found.add(one)
    return found


def misrouted(evidence: Evidence) -> set[Id]:
    """On a disk, or read, otherwise than it was sent."""
    found = set()
    for tp, log in evidence.final.items():
        for line in log:
            held = line.key, line.value, line.headers, line.timestamp_ms
            if line.corrupt or _is_other(evidence, line.record, tp, *held):
                found.add(line.record)
    for read in evidence.reads():
        tp, record = TopicPartition(read.topic, read.partition), named(read.headers)
        if _is_other(evidence, record, tp, read.key, read.value, read.headers, read.timestamp_ms):
            found.add(record)
    return found


def _is_other(evidence: Evidence, record: Id, tp: TopicPartition, *held: object) -> bool:
    sent = evidence.sent.get(record)
    if sent is None:
        return True
    key, value, headers, timestamp_ms = held
    return (
        (sent.topic, sent.key, sent.value, sent.headers) != (tp.topic, key, value, headers)
        or sent.partition not in {-1, tp.partition}
        or sent.timestamp_ms not in {-1, timestamp_ms}
    )


def misplaced(evidence: Evidence) -> set[Id]:
    """In the logs, but not where its application was told, or there, or read there, with another time than it was told."""
    found = set()
    for record, told in evidence.told(RecordAcknowledged).items():
        if told.offset < 0:
            continue
        there = (told.topic, told.partition, told.offset)
        places = evidence.places(record)
        here = [line for tp, line in places if (*tp, line.offset) == there]
        if places and not here and told.offset not in evidence.taken_from(record):
            found.add(record)
        if any(told.timestamp_ms == line.newest_ms != line.timestamp_ms for line in here):
            # Its batch was there already when it came once more: all of them were told the newest time (UnifiedLog.append).
            continue
        times = [line.timestamp_ms for line in here]
        times += [
            read.timestamp_ms
            for read in evidence.reads()
            if named(read.headers) == record and (read.topic, read.partition, read.offset) == there
        ]
        if any(told.timestamp_ms not in {-1, time_ms} for time_ms in times):
            found.add(record)
    return found


def unread(evidence: Evidence) -> set[Id]:
    """In the log behind where a reader began, and never given to it."""
    found = set()
    for began in [one for one in evidence.clients if isinstance(one, ReaderBegan)]:
        for tp, log in evidence.final.items():
            steps = evidence.steps(began.client, tp)
            if tp.topic != began.topic or (not steps and began.begin == "latest"):
                continue
            given = [(one.offset, one.leader_epoch, named(one.headers)) for one in steps if isinstance(one, RecordRead)]
            for line in log:
                is_due = not steps or line.offset >= steps[0].offset
                is_taken = _was_taken_before(evidence, began.client, tp, line)
                if is_due and not is_taken and (line.offset, line.leader_epoch, line.record) not in given:
                    found.add(line.record)
    return found


def _was_taken_before(evidence: Evidence, reader: str, tp: TopicPartition, line: Line) -> bool:
    """Each time that a reader went past it, a disk had it no longer: a cleaner had left a gap, or the log began behind it, so that
    the reader was moved.
    """
    compacted_us = evidence.compacted.get((line.record, line.offset))
    expired_us = evidence.expired.get((line.record, line.offset))
    passes, before = [], None
    for step in evidence.steps(reader, tp):
        if before is not None and before.offset <= line.offset < step.offset:
            passes.append(step)
        before = step
    end = evidence.end_of(reader, tp)
    if not passes and end is not None and end.position > line.offset:
        return compacted_us is not None and compacted_us <= end.at_us
    return bool(passes) and all(
        (compacted_us is not None and compacted_us <= step.at_us)
        or (isinstance(step, ReaderMoved) and expired_us is not None and expired_us <= step.at_us)
        for step in passes
    )


def read_again(evidence: Evidence) -> set[Id]:
    """Given to a reader although it had it, or had a later one since it last moved."""
    found = set()
    for reader in evidence.readers():
        for tp in evidence.final:
            steps = evidence.steps(reader, tp)
            for place, read in enumerate(steps):
                if not isinstance(read, RecordRead):
                    continue
                moves = [at for at, one in enumerate(steps[:place]) if isinstance(one, ReaderMoved)]
                for at, before in enumerate(steps[:place]):
                    if not isinstance(before, RecordRead):
                        continue
                    is_same = _held(before) == _held(read)
                    is_since = not moves or at > moves[-1]
                    if is_same or (is_since and before.offset >= read.offset):
                        found.add(named(read.headers))
    return found


def dirty_read(evidence: Evidence) -> set[Id]:
    """Given to a reader, and not in the log in the end, nor gone with a topic that somebody deleted, or as its settings say."""
    found = set()
    for read in evidence.reads():
        log = evidence.final.get(TopicPartition(read.topic, read.partition), ())
        is_there = _held(read) in [(line.offset, line.leader_epoch, line.record) for line in log]
        if not is_there and named(read.headers) not in evidence.removed:
            found.add(named(read.headers))
    return found


def _held(read: RecordRead) -> tuple[int, int, Id]:
    """What a reader was given: which record, at which offset, of which epoch's batch."""
    return read.offset, read.leader_epoch, named(read.headers)


JUDGES: dict[str, Callable[[Evidence], set[Id]]] = {
    "lost": lost,
    "duplicated": duplicated,
    "repeated": repeated,
    "reordered": reordered,
    "key order": key_order,
    "phantom": phantom,
    "misrouted": misrouted,
    "misplaced": misplaced,
    "unread": unread,
    "read again": read_again,
    "dirty read": dirty_read,
}
"""By the name of the breach, as the oracle has it."""

__all__ = ["JUDGES", "NOBODY", "Evidence"]
