"""Of which subjects a schema is, and which compatibility levels they have: what a registry said, for as long as it is believed."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from producer.errors import SchemaRegistryError
from producer.governance.patterns import matches
from producer.serialization.registry import calls
from producer.serialization.unknown import SchemaUnknownError

if TYPE_CHECKING:
    from producer.serialization.registry.calls import Call
    from producer.serialization.wire_format import SchemaKey

KNOWN_MAX = 10_000
"""Answers that are remembered; beyond it all are asked for again."""


class Subjects:
    """It asks nobody: what is not known is raised as questions."""

    def __init__(self, age_us: int) -> None:
        """`age_us`: how long an answer is believed."""
        self._age_us = age_us
        self._now_us = 0
        self._subjects: dict[SchemaKey, tuple[int, tuple[str, ...]]] = {}
        self._levels: dict[str, tuple[int, str]] = {}

    def time_is(self, now_us: int) -> None:
        """Tell the time."""
        self._now_us = now_us

    def of(self, schema: SchemaKey) -> tuple[str, ...]:
        """Give the subjects under which a schema is registered. Raises SchemaUnknownError.

        A GUID names a schema of any registry: of which subjects it is, is asked by its id there, which nobody knows, so there are none.
        """
        if isinstance(schema, str):
            return ()
        known = self._subjects.get(schema)
        if known is None or known[0] <= self._now_us:
            raise SchemaUnknownError(self._ask_subjects(schema))
        return known[1]

    def level_of(self, subject: str) -> str:
        """Give a subject's compatibility level, or the one that holds for all. Raises SchemaUnknownError."""
        known = self._levels.get(subject)
        if known is None or known[0] <= self._now_us:
            raise SchemaUnknownError(self._ask_level(subject))
        return known[1]

    @staticmethod
    def is_allowed(subject: str, patterns: tuple[str, ...]) -> bool:
        """Whether one of the patterns means the subject."""
        return any(matches(one, subject) for one in patterns)

    def _ask_subjects(self, schema: int) -> Generator[Call, Any, None]:
        call = calls.uses_of(schema)
        told = yield call
        if not isinstance(told, list):
            raise SchemaRegistryError(str(call), status=200, detail="the answer is no list of subjects")
        names = [one["subject"] for one in told if isinstance(one, dict) and isinstance(one.get("subject"), str)]
        if len(self._subjects) >= KNOWN_MAX:
            self._subjects.clear()
        self._subjects[schema] = self._now_us + self._age_us, tuple(dict.fromkeys(names))

    def _ask_level(self, subject: str) -> Generator[Call, Any, None]:
        call = calls.level(subject, or_global=True)
        told = yield call
        level = told.get("compatibilityLevel") if isinstance(told, dict) else None
        if not isinstance(level, str):
            raise SchemaRegistryError(str(call), status=200, detail="the answer has no compatibilityLevel")
        if len(self._levels) >= KNOWN_MAX:
            self._levels.clear()
        self._levels[subject] = self._now_us + self._age_us, level
