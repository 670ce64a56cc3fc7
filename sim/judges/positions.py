"""How far groups have come, by what lies in `__consumer_offsets` in the end, as it was read back like any topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.records import TopicPartition
from sim.cluster.coordinators.groups.record_kinds import OFFSET_COMMIT
from sim.cluster.coordinators.messages import number_of
from sim.cluster.internal_topics import CONSUMER_OFFSETS
from sim.judges.groups import Fetched

if TYPE_CHECKING:
    from collections.abc import Collection

    from sim.judges.groups import GroupPartition
    from sim.judges.ledger import Ledger

STORED = "what is stored"
"""Who is told by what lies in `__consumer_offsets` in the end."""


def unread_partitions(ledger: Ledger) -> tuple[TopicPartition, ...]:
    """Partitions of `__consumer_offsets` of which whoever read them back was not given the last record: what they say is not known."""
    if not ledger.is_final:
        return ()
    given = {(read.where, read.offset) for read in ledger.history.read if read.where.topic == CONSUMER_OFFSETS}
    found = []
    for where, lines in ledger.readings.final.items():
        is_read_back = where.topic == CONSUMER_OFFSETS and ledger.readings.has_readers(where)
        if is_read_back and lines and (where, max(lines)) not in given:
            found.append(where)
    return tuple(found)


def stored_positions(ledger: Ledger, but: Collection[TopicPartition] = ()) -> dict[GroupPartition, Fetched]:
    """What the last record of each group and partition says; of a transaction's positions those that it committed.

    Of groups whose members, or whose transactions, tell what they commit; `but` are partitions to pass by.
    """
    if ledger.ended is None or not ledger.is_final:
        return {}
    groups = ledger.history.groups.telling
    newest: dict[GroupPartition, tuple[int, Fetched]] = {}
    for read in ledger.history.read:
        if (
            read.where.topic != CONSUMER_OFFSETS
            or read.where in but
            or read.key is None
            or number_of(read.key) != OFFSET_COMMIT.number
        ):
            continue
        key = OFFSET_COMMIT.read_key(read.key)
        if key.group not in groups:
            continue  # nobody who tells what it commits
        lying = ledger.readings.given[read.event]
        if lying is not None and not ledger.counts_as_position(read.where, lying.entry):
            continue
        place = key.group, TopicPartition(key.topic, key.partition)
        before = newest.get(place)
        if before is None or before[0] < read.offset:
            offset = -1 if read.value is None else OFFSET_COMMIT.read_value(read.value).offset
            at_us = ledger.ended.at_us
            newest[place] = read.offset, Fetched(STORED, offset, at_us, at_us, read.event)
    return {place: fetched for place, (_, fetched) in newest.items()}
