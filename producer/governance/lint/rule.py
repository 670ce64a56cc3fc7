"""A rule of the lint, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import NamedTuple

from producer.governance.lint.configuration import Configuration


class Effect(StrEnum):
    """What a configuration does that it should not."""

    LOSES = "loses records"
    DUPLICATES = "duplicates records"
    REORDERS = "reorders records"
    HANGS = "hangs"
    REFUSED = "is refused"
    UNREADABLE = "writes what readers cannot read"
    EXPOSES = "exposes a secret"
    WASTES = "has no effect, or wastes"


class Flaw(NamedTuple):
    """What a rule sees in one configuration."""

    names: tuple[str, ...]
    """The properties that make it, by Kafka's names; the first is the one to change."""
    why: str


class Rule(NamedTuple):
    """One thing that goes wrong, and how it is seen in a configuration."""

    name: str
    effect: Effect
    looks: Callable[[Configuration], Iterable[Flaw]]
    shown_by: str | None
    """Words behind `acklab run` that show it; None where no run can: a secret in a file, a level that nobody reads."""


class Finding(NamedTuple):
    """One flaw, as it is told."""

    rule: str
    effect: Effect
    settings: tuple[str, ...]
    """`acks=1`, in the words of the file; defaults say so, secrets are not shown."""
    line: int
    """Of the first of them that the file gives; 0 if it gives none, or has no lines."""
    why: str
    shown_by: str | None
