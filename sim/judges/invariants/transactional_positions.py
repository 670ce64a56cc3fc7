"""Transactional positions: a group is told of no position that a transaction holds, or held when it aborted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.records import TopicPartition
from producer.wire.record_batch import decode_records
from sim.cluster.coordinators.groups.record_kinds import OFFSET_COMMIT
from sim.cluster.coordinators.messages import number_of
from sim.cluster.internal_topics import CONSUMER_OFFSETS
from sim.judges.invariants.end_markers import end_marker_in
from sim.judges.invariants.invariant import Invariant
from sim.trace.events import HighWatermarkAdvanced, OffsetFetchAnswered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.cluster.stored_batch import StoredBatch
    from sim.judges.invariants.chronicle import Chronicle

Place = tuple[str, str, int]
"""A group, a topic and a partition."""


class TransactionalPositions(Invariant):
    """Knows of every place where a transaction wrote a position which positions count: plain ones, and those of commits."""

    NAME = "transactional positions"
    PROMISE = "a position of a transaction is told to nobody before that commits, nor ever if it aborts"

    def __init__(self, chronicle: Chronicle) -> None:
        super().__init__(chronicle)
        self._looked_at: dict[TopicPartition, int] = {}
        self._open: dict[tuple[TopicPartition, int], list[tuple[Place, int]]] = {}
        """What each producer's open transaction holds in a partition of `__consumer_offsets`."""
        self._counting: dict[Place, dict[int, None]] = {}
        self._transactional: dict[Place, None] = {}

    def takes(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {HighWatermarkAdvanced: self._advanced, OffsetFetchAnswered: self._told}

    def look(self) -> None:
        for state in self.chronicle.states():
            self._read(state.tp)

    def _advanced(self, event: HighWatermarkAdvanced) -> None:
        if event.topic == CONSUMER_OFFSETS:
            self._read(TopicPartition(event.topic, event.partition))

    def _read(self, tp: TopicPartition) -> None:
        if tp.topic != CONSUMER_OFFSETS or not self.chronicle.counts(tp, 0):
            return
        committed = self.chronicle.committed_in(tp)
        looked_at = self._looked_at.get(tp, 0)
        self._looked_at[tp] = len(committed)
        for stored in committed[looked_at:]:
            self._take(tp, stored)

    def _take(self, tp: TopicPartition, stored: StoredBatch) -> None:
        header = stored.header
        if header.is_control:
            marker = end_marker_in(stored.data)
            held = self._open.pop((tp, header.producer_id), [])
            if marker is not None and marker.is_commit:
                for place, offset in held:
                    self._counting.setdefault(place, {})[offset] = None
            return
        for record in decode_records(stored.data):
            if record.key is None or record.value is None or number_of(record.key) != OFFSET_COMMIT.number:
                continue
            key = OFFSET_COMMIT.read_key(record.key)
            place = (key.group, key.topic, key.partition)
            offset = OFFSET_COMMIT.read_value(record.value).offset
            if header.is_transactional:
                self._transactional[place] = None
                self._open.setdefault((tp, header.producer_id), []).append((place, offset))
            else:
                self._counting.setdefault(place, {})[offset] = None

    def _told(self, event: OffsetFetchAnswered) -> None:
        place = (event.group, event.topic, event.partition)
        if place not in self._transactional or event.offset < 0 or event.offset in self._counting.get(place, {}):
            return
        if all(self.chronicle.counts(state.tp, 0) for state in self.chronicle.states()):
            self.breach(
                f"group {event.group} is told offset {event.offset} of {event.topic}-{event.partition}, "
                "which no transaction has committed"
            )
