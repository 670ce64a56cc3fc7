"""Whether a record is as its policy wants it: everything that is wrong with it, and no value in what is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from producer.governance.errors import Violation
from producer.governance.paths import Path
from producer.governance.policy.formats import FORMATS, TEXT_CHARACTERS_MAX, is_of
from producer.governance.policy.words import HEADER, FieldRule, TopicPolicy

if TYPE_CHECKING:
    from producer.governance.policy.subjects import Subjects
    from producer.governance.values import Opened
    from producer.records import Record

VIOLATIONS_MAX = 20
"""More are not told of one record."""


def violations(record: Record, policy: TopicPolicy, opened: Opened | None, subjects: Subjects) -> tuple[Violation, ...]:
    """Say what is wrong with a record; `opened` is its value looked into, None for a tombstone, or where nobody has to look.

    Raises SchemaUnknownError where a registry has to be asked first.
    """
    found: list[Violation] = []
    for one in _found(record, policy, opened, subjects):
        found.append(one)
        if len(found) == VIOLATIONS_MAX:
            break
    return tuple(found)


def _found(record: Record, policy: TopicPolicy, opened: Opened | None, subjects: Subjects) -> Iterator[Violation]:
    if record.value is None and not policy.allow_tombstones:
        yield Violation("value", "tombstones", "is null, and the topic takes no tombstones")
    for name in policy.required:
        if not _has(record, name, opened):
            yield Violation(name, "required", "is missing")
    if opened is None:
        return
    if policy.formats and opened.format not in policy.formats:
        yield Violation("format", "formats", f"is {opened.format}, must be {_or(policy.formats)}")
        return
    if policy.subjects or policy.compatibility:
        yield from _subject(policy, opened, subjects)
    for rule in policy.fields:
        yield from _field(rule, opened)


def _has(record: Record, name: str, opened: Opened | None) -> bool:
    if name == "key":
        return record.key is not None
    if name.startswith(HEADER):
        wanted = name.removeprefix(HEADER)
        return any(header == wanted and value is not None for header, value in record.headers)
    if record.value is None:
        # A tombstone deletes its key, and has no fields.
        return True
    return opened is not None and Path.of(name).is_present(opened.fields)


def _field(rule: FieldRule, opened: Opened) -> Iterator[Violation]:
    path = str(rule.path)
    checks: list[tuple[str, str, Callable[[object], bool]]] = []
    if rule.format:
        checks.append(("format", FORMATS[rule.format][0], lambda value: is_of(rule.format, value)))
    pattern = rule.pattern
    if pattern is not None:
        checks.append(
            (
                "pattern",
                f"a text that matches {pattern.pattern!r}",
                lambda value: (
                    isinstance(value, str)
                    and len(value) <= TEXT_CHARACTERS_MAX
                    and pattern.fullmatch(value) is not None
                ),
            )
        )
    if rule.one_of:
        checks.append(
            (
                "one_of",
                f"one of {', '.join(map(str, rule.one_of))}",
                lambda value: any(type(value) is type(one) and value == one for one in rule.one_of),
            )
        )
    there = [value for value in rule.path.found(opened.fields) if value is not None]
    for name, wanted, is_so in checks:
        if not all(is_so(value) for value in there):
            yield Violation(path, name, f"must be {wanted}")


def _subject(policy: TopicPolicy, opened: Opened, subjects: Subjects) -> Iterator[Violation]:
    if opened.schema is None:
        yield Violation("subject", "subjects", f"the value is {opened.format} without a schema, so it is of no subject")
        return
    found = subjects.of(opened.schema)
    allowed = tuple(one for one in found if not policy.subjects or subjects.is_allowed(one, policy.subjects))
    if not allowed:
        told = ", ".join(found) or "none"
        yield Violation(
            "subject", "subjects", f"schema {opened.schema} is of {told}, must be of {_or(policy.subjects)}"
        )
    elif policy.compatibility:
        levels = {one: subjects.level_of(one) for one in allowed}
        if not any(level in policy.compatibility for level in levels.values()):
            told = ", ".join(f"{one} {level}" for one, level in levels.items())
            yield Violation("compatibility", "compatibility", f"is {told}, must be {_or(policy.compatibility)}")


def _or(words: tuple[object, ...]) -> str:
    return " or ".join(map(str, words))
