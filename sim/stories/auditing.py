"""The words for an application that is audited."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Each of its records is told in an audit that outlives its processes, as `producer.governance.audit` keeps one."""

    write_ahead: bool = True
    """Whether an intent is on the disk before a record is sent. Else only its outcome is told, behind the answer."""
