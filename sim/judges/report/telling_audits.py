"""One plain sentence for each event about audits."""

from __future__ import annotations

from typing import Any

from sim.trace import events as cluster


def sentence_of_audits(event: Any) -> str | None:
    """Say what happened; None for an event of another kind."""
    match event:
        case cluster.AuditOpened(lines=0, torn_bytes=0):
            return f"{event.client} begins the audit {event.audit}"
        case cluster.AuditOpened():
            torn = f", a last one torn after {event.torn_bytes} bytes" if event.torn_bytes else ""
            return f"{event.client} goes on with the audit {event.audit}: {event.lines} lines{torn}, {event.without_outcome} intents without an outcome"
        case cluster.AuditLineKept(kind="opened"):
            return f"the audit {event.audit} has on its disk that {event.client} opened it"
        case cluster.AuditLineKept():
            return (
                f"the audit {event.audit} has the {event.kind} of record {event.record} of {event.client} on its disk"
            )
        case cluster.AuditRead():
            return f"the audit {event.audit} is read: {len(event.text)} bytes"
        case _:
            return None
