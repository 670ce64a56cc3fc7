"""What an audit does: who keeps which, which of its lines are durable, and what lies on its disk in the end."""

from __future__ import annotations

from typing import NamedTuple


class AuditOpened(NamedTuple):
    """A life of an application goes on with an audit, or begins one."""

    at_us: int
    client: str
    audit: str
    """The file's name."""
    lines: int
    """How many whole ones it found."""
    torn_bytes: int
    """Of a last one that was not wholly written."""
    without_outcome: int
    """Intents of which nobody will tell what became."""


class AuditLineKept(NamedTuple):
    """A line of an audit is durable."""

    at_us: int
    client: str
    audit: str
    kind: str
    """`opened`, `intent` or `outcome`."""
    record: int
    """The client's number for the record that it is about; 0 for none."""


class AuditRead(NamedTuple):
    """What lies on the disk of an audit when all is over."""

    at_us: int
    audit: str
    text: bytes
