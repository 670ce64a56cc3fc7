"""The audit of a gateway: an intent for each record before it passes, an outcome for each once its client is told."""

from __future__ import annotations

import itertools
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

from producer.drivers.clock import epoch_ms
from producer.errors import Code
from producer.governance.audit.lines import ACKNOWLEDGED, Outcome, Who
from producer.governance.audit.trail import AuditError
from producer.governance.audit.writer import AuditWriter
from producer.governance.audit.writing import intent_of
from producer.records import Record
from sim.gateway.core.enforcement import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.governance.audit.store import AuditStore
    from sim.gateway.core.enforcement import Appended, Client, Decision

PASSED, REFUSED = "passed", "refused"
"""What the policy said of a record: of a batch in which one is refused, all are."""
UNKNOWN, FAILED = "unknown", "failed"
_UNDECIDED = (Code.REQUEST_TIMED_OUT, Code.NOT_ENOUGH_REPLICAS_AFTER_APPEND)
"""Errors behind which a batch may be in the log all the same."""


class Ticket(NamedTuple):
    """The lines that were written before a batch passed."""

    records: tuple[int, ...]
    """The writer's numbers for its records, in their order."""


class BatchAudit:
    """Keeps an audit of what passes. Nothing passes that cannot be told."""

    def __init__(self, store: AuditStore, *, name: str = "gateway", clock_ms: Callable[[], int] = epoch_ms) -> None:
        """Write to `store`, which is closed with this one. Raises AuditError."""
        self._writer = AuditWriter(store, Who("", name, ""), clock_ms)
        self._numbers = itertools.count(1)

    def intended(self, client: Client, topic: str, partition: int, decision: Decision) -> Ticket:
        """Tell of each record of a batch, and wait until that is durable. Raises UnavailableError."""
        durable = Event()
        who = Who(client.principal, client.client_id, client.host)
        numbers = tuple([next(self._numbers) for _ in decision.records])
        verdict = REFUSED if decision.violations else PASSED
        try:
            for number, one in zip(numbers, decision.records, strict=True):
                record = Record(topic, one.value, None, partition, one.headers)
                then = durable.set if number == numbers[-1] else None
                self._writer.intend(intent_of(number, record, is_serialized=True, verdict=verdict), then, who)
            if numbers:
                durable.wait()
            self._writer.check()
        except AuditError as error:
            raise UnavailableError(str(error)) from error
        return Ticket(numbers)

    def answered(self, client: Client, appended: Appended) -> None:  # noqa: ARG002 - the intents name the client
        """Tell what became of each record."""
        ticket = appended.ticket
        if not isinstance(ticket, Ticket):
            return
        for place, number in enumerate(ticket.records):
            self._writer.tell(_outcome(number, place, appended))

    def close(self) -> None:
        """Keep what was told, and end."""
        self._writer.close()


def _outcome(number: int, place: int, appended: Appended) -> Outcome:
    topic, partition = appended.topic, appended.partition
    if appended.violations:
        return Outcome(number, REFUSED, topic, partition, None, Code.INVALID_RECORD.name)
    if not appended.is_answered:
        return Outcome(number, UNKNOWN, topic, partition, None, None)
    if appended.code is Code.NONE:
        return Outcome(number, ACKNOWLEDGED, topic, partition, appended.base_offset + place, None)
    fate = UNKNOWN if appended.code in _UNDECIDED else FAILED
    return Outcome(number, fate, topic, partition, None, appended.code.name)
