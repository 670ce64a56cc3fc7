"""Who hears of what a member of a group is told and does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from producer.records import TopicPartition


class Witness(Protocol):
    """Who hears of what a member is told and does, at once."""

    def heard(self, member: str, epoch: int, sent_us: int, /) -> object:
        """It is a member in this epoch, by the answer to what was sent then."""

    def assigned(self, member: str, epoch: int, partition: TopicPartition, /) -> object:
        """It was told that a partition is its own."""

    def given_up(self, member: str, partition: TopicPartition, why: str, /) -> object:
        """It has a partition no more: it is not read from now on."""

    def committing(self, commit: int, partition: TopicPartition, offset: int, /) -> object:
        """It asks for a position to be remembered."""

    def committed(self, commit: int, partition: TopicPartition, offset: int, code: int, /) -> object:
        """It was told what became of that."""

    def fetched(self, partition: TopicPartition, offset: int, sent_us: int, /) -> object:
        """It was told the group's position; -1 for none."""
