"""One policy at work: a record comes in, and a ruling comes out: what goes on in its place, or why nothing does. Sans-IO.

Whoever drives it answers what it raises (`KeyWantedError` to a key service, `SchemaUnknownError` to a registry) and calls again;
`producer.governance.governed_producer` does so on threads. Nothing is counted twice by that.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from producer.errors import ProducerError, SerializationError
from producer.governance.errors import KeyServiceError, PolicyViolationError, ProtectionError, Violation
from producer.governance.policy.gate import violations
from producer.governance.policy.subjects import Subjects
from producer.governance.policy.words import Action, MissingKey, Policy, TopicPolicy
from producer.governance.protection.key_ring import KeyRing
from producer.governance.protection.protector import Protector
from producer.governance.values import Opened, Values

if TYPE_CHECKING:
    from producer.records import Record

WITHHELD = "acklab.value.withheld"
"""Header of a dead letter whose value could not be hidden, so that it has none."""


class Verdict(StrEnum):
    """What becomes of a record."""

    PASSED = "passed"
    REFUSED = "refused"
    DEAD_LETTERED = "dead lettered"


class Ruling(NamedTuple):
    """The answer on one record."""

    verdict: Verdict
    record: Record | None
    """What goes on in its place: to its topic, or as its dead letter; None where it is refused."""
    violations: tuple[Violation, ...] = ()
    """What is wrong with it, also where that is only counted."""
    error: ProducerError | None = None
    """What its application is told; None where it passed."""
    is_plain: bool = False
    """It goes on in plaintext, as its key could not be had and the policy lets that pass."""


class Governor:
    """A policy with the keys and the schemas that it needs. Not for two threads at once."""

    def __init__(self, policy: Policy, keys: KeyRing, values: Values | None = None) -> None:
        """`keys` are held by this producer alone: their nonces are counted there."""
        self.policy = policy
        self.keys = keys
        self.counts: Counter[tuple[str, str, str]] = Counter()
        """(pattern of the topic, field, rule) -> how many records; `plain` for those whose key could not be had."""
        self._values = values or Values()
        self._subjects = Subjects(policy.levels_age_us)
        self._protector = Protector(keys)

    def ruling(self, record: Record, now_us: int) -> Ruling:
        """Rule on one record. Raises KeyWantedError, SchemaUnknownError: ask, and call again."""
        topic = self.policy.of(record.topic)
        if topic is None:
            if self.policy.allow_unlisted:
                return Ruling(Verdict.PASSED, record)
            return self._refused(record, TopicPolicy("*"), (Violation("topic", "unlisted", "no rule allows it"),))
        self._subjects.time_is(now_us)
        try:
            opened = self._opened(record, topic)
            found = violations(record, topic, opened, self._subjects)
        except SerializationError as error:
            opened, found = None, (Violation(error.field or "value", "formats", error.message),)
        if found and topic.action is Action.REFUSE:
            return self._refused(record, topic, found)
        try:
            hidden = self._protector.protected(record, topic, opened, now_us)
        except KeyServiceError as error:
            return self._without_key(record, topic, found, error)
        except ProtectionError as error:
            found = (*found, Violation(error.path, "protect", error.reason))
            # What cannot be hidden is never let through, whatever the policy counts.
            if topic.action is not Action.DEAD_LETTER:
                return self._refused(record, topic, found)
            return self._dead(record, _withheld(record, topic), topic, found)
        if found and topic.action is Action.DEAD_LETTER:
            is_hidden = opened is not None or record.value is None or not topic.protect
            return self._dead(record, hidden if is_hidden else _withheld(record, topic), topic, found)
        self._count(topic, found)
        return Ruling(Verdict.PASSED, hidden, found)

    def _opened(self, record: Record, topic: TopicPolicy) -> Opened | None:
        return self._values.opened(record) if topic.looks_inside and record.value is not None else None

    def _refused(self, record: Record, topic: TopicPolicy, found: tuple[Violation, ...]) -> Ruling:
        self._count(topic, found)
        return Ruling(Verdict.REFUSED, None, found, PolicyViolationError(record.topic, found))

    def _dead(self, record: Record, letter: Record, topic: TopicPolicy, found: tuple[Violation, ...]) -> Ruling:
        self._count(topic, found)
        return Ruling(Verdict.DEAD_LETTERED, letter, found, PolicyViolationError(record.topic, found))

    def _without_key(
        self, record: Record, topic: TopicPolicy, found: tuple[Violation, ...], error: KeyServiceError
    ) -> Ruling:
        """Fail closed, unless the policy says otherwise: a dead letter would lie there in plaintext as well."""
        if self.policy.on_missing_key is MissingKey.REFUSE:
            self._count(topic, (*found, Violation("key service", "missing", error.reason)))
            return Ruling(Verdict.REFUSED, None, found, error)
        self._count(topic, (*found, Violation("key service", "plain", error.reason)))
        if found and topic.action is Action.DEAD_LETTER:
            told = PolicyViolationError(record.topic, found)
            return Ruling(Verdict.DEAD_LETTERED, record, found, told, is_plain=True)
        return Ruling(Verdict.PASSED, record, found, is_plain=True)

    def _count(self, topic: TopicPolicy, found: tuple[Violation, ...]) -> None:
        for one in found:
            self.counts[topic.match, one.path, one.rule] += 1


def _withheld(record: Record, topic: TopicPolicy) -> Record:
    """Give what may lie in a dead-letter topic of a record that could not be hidden."""
    value = b"" if record.value is not None and (topic.protect or topic.encrypt_value) else record.value
    key = None if topic.key is not None else record.key
    return record._replace(value=value, key=key, headers=(*record.headers, (WITHHELD, b"1")))
