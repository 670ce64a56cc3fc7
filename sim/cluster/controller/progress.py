"""How far those are who fetch the metadata log, as the active controller sees it (KafkaRaftClient: LeaderState.ReplicaState)."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, NamedTuple, TypeVar

_Who = TypeVar("_Who", bound=Hashable)


class Progress(NamedTuple):
    """What one replica of the log told with its last Fetch, and when."""

    offset: int
    fetched_at_us: int
    caught_up_at_us: int
    """When it last had all; -1 if it never had."""


class FetchProgress(Generic[_Who]):
    """By who fetches: a voter's host, or a broker's number."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[_Who, Progress] = {}

    def note(self, who: _Who, *, offset: int, end_offset: int, now_us: int) -> None:
        """Somebody fetched from that offset, when the log ended there."""
        before = self._known.get(who)
        caught_up_at_us = now_us if offset >= end_offset else -1 if before is None else before.caught_up_at_us
        self._known[who] = Progress(offset, now_us, caught_up_at_us)

    def of(self, who: _Who) -> Progress | None:
        """Give what is known of one; None if it never fetched."""
        return self._known.get(who)

    def everybody(self) -> tuple[_Who, ...]:
        """Who fetched."""
        return tuple(self._known)

    def clear(self) -> None:
        """Another leader begins, and has heard nobody yet."""
        self._known.clear()
