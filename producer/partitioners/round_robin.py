"""Each record to the next partition, whatever its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.partitioners.partitioner import Partitioner

if TYPE_CHECKING:
    from producer.partitioners.partitioner import Partitions
    from producer.records import Record


class RoundRobinPartitioner(Partitioner):
    """Takes turns over the available partitions of each topic (`org.apache.kafka.clients.producer.RoundRobinPartitioner`).

    Each record is one turn: a batch that is opened or waited for skips none (KAFKA-9965). Order: none, not even among the
    records of one key.
    """

    __slots__ = ("_turns",)

    def __init__(self) -> None:
        self._turns: dict[str, int] = {}
        """By topic: how many records it had."""

    def partition(self, record: Record, partitions: Partitions) -> int:
        """Give the partition whose turn it is among those with a leader, or among all if none has one."""
        turn = self._turns.get(record.topic, 0)
        self._turns[record.topic] = turn + 1
        taking_turns = partitions.available or range(partitions.count)
        return taking_turns[turn % len(taking_turns)]
