"""What is to be kept secret in one run, what became of keys, and what lies on disks in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sim.judges.record_id import RecordId

if TYPE_CHECKING:
    from sim.trace.events import BatchAtRest, KeyRotated, RecordGoverned, SecretPlanted


class Planted(NamedTuple):
    """One way in which one secret may be written."""

    secret: str
    form: str
    size: int
    digest: str


class Rotation(NamedTuple):
    """A tenant's key was replaced."""

    tenant: str
    version: int
    event: int
    """Sequence number in the trace."""


class AtRest(NamedTuple):
    """A batch on one broker's disk."""

    broker: int
    topic: str
    partition: int
    data: bytes
    event: int
    """Sequence number in the trace."""


@dataclass(slots=True)
class GovernanceHistory:
    """Policies, keys and secrets in one run."""

    planted: list[Planted] = field(default_factory=list)
    rotations: list[Rotation] = field(default_factory=list)
    at_rest: list[AtRest] = field(default_factory=list)
    ruled: dict[RecordId, str] = field(default_factory=dict)
    """Record -> `passed`, `refused`, `dead lettered`, or `passed in plaintext`."""

    def note_planted(self, _: int, event: SecretPlanted) -> None:
        """Take a secret."""
        self.planted.append(Planted(event.secret, event.form, event.size, event.digest))

    def note_rotated(self, number: int, event: KeyRotated) -> None:
        """Take a new key; `number` is the event's sequence number in the trace."""
        self.rotations.append(Rotation(event.tenant, event.version, number))

    def note_at_rest(self, number: int, event: BatchAtRest) -> None:
        """Take what lies on a disk; `number` is the event's sequence number in the trace."""
        self.at_rest.append(AtRest(event.broker, event.topic, event.partition, event.data, number))

    def note_governed(self, _: int, event: RecordGoverned) -> None:
        """Take a ruling."""
        verdict = "passed in plaintext" if event.is_plain and event.verdict == "passed" else event.verdict
        self.ruled[RecordId(event.client, event.record)] = verdict
