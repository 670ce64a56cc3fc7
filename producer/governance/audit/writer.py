"""A thread that keeps lines: what is told meanwhile goes into one write and one flush, and whoever waits is woken behind it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from producer.governance.audit.lines import Intent, Outcome, Who
from producer.governance.audit.store import AuditStore
from producer.governance.audit.trail import AuditError, AuditTrail

OUTCOMES_S = 3.0
"""How long outcomes are waited for that nobody may ever tell."""
log = logging.getLogger(__name__)


class AuditWriter:
    """One audit, told from any thread. After a failure it takes nothing more: nothing is sent that could not be told."""

    def __init__(self, store: AuditStore, who: Who, clock_ms: Callable[[], int]) -> None:
        """Begin a thread, and tell what was found. Raises AuditError."""
        self._store = store
        self._clock_ms = clock_ms
        self._trail = AuditTrail(who, store.found.head)
        self._lines: list[tuple[bytes, Callable[[], object] | None]] = []
        self._changed = threading.Condition()
        self._is_closing = False
        self._open = 0
        """Intents whose outcome was not told yet."""
        self._is_ending = False
        self._is_busy = False
        self.failure: AuditError | None = None
        store.append([self._trail.opened(clock_ms(), store.found.opened)])
        self._thread = threading.Thread(target=self._run, name=f"audit-{who.client_id}", daemon=True)
        self._thread.start()

    def intend(self, intent: Intent, then: Callable[[], object] | None, who: Who | None = None) -> None:
        """Tell an intent, of `who` if that is not the writer itself. Raises AuditError.

        `then` is called on the writer's thread when it is durable, or has failed (`check`).
        """
        with self._changed:
            self.check()
            if self._is_closing:
                raise AuditError("the audit is closed")
            self._open += 1
            self._lines.append((self._trail.intent(self._clock_ms(), intent, who), then))
            self._changed.notify_all()

    def tell(self, outcome: Outcome) -> None:
        """Tell an outcome; whoever tells it does not wait."""
        with self._changed:
            self._open -= 1
            if self.failure is None and self._thread.is_alive():
                self._lines.append((self._trail.outcome(self._clock_ms(), outcome), None))
            self._changed.notify_all()

    def check(self) -> None:
        """Raise AuditError if lines can no longer be kept."""
        if self.failure is not None:
            raise AuditError(str(self.failure)) from self.failure

    def flush(self, timeout_s: float | None = None) -> None:
        """Wait until all that was told is durable. Raises TimeoutError, or AuditError."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._lines and not self._is_busy, timeout_s):
                raise TimeoutError("the audit has lines that are not durable yet")
            self.check()

    def close(self, timeout_s: float | None = None) -> None:
        """Take no intent any more, wait a while for the outcomes of those that there are, keep them, and end.

        A producer is closed by then, so each has its outcome soon: who was about to send is refused, and tells that.
        """
        wait_s = OUTCOMES_S if timeout_s is None else min(OUTCOMES_S, timeout_s)
        with self._changed:
            self._is_closing = True
            self._changed.wait_for(lambda: not self._open or self.failure is not None, wait_s)
            self._is_ending = True
            self._changed.notify_all()
        self._thread.join(timeout_s)
        if not self._thread.is_alive():
            self._store.close()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._lines or self._is_ending)
                taken, self._lines = self._lines, []
                if not taken:
                    return
                self._is_busy = True
            self._keep(taken)
            with self._changed:
                self._is_busy = False
                self._changed.notify_all()

    def _keep(self, taken: list[tuple[bytes, Callable[[], object] | None]]) -> None:
        if self.failure is None:
            try:
                self._store.append([line for line, _ in taken])
            except AuditError as error:
                log.exception("the audit cannot be kept")
                self.failure = error
        for _, then in taken:
            if then is not None:
                then()
