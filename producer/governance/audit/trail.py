"""An audit's lines in the making: what is told becomes the next line of the chain. Sans-IO: who keeps them is somebody else's matter."""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

from producer.errors import ProducerError
from producer.governance.audit.chain import BEGIN, Fields, Head, seal
from producer.governance.audit.lines import Intent, Opened, Outcome, Who
from producer.governance.audit.verify import Breach, verify


class AuditError(ProducerError):
    """An audit cannot be kept, so nothing is sent."""


class AuditBrokenError(AuditError):
    """What there is of an audit is no chain; whoever goes on with it would hide that."""

    def __init__(self, where: str, breach: Breach) -> None:
        self.breach = breach
        super().__init__(f"{where}: line {breach.line} was {breach.how}: {breach.what}")


class AuditTrail:
    """The writing end of one audit. One writer at a time: two would both go on behind the same line."""

    def __init__(self, who: Who, head: Head = BEGIN) -> None:
        self.who = who
        self.head = head
        """Of the last line that was given out."""

    def opened(self, at_ms: int, opened: Opened) -> bytes:
        """The line with which a writer begins."""
        return self._sealed(opened.fields(self.who, at_ms))

    def intent(self, at_ms: int, intent: Intent, who: Who | None = None) -> bytes:
        """The line that must be durable before a record is sent; `who` writes it, if it is somebody besides the writer."""
        return self._sealed(intent.fields(who or self.who, at_ms))

    def outcome(self, at_ms: int, outcome: Outcome) -> bytes:
        """The line that says what became of it."""
        return self._sealed(outcome.fields(self.who, at_ms))

    def _sealed(self, fields: Fields) -> bytes:
        line, self.head = seal(fields, self.head)
        return line


class Found(NamedTuple):
    """What a writer finds of an audit that was begun before."""

    head: Head
    kept_bytes: int
    """Of whole lines: whatever stands behind them is cut off."""
    opened: Opened


def resumed(text: bytes, where: str) -> Found:
    """Look through what there is, to go on behind it. Raises AuditBrokenError."""
    seen = verify(text)
    if seen.breach is not None:
        raise AuditBrokenError(where, seen.breach)
    torn = text[len(text) - seen.torn_bytes :]
    told = Opened(seen.lines, len(torn), sha256(torn).hexdigest() if torn else None, len(seen.without_outcome))
    return Found(seen.head, len(text) - len(torn), told)
