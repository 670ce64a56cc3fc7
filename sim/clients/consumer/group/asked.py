"""What a member has asked its coordinator, on its way: how an answer, or none, comes back to the member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from producer.errors import PeerError
from sim.clients.consumer.group.membership import Reached, Word

if TYPE_CHECKING:
    from producer.client.requests import Answer, Loss
    from producer.records import TopicPartition


class Asker(Protocol):
    """The member, as far as an answer needs it."""

    has_left: bool

    def told(self, answer: Answer, sent_us: int, now_us: int, /) -> Reached:
        """The membership's question was answered. Raises PeerError."""
        ...

    def told_positions(self, answer: Answer, sent_us: int, now_us: int, /) -> Reached:
        """The group's positions came, or not. Raises PeerError."""
        ...

    def told_commit(self, answer: Answer, commit: int, positions: dict[TopicPartition, int], /) -> Reached:
        """Positions are remembered, or not. Raises PeerError."""
        ...

    def commit_lost(self, commit: int, positions: dict[TopicPartition, int], /) -> None:
        """Nobody knows whether they are remembered."""
        ...

    def membership_lost(self, now_us: int, /) -> None:
        """No answer came to the membership's question."""
        ...

    def answered(self, answer: Answer, reached: Reached, now_us: int, /) -> None:
        """Go on by what an answer came to."""
        ...

    def broken(self, answer: Answer, nonsense: PeerError, now_us: int, /) -> None:
        """The coordinator talks nonsense."""
        ...

    def unanswered(self, now_us: int, /) -> None:
        """No answer came."""
        ...


class Asked:
    """The membership's question on its way, as an asker."""

    def __init__(self, member: Asker, sent_us: int) -> None:
        self._member = member
        self._sent_us = sent_us

    def take(self, answer: Answer, now_us: int) -> Reached:
        """Raises PeerError."""
        return self._member.told(answer, self._sent_us, now_us)

    def answered(self, answer: Answer, now_us: int) -> None:
        try:
            reached = self.take(answer, now_us)
        except PeerError as nonsense:
            self.missed(now_us)
            self._member.broken(answer, nonsense, now_us)
        else:
            self._member.answered(answer, reached, now_us)

    def lost(self, _loss: Loss, now_us: int) -> None:
        self.missed(now_us)
        self._member.unanswered(now_us)

    def missed(self, now_us: int) -> None:
        """No answer came, or none that can be read."""
        self._member.membership_lost(now_us)


class AskedToLeave(Asked):
    def take(self, answer: Answer, now_us: int) -> Reached:  # noqa: ARG002
        self._member.has_left = True
        return Reached(Word.WELL)

    def missed(self, now_us: int) -> None:  # noqa: ARG002
        # The group misses it when its session is over.
        self._member.has_left = True


class AskedPositions(Asked):
    def take(self, answer: Answer, now_us: int) -> Reached:
        return self._member.told_positions(answer, self._sent_us, now_us)

    def missed(self, now_us: int) -> None:
        """Ask again."""


class AskedCommit(Asked):
    def __init__(self, member: Asker, sent_us: int, commit: int, positions: dict[TopicPartition, int]) -> None:
        super().__init__(member, sent_us)
        self._commit = commit
        self._positions = positions

    def take(self, answer: Answer, now_us: int) -> Reached:  # noqa: ARG002
        return self._member.told_commit(answer, self._commit, self._positions)

    def missed(self, now_us: int) -> None:  # noqa: ARG002
        self._member.commit_lost(self._commit, self._positions)
