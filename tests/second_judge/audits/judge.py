"""The second judge of audits: each record held against every line of every audit, read as mere JSON, and against the disks."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from sim.trace.events import (
    ApplicationKilled,
    AuditOpened,
    AuditRead,
    RecordAcknowledged,
    RecordFailed,
    RecordSent,
)

Id = tuple[str, int]
"""Client, and number of its record."""
Stored = set[tuple[bytes | None, bytes | None]]
"""Key and value of each record that lies in a leader's log; in these stories no two records have the same."""


def unaudited(events: Sequence[Any], stored: Stored) -> set[Id]:
    """Each record of an audited client of which its audit says nothing, too much, or something else than was told."""
    found: set[Id] = set()
    killed = {one.client for one in events if isinstance(one, ApplicationKilled)}
    for client in {one.client for one in events if isinstance(one, AuditOpened)}:
        for sent in events:
            if isinstance(sent, RecordSent) and sent.client == client:
                said = _said(events, client, sent.record)
                told = _told(events, client, sent.record)
                if not _is_right(said, told, is_stored=(sent.key, sent.value) in stored, was_killed=client in killed):
                    found.add((client, sent.record))
    return found


def _said(events: Sequence[Any], client: str, record: int) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []
    for one in events:
        if isinstance(one, AuditRead):
            for line in one.text.split(b"\n")[:-1]:
                fields = json.loads(line)
                if fields.get("client_id") == client and fields.get("record") == record:
                    said.append(fields)
    return said


def _told(events: Sequence[Any], client: str, record: int) -> tuple[str, int | None, int | None] | None:
    for one in events:
        if isinstance(one, RecordAcknowledged | RecordFailed) and (one.client, one.record) == (client, record):
            place = None if one.partition < 0 else one.partition
            if isinstance(one, RecordFailed):
                return one.outcome, place, None
            return "acknowledged", place, None if one.offset < 0 else one.offset
    return None


def _is_right(
    said: list[dict[str, Any]],
    told: tuple[str, int | None, int | None] | None,
    *,
    is_stored: bool,
    was_killed: bool,
) -> bool:
    outcomes = [(one["outcome"], one["partition"], one["offset"]) for one in said if one["kind"] == "outcome"]
    if len(outcomes) > 1:
        return False
    is_written = is_stored or (told is not None and told[0] == "acknowledged")
    if is_written and not said:
        return False
    if told is None:
        return not outcomes
    return was_killed if not outcomes else outcomes == [told]


JUDGES: dict[str, Callable[[Sequence[Any], Stored], set[Id]]] = {"unaudited": unaudited}
"""Promise -> who looks for its breaches."""
