"""What every kind of group answers for: who may commit, fetch and delete its offsets, when they expire, how it is listed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.cluster.coordinators.shard import CoordinatorRecord

    CheckPartition = Callable[[bytes, int], None]


class Committer(NamedTuple):
    """Who commits offsets, as the request has it."""

    member_id: str
    group_instance_id: str | None
    generation_or_epoch: int
    """-1 outside of a group."""
    version: int
    """Of the request."""
    is_transactional: bool = False
    """Whether the offsets count only when a transaction commits: who says nothing of itself may add them (KIP-447)."""


class Group(ABC):
    """A group of any kind. What is not allowed raises CoordinatorError."""

    type_name: str
    """As ListGroups tells it."""
    protocol_type: str | None
    """None for a group that only keeps offsets."""

    def __init__(self, group_id: str) -> None:
        self.group_id = group_id

    @property
    @abstractmethod
    def state_name(self) -> str:
        """As ListGroups and the two Describes tell it."""

    @property
    @abstractmethod
    def is_empty(self) -> bool:
        """Whether nobody is a member."""

    @abstractmethod
    def check_commit(self, committer: Committer) -> CheckPartition | None:
        """Refuse a commit of who is not, or no longer, a member of now.

        Gives what has to be asked of each topic's id and partition besides, and refuses by CoordinatorError as well.
        """

    @abstractmethod
    def check_fetch(self, member: tuple[str | None, int], *, is_committed: bool) -> None:
        """Refuse to tell offsets to who is not, or no longer, a member of now; `member` is id and epoch, as the request has them."""

    @abstractmethod
    def check_delete_offsets(self) -> None:
        """Refuse while offsets cannot go."""

    @abstractmethod
    def check_delete(self) -> None:
        """Refuse while the group cannot go."""

    @abstractmethod
    def is_subscribed_to(self, topic: str) -> bool:
        """Whether some member reads that topic, as far as is known."""

    @abstractmethod
    def expires_since_ms(self, commit_timestamp_ms: int) -> int | None:
        """Since when an offset that was committed then counts as unused; None while it does not expire."""

    @abstractmethod
    def tombstones(self) -> tuple[CoordinatorRecord, ...]:
        """Give the records that let the group be gone."""
