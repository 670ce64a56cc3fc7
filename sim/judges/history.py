"""What the applications were told: each record's send and its verdict, each record read back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from producer.records import TopicPartition

if TYPE_CHECKING:
    from sim.trace.events import RecordAcknowledged, RecordFailed, RecordRead, RecordSent

ACKNOWLEDGED = "acknowledged"
FAILED = "failed"
"""Certainly not written."""
UNKNOWN = "unknown"
"""Perhaps written; also what never got a verdict."""


class Sent(NamedTuple):
    """One record that an application sent."""

    record: int
    client: str
    topic: str
    key: bytes | None
    value: bytes | None
    event: int
    """Sequence number in the trace of the send."""


class Told(NamedTuple):
    """What an application was told about a record."""

    outcome: str
    """`acknowledged`, `failed` or `unknown`."""
    partition: int
    """-1 when none was chosen."""
    offset: int
    """-1 when none was told."""
    code: int
    """Kafka's error code, 0 for an acknowledged record."""
    event: int
    """Sequence number in the trace."""


class Read(NamedTuple):
    """One record that a consumer read back."""

    client: str
    where: TopicPartition
    offset: int
    key: bytes | None
    value: bytes | None
    event: int
    """Sequence number in the trace."""


@dataclass(slots=True)
class History:
    """Sends, verdicts and reads of one run."""

    sent: dict[int, Sent] = field(default_factory=dict)
    """By record number, in the order of the sends."""
    told: dict[int, Told] = field(default_factory=dict)
    """By record number, in the order of the verdicts; records without a verdict are missing."""
    read: list[Read] = field(default_factory=list)
    """In the order in which consumers read."""

    def outcome(self, record: int) -> str:
        """What is known to the application about a record; `unknown` if it was never told."""
        told = self.told.get(record)
        return UNKNOWN if told is None else told.outcome

    def note_sent(self, number: int, event: RecordSent) -> None:
        """Take a send; `number` is the event's sequence number in the trace."""
        self.sent[event.record] = Sent(event.record, event.client, event.topic, event.key, event.value, number)

    def note_acknowledged(self, number: int, event: RecordAcknowledged) -> None:
        """Take a good verdict; `number` is the event's sequence number in the trace."""
        self.told[event.record] = Told(ACKNOWLEDGED, event.partition, event.offset, 0, number)

    def note_failed(self, number: int, event: RecordFailed) -> None:
        """Take a bad verdict; `number` is the event's sequence number in the trace."""
        self.told[event.record] = Told(event.outcome, event.partition, -1, event.code, number)

    def note_read(self, number: int, event: RecordRead) -> None:
        """Take what a consumer read; `number` is the event's sequence number in the trace."""
        where = TopicPartition(event.topic, event.partition)
        self.read.append(Read(event.client, where, event.offset, event.key, event.value, number))
