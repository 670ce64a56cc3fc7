"""What lies in `__consumer_offsets` at the end of a run: the last position of each group in each partition, by the bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from producer.records import TopicPartition
from sim.cluster.coordinators.groups.record_kinds import OFFSET_COMMIT
from sim.cluster.coordinators.messages import number_of
from sim.cluster.internal_topics import CONSUMER_OFFSETS
from tests.second_judge.disks import Log

NO_POSITION = -1


class Place(NamedTuple):
    """A group, and a partition that it reads."""

    group: str
    where: TopicPartition


def stored_positions(final: Mapping[TopicPartition, Log]) -> dict[Place, int]:
    """How far each group has come in each partition, by the last record that says so; `NO_POSITION` where that takes it back."""
    stored: dict[Place, int] = {}
    for where, log in final.items():
        for line in sorted(log, key=lambda line: line.offset):
            if where.topic == CONSUMER_OFFSETS and line.key is not None and number_of(line.key) == OFFSET_COMMIT.number:
                key = OFFSET_COMMIT.read_key(line.key)
                place = Place(key.group, TopicPartition(key.topic, key.partition))
                stored[place] = NO_POSITION if line.value is None else OFFSET_COMMIT.read_value(line.value).offset
    return stored
