"""The audit of a gateway on threads: whoever passes waits until its intents are durable."""

from __future__ import annotations

import itertools
from threading import Event
from typing import TYPE_CHECKING

from producer.drivers.clock import epoch_ms
from producer.governance.audit.lines import Who
from producer.governance.audit.trail import AuditError
from producer.governance.audit.writer import AuditWriter
from sim.gateway.core.auditing import Ticket, intents_of, outcomes_of
from sim.gateway.core.enforcement import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.governance.audit.store import AuditStore
    from sim.gateway.core.enforcement import Appended
    from sim.gateway.core.questions import Intended


class BatchAudit:
    """Keeps an audit of what passes. Nothing passes that cannot be told."""

    def __init__(self, store: AuditStore, *, name: str = "gateway", clock_ms: Callable[[], int] = epoch_ms) -> None:
        """Write to `store`, which is closed with this one. Raises AuditError."""
        self._writer = AuditWriter(store, Who("", name, ""), clock_ms)
        self._numbers = itertools.count(1)

    def intended(self, intended: Intended) -> Ticket:
        """Tell of each record of a batch, and wait until that is durable. Raises UnavailableError."""
        durable = Event()
        client = intended.client
        who = Who(client.principal, client.client_id, client.host)
        numbers = tuple([next(self._numbers) for _ in intended.decision.records])
        try:
            for intent in intents_of(intended, numbers):
                then = durable.set if intent.record == numbers[-1] else None
                self._writer.intend(intent, then, who)
            if numbers:
                durable.wait()
            self._writer.check()
        except AuditError as error:
            raise UnavailableError(str(error)) from error
        return Ticket(numbers)

    def answered(self, appended: Appended) -> None:
        """Tell what became of each record."""
        for outcome in outcomes_of(appended):
            self._writer.tell(outcome)

    def close(self) -> None:
        """Keep what was told, and end."""
        self._writer.close()
