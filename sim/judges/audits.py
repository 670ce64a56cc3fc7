"""What audits hold: who is audited by which, and the lines that lie on their disks in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.governance.audit.chain import unsealed
from producer.governance.audit.lines import INTENT, OUTCOME
from producer.governance.audit.verify import Breach, verify
from sim.judges.record_id import RecordId

if TYPE_CHECKING:
    from sim.trace.events import ApplicationKilled, AuditOpened, AuditRead, GatewayEnded, GatewayStarted


class AuditLine(NamedTuple):
    """One line about a record."""

    audit: str
    number: int
    """From 1, in its file."""
    kind: str
    told: dict[str, Any]

    def __str__(self) -> str:
        return f"line {self.number} of {self.audit}'s audit"


class AuditText(NamedTuple):
    """What lies on the disk of one audit."""

    breach: Breach | None
    event: int
    """Sequence number of the event that it was read."""


@dataclass(slots=True)
class AuditHistory:
    """Audits of one run."""

    audited: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Client -> its audit, and the sequence number of the event by which it opened that."""
    killed: dict[str, int] = field(default_factory=dict)
    """Client -> the event by which it was killed."""
    gateways: dict[str, None] = field(default_factory=dict)
    """Those that there were; the audit of one is called as it is."""
    gateways_ended: dict[str, int] = field(default_factory=dict)
    """Gateway -> the event by which a life of it ended."""
    at_gateways: dict[str, list[AuditLine]] = field(default_factory=dict)
    """Gateway that keeps an audit -> its lines about records of whoever came by, in their order."""
    texts: dict[str, AuditText] = field(default_factory=dict)
    """By audit."""
    lines: dict[RecordId, list[AuditLine]] = field(default_factory=dict)
    """By what they are about, in the order of their files."""

    def note_opened(self, number: int, event: AuditOpened) -> None:
        """Take that a client keeps an audit; `number` is the event's sequence number in the trace."""
        if event.audit in self.gateways:
            self.at_gateways.setdefault(event.audit, [])
        else:
            self.audited[event.client] = event.audit, number

    def note_gateway(self, _: int, event: GatewayStarted) -> None:
        """Take that there is a gateway."""
        self.gateways[event.gateway] = None

    def note_gateway_ended(self, number: int, event: GatewayEnded) -> None:
        """Take that a gateway ended; `number` is the event's sequence number in the trace."""
        self.gateways_ended[event.gateway] = number

    def note_killed(self, number: int, event: ApplicationKilled) -> None:
        """Take that a client ended at once; `number` is the event's sequence number in the trace."""
        self.killed[event.client] = number

    def note_read(self, number: int, event: AuditRead) -> None:
        """Take what lies there in the end; `number` is the event's sequence number in the trace."""
        self.texts[event.audit] = AuditText(verify(event.text).breach, number)
        for place, line in enumerate(event.text.split(b"\n")[:-1], start=1):
            one = unsealed(line)
            if one is not None and one.fields.get("kind") in {INTENT, OUTCOME}:
                record = RecordId(str(one.fields.get("client_id")), int(one.fields.get("record") or 0))
                told = AuditLine(event.audit, place, str(one.fields["kind"]), one.fields)
                if event.audit in self.at_gateways:
                    self.at_gateways[event.audit].append(told)
                else:
                    self.lines.setdefault(record, []).append(told)
