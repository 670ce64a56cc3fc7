"""What is committed in `__consumer_offsets`, record by record, for the invariants of groups: each is handed what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.record_batch import decode_records
from sim.cluster.coordinators.messages import number_of
from sim.cluster.internal_topics import CONSUMER_OFFSETS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from producer.records import TopicPartition
    from sim.judges.invariants.chronicle import Chronicle

Records = list[tuple[int, bytes, bytes | None]]
"""The kind of each record of a batch, by the number in its key, with its key and its value."""


class GroupRecords:
    """How far one invariant has looked, by partition."""

    __slots__ = ("_chronicle", "_looked_at")

    def __init__(self, chronicle: Chronicle) -> None:
        self._chronicle = chronicle
        self._looked_at: dict[TopicPartition, int] = {}

    def are_whole(self, tp: TopicPartition) -> bool:
        """Whether nothing that was committed there was given up (an unclean election): nobody knows then what a group has."""
        return self._chronicle.counts(tp, 0)

    def new(self, tp: TopicPartition) -> Iterator[Records]:
        """Give the records of each batch that was committed since."""
        if tp.topic != CONSUMER_OFFSETS or not self.are_whole(tp):
            return
        committed = self._chronicle.committed_in(tp)
        looked_at = self._looked_at.get(tp, 0)
        self._looked_at[tp] = len(committed)
        for stored in committed[looked_at:]:
            if not stored.header.is_control:
                yield [
                    (number_of(record.key), record.key, record.value)
                    for record in decode_records(stored.data)
                    if record.key is not None
                ]
