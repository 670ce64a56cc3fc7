"""What the two protocols of groups have in common: what a member asks its coordinator, and what the answers mean to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from producer.errors import Code, error_code
from producer.wire.api import ApiKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.records import TopicPartition

Protocol = Literal["classic", "consumer"]

NO_EPOCH = -1
"""Of who is no member."""


class Word(Enum):
    """What a code means to whoever asked the coordinator."""

    WELL = "well"
    AGAIN = "again"
    """Ask again after a back-off."""
    REFIND = "refind"
    """Another broker coordinates by now, or perhaps: look for it, and ask again after a back-off."""
    REJOIN = "rejoin"
    """The group goes on without what was so far: join again."""
    FENCED = "fenced"
    """It is no member any more: whatever it had may be another's. Join again."""
    HOPELESS = "hopeless"
    """No patience mends it."""


_WORDS: Mapping[int, Word] = {
    Code.NONE: Word.WELL,
    Code.NOT_COORDINATOR: Word.REFIND,
    Code.COORDINATOR_NOT_AVAILABLE: Word.REFIND,
    Code.COORDINATOR_LOAD_IN_PROGRESS: Word.AGAIN,
    Code.REBALANCE_IN_PROGRESS: Word.REJOIN,
    Code.ILLEGAL_GENERATION: Word.FENCED,
    Code.UNKNOWN_MEMBER_ID: Word.FENCED,
    Code.FENCED_MEMBER_EPOCH: Word.FENCED,
}


def word_of(code: int) -> Word:
    """Say what a code means (AbstractCoordinator, AbstractHeartbeatRequestManager)."""
    found = _WORDS.get(code)
    if found is None:
        found = Word.AGAIN if error_code(code).retriable else Word.HOPELESS
    return found


class Question(NamedTuple):
    """A request for the coordinator."""

    api: ApiKey
    body: tuple[Any, ...]
    """The message; each version of it can be written."""
    timeout_us: int | None = None
    """None for request.timeout.ms."""


class Reached(NamedTuple):
    """What an answer came to."""

    word: Word
    code: int = 0
    text: str = ""
    throttle_time_ms: int = 0


class Membership(ABC):
    """One member of one group by one protocol. Whoever has it carries its questions, and gives up and takes what it says."""

    def __init__(self, group_id: str, topics: tuple[str, ...]) -> None:
        self.group_id = group_id
        self.topics = topics
        self.member_id = ""
        self.epoch = NO_EPOCH
        """The generation, or the member's epoch."""
        self.is_held = False
        """Whether its application works on what it was given: it is told to join again, and does so later."""
        self.is_recalled = False
        """Whether it was told to join again, and has not yet."""
        self.due_us = 0
        """When it has to ask something, if nothing is to be given up before."""

    @property
    @abstractmethod
    def target(self) -> tuple[TopicPartition, ...]:
        """What it may have now, by the coordinator's last word."""

    @property
    @abstractmethod
    def is_settled(self) -> bool:
        """Whether it is a member and waits for nothing but the next heartbeat."""

    @property
    @abstractmethod
    def fetches_as(self) -> tuple[str | None, int]:
        """The member and the epoch that an OffsetFetch names."""

    @abstractmethod
    def question(self, owned: tuple[TopicPartition, ...]) -> Question:
        """Give what is to be asked now. `owned` is what it has, nothing that is to be given up among it."""

    @abstractmethod
    def take(self, body: bytes, version: int, now_us: int) -> Reached:
        """Take the answer to the last question. Raises PeerError for nonsense."""

    @abstractmethod
    def lost(self, now_us: int) -> None:
        """No answer came to it."""

    @abstractmethod
    def owns(self, owned: tuple[TopicPartition, ...], now_us: int) -> None:
        """It has these now: something was given up, or taken."""

    @abstractmethod
    def fenced(self, now_us: int) -> None:
        """It is no member any more, and has nothing: join again."""

    @abstractmethod
    def leaving(self) -> Question:
        """Give the last word: it goes."""
