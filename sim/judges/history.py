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


class RecordId(NamedTuple):
    """Which record: its client and its number there. Neither its number alone nor its bytes tell it from another client's."""

    client: str
    number: int


class Sent(NamedTuple):
    """One record that an application sent."""

    record: RecordId
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

    sent: dict[RecordId, Sent] = field(default_factory=dict)
    """In the order of the sends."""
    told: dict[RecordId, Told] = field(default_factory=dict)
    """In the order of the verdicts; records without a verdict are missing."""
    read: list[Read] = field(default_factory=list)
    """In the order in which consumers read."""
    senders: set[str] = field(default_factory=set)
    """Clients that sent anything."""

    def outcome(self, record: RecordId) -> str:
        """What is known to the application about a record; `unknown` if it was never told."""
        told = self.told.get(record)
        return UNKNOWN if told is None else told.outcome

    def name(self, record: RecordId) -> str:
        """What to call a record among those of this run: `record 4`; where several clients sent, `record 4 of app.2`."""
        return f"record {record.number} of {record.client}" if len(self.senders) > 1 else f"record {record.number}"

    def note_sent(self, number: int, event: RecordSent) -> None:
        """Take a send; `number` is the event's sequence number in the trace."""
        record = RecordId(event.client, event.record)
        self.senders.add(event.client)
        self.sent[record] = Sent(record, event.topic, event.key, event.value, number)

    def note_acknowledged(self, number: int, event: RecordAcknowledged) -> None:
        """Take a good verdict; `number` is the event's sequence number in the trace."""
        self.told[RecordId(event.client, event.record)] = Told(ACKNOWLEDGED, event.partition, event.offset, 0, number)

    def note_failed(self, number: int, event: RecordFailed) -> None:
        """Take a bad verdict; `number` is the event's sequence number in the trace."""
        told = Told(event.outcome, event.partition, -1, event.code, number)
        self.told[RecordId(event.client, event.record)] = told

    def note_read(self, number: int, event: RecordRead) -> None:
        """Take what a consumer read; `number` is the event's sequence number in the trace."""
        where = TopicPartition(event.topic, event.partition)
        self.read.append(Read(event.client, where, event.offset, event.key, event.value, number))
