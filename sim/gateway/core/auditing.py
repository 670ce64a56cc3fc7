"""The lines that a gateway's audit has for one batch: an intent for each record before it passes, an outcome for each once its client is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code
from producer.governance.audit.lines import ACKNOWLEDGED, Intent, Outcome
from producer.governance.audit.writing import intent_of
from producer.records import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.gateway.core.enforcement import Appended
    from sim.gateway.core.questions import Intended

PASSED, REFUSED = "passed", "refused"
"""What the policy said of a record: of a batch in which one is refused, all are."""
UNKNOWN, FAILED = "unknown", "failed"
_UNDECIDED = (Code.REQUEST_TIMED_OUT, Code.NOT_ENOUGH_REPLICAS_AFTER_APPEND)
"""Errors behind which a batch may be in the log all the same."""


class Ticket(NamedTuple):
    """The lines that were written before a batch passed."""

    records: tuple[int, ...]
    """The gateway's numbers for its records, in their order."""


def intents_of(intended: Intended, numbers: Sequence[int]) -> list[Intent]:
    """Give a line for each record of a batch, under these numbers."""
    verdict = REFUSED if intended.decision.violations else PASSED
    return [
        intent_of(
            number,
            Record(intended.topic, one.value, None, intended.partition, one.headers),
            is_serialized=True,
            verdict=verdict,
        )
        for number, one in zip(numbers, intended.decision.records, strict=True)
    ]


def outcomes_of(appended: Appended) -> list[Outcome]:
    """Give a line for each record that has an intent."""
    ticket = appended.ticket
    if not isinstance(ticket, Ticket):
        return []
    return [_outcome(number, place, appended) for place, number in enumerate(ticket.records)]


def _outcome(number: int, place: int, appended: Appended) -> Outcome:
    topic, partition = appended.topic, appended.partition
    if appended.violations:
        return Outcome(number, REFUSED, topic, partition, None, Code.INVALID_RECORD.name)
    if not appended.is_answered:
        return Outcome(number, UNKNOWN, topic, partition, None, None)
    if appended.code.code == Code.NONE:
        offset = appended.base_offset + place if appended.base_offset >= 0 else None
        return Outcome(number, ACKNOWLEDGED, topic, partition, offset, None)
    is_unknown = appended.code.may_hide_append or appended.code.code in _UNDECIDED
    return Outcome(number, UNKNOWN if is_unknown else FAILED, topic, partition, None, appended.code.name)
