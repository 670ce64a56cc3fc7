"""What faults do to requests and answers: detain, lose, swallow, delay, replace by errors. Rules are values; counts are kept here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from producer.errors import Code
from producer.wire.api import ApiKey

if TYPE_CHECKING:
    from collections.abc import Iterable

    from producer.records import TopicPartition
    from sim.world.kernel import World


class AfterDrop(Enum):
    """What becomes of the connection whose answer was swallowed."""

    RESET = "reset"
    """It breaks: the client sees it at once."""
    STALL = "stall"
    """Nothing more comes on it, and nobody is told: the client's request times out."""


@dataclass(frozen=True, slots=True)
class DropResponse:
    """The request is processed, the answer never leaves."""

    then: AfterDrop = AfterDrop.RESET


@dataclass(frozen=True, slots=True)
class DelayResponse:
    """The answer leaves later; so does everything after it on that connection."""

    delay_us: int


@dataclass(frozen=True, slots=True)
class AnswerError:
    """The answer is this error."""

    code: Code
    is_after_append: bool = False
    """Produce only: append first, then deny it. Else nothing is processed."""


@dataclass(frozen=True, slots=True)
class DetainRequest:
    """The request arrives later; so does everything behind it on its connection."""

    delay_us: int


@dataclass(frozen=True, slots=True)
class LoseRequest:
    """The request never arrives, nor does anything behind it."""

    then: AfterDrop = AfterDrop.STALL


_Action = TypeVar("_Action")

Action = DropResponse | DelayResponse | AnswerError | DetainRequest | LoseRequest


@dataclass(frozen=True, slots=True)
class Rule:
    """What to do to which requests or answers."""

    action: Action
    api: ApiKey = ApiKey.PRODUCE
    partition: TopicPartition | None = None
    """Only those (or their parts) about it; None for any."""
    client: str | None = None
    """Only those of this client's host; None for any."""
    count: int = 1
    """How many of them; an error counts once for each partition that it hits."""

    def __post_init__(self) -> None:
        """Check the count and the delay."""
        if self.count < 1:
            msg = f"Rule.count is {self.count}, must be at least 1"
            raise ValueError(msg)
        if isinstance(self.action, DelayResponse | DetainRequest) and self.action.delay_us < 0:
            msg = f"{type(self.action).__name__}.delay_us is {self.action.delay_us}, must not be negative"
            raise ValueError(msg)


class _Live:
    """A rule and how often it will still act."""

    __slots__ = ("left", "rule")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.left = rule.count


class Tampering:
    """The rules of one broker, or of all of them (`shared`), oldest first. They outlive a crash of its process."""

    __slots__ = ("_live", "_shared", "_world", "acts_until_us")

    def __init__(self, world: World, shared: Tampering | None = None) -> None:
        self._world = world
        self._live: list[_Live] = []
        self._shared = shared
        self.acts_until_us = 0
        """Until when what they have done here lasts: what they delay has left by then. Whether any will act again, nobody knows."""

    def __bool__(self) -> bool:
        """Whether any rule is left: the usual answer is no, and costs nothing."""
        return bool(self._live) or (self._shared is not None and bool(self._shared._live))

    def add(self, rule: Rule) -> None:
        """Let the rule act from now on."""
        self._live.append(_Live(rule))

    def clear(self) -> None:
        """Forget every rule."""
        self._live.clear()

    def error_instead(self, api: ApiKey, client: str, partition: TopicPartition | None) -> Code | None:
        """The error to answer in place of processing, if any; uses up one count."""
        return self._error(api, client, partition, is_after_append=False)

    def error_after_append(self, api: ApiKey, client: str, partition: TopicPartition) -> Code | None:
        """The error to answer although the batch was appended, if any; uses up one count."""
        return self._error(api, client, partition, is_after_append=True)

    def on_response(
        self, api: ApiKey, client: str, partitions: Iterable[TopicPartition]
    ) -> DropResponse | DelayResponse | None:
        """What to do to a whole answer about these partitions, if anything; uses up one count."""
        kinds: tuple[type[DropResponse | DelayResponse], ...] = (DropResponse, DelayResponse)
        return self._whole(kinds, api, client, tuple(partitions))

    def on_request(
        self, api: ApiKey, client: str, partitions: Iterable[TopicPartition]
    ) -> DetainRequest | LoseRequest | None:
        """What to do to a request about these partitions, if anything; uses up one count."""
        kinds: tuple[type[DetainRequest | LoseRequest], ...] = (DetainRequest, LoseRequest)
        return self._whole(kinds, api, client, tuple(partitions))

    def _whole(
        self, kinds: tuple[type[_Action], ...], api: ApiKey, client: str, touched: tuple[TopicPartition, ...]
    ) -> _Action | None:
        for live in self._all():
            action = live.rule.action
            if not isinstance(action, kinds) or not _matches(live.rule, api, client):
                continue
            if live.rule.partition is None or live.rule.partition in touched:
                self._use(live)
                return action
        return None

    def _error(
        self, api: ApiKey, client: str, partition: TopicPartition | None, *, is_after_append: bool
    ) -> Code | None:
        for live in self._all():
            action = live.rule.action
            if not isinstance(action, AnswerError) or action.is_after_append != is_after_append:
                continue
            if _matches(live.rule, api, client) and live.rule.partition in {None, partition}:
                self._use(live)
                return action.code
        return None

    def _all(self) -> list[_Live]:
        return self._live if self._shared is None else [*self._live, *self._shared._live]

    def _use(self, live: _Live) -> None:
        action = live.rule.action
        delay_us = action.delay_us if isinstance(action, DelayResponse | DetainRequest) else 0
        self.acts_until_us = max(self.acts_until_us, self._world.now_us + delay_us)
        live.left -= 1
        if live.left == 0:
            owner = self if self._shared is None or live in self._live else self._shared
            owner._live.remove(live)


def _matches(rule: Rule, api: ApiKey, client: str) -> bool:
    return rule.api == api and rule.client in {None, client}
