"""Which partitions a transaction writes to, and which of them its coordinator knows (partitionsInTransaction)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from producer.records import TopicPartition


class PartitionsInTransaction:
    """Partitions in the order in which they joined."""

    __slots__ = ("_added", "_asked", "_new")

    def __init__(self) -> None:
        self._new: dict[TopicPartition, None] = {}
        """Nobody was asked to add them."""
        self._asked: dict[TopicPartition, None] = {}
        """The coordinator was asked."""
        self._added: dict[TopicPartition, None] = {}

    def join(self, partition: TopicPartition, *, is_v2: bool) -> bool:
        """Let a partition take part. Gives whether it is new. With `is_v2` its leader adds it, at the first Produce."""
        if partition in self._added or partition in self._asked or partition in self._new:
            return False
        (self._added if is_v2 else self._new)[partition] = None
        return True

    def may_be_sent_to(self, partition: TopicPartition) -> bool:
        """Whether a Produce to the partition would be taken for part of the transaction."""
        return partition in self._added

    @property
    def has_new(self) -> bool:
        """Whether the coordinator is to be asked to add some."""
        return bool(self._new)

    @property
    def has_added(self) -> bool:
        """Whether the transaction has a partition at the coordinator."""
        return bool(self._added)

    def asked_for(self) -> list[TopicPartition]:
        """Give what the coordinator is asked to add now: the new ones, and those of a request that has no answer."""
        self._asked.update(self._new)
        self._new.clear()
        return list(self._asked)

    def confirm(self) -> None:
        """The coordinator has added what it was asked for."""
        self._added.update(self._asked)
        self._asked.clear()

    def forget_new(self) -> None:
        """Ask for no more: nothing is going to be written to them."""
        self._new.clear()

    def forget_asked(self) -> None:
        """The coordinator has not added what it was asked for."""
        self._asked.clear()

    def clear(self) -> None:
        """The transaction is over."""
        self._new.clear()
        self._asked.clear()
        self._added.clear()
