"""How long it took from a record's send to its acknowledgement, of those clients to whom a bound was promised."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sim.judges.record_id import RecordId

if TYPE_CHECKING:
    from sim.trace.events import LatencyPromised


class Promised(NamedTuple):
    """What a client was promised."""

    p99_us: int
    event: int
    """Sequence number in the trace of the promise."""


@dataclass(slots=True)
class LatencyHistory:
    """Promises, and what records took. Of clients without a promise nothing is kept."""

    promised: dict[str, Promised] = field(default_factory=dict)
    """By client."""
    sent_us: dict[RecordId, int] = field(default_factory=dict)
    """When each record was sent."""
    took_us: dict[RecordId, int] = field(default_factory=dict)
    """What each took that was acknowledged; those that never were are missing."""

    def note_promised(self, number: int, event: LatencyPromised) -> None:
        """Take a promise; `number` is the event's sequence number in the trace."""
        self.promised[event.client] = Promised(event.p99_us, number)

    def note_sent(self, record: RecordId, at_us: int) -> None:
        """Take the time of a send."""
        if record.client in self.promised:
            self.sent_us[record] = at_us

    def note_acknowledged(self, record: RecordId, at_us: int) -> None:
        """Take the time of an acknowledgement."""
        sent_us = self.sent_us.get(record)
        if sent_us is not None:
            self.took_us[record] = at_us - sent_us
