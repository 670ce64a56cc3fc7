"""What the applications were told: each record's send and its verdict; and the way of each reader."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from producer.records import Headers, TopicPartition
from sim.cluster.internal_topics import is_internal
from sim.judges.audits import AuditHistory
from sim.judges.governance import GovernanceHistory
from sim.judges.groups import GroupHistory
from sim.judges.latencies import LatencyHistory
from sim.judges.record_id import RecordId
from sim.judges.schemas import SchemaHistory
from sim.judges.transactions import TransactionHistory

if TYPE_CHECKING:
    from sim.trace.events import (
        OffsetsGiven,
        ReaderBegan,
        ReaderEnded,
        ReaderIsolated,
        ReaderMoved,
        RecordAcknowledged,
        RecordDerived,
        RecordFailed,
        RecordRead,
        RecordSent,
        RecordSentAgain,
        TransactionEnded,
    )

SCHEMAS = "_schemas"
"""The topic of registries. What they write there is no application's, as what coordinators write: whose it was, and how often it was
tried, nobody is told."""
ACKNOWLEDGED = "acknowledged"
FAILED = "failed"
"""Certainly not written."""
UNKNOWN = "unknown"
"""Perhaps written; also what never got a verdict."""


def is_of_services(topic: str) -> bool:
    """Whether brokers or registries keep a topic for themselves, so that no record there is an application's."""
    return topic == SCHEMAS or is_internal(topic)


class Sent(NamedTuple):
    """One record that an application sent."""

    record: RecordId
    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int
    """CreateTime as the application gave it; -1 where it left that to the producer."""
    partition: int
    """The application's own choice; -1 where it left that to the partitioner."""
    stands_for: bytes | None
    """What it is to the business; None where nobody said."""
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
    timestamp_ms: int
    """-1 when none was told."""
    code: int
    """Kafka's error code, 0 for an acknowledged record."""
    event: int
    """Sequence number in the trace."""


class Read(NamedTuple):
    """One record that a reader was given."""

    client: str
    where: TopicPartition
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp_ms: int
    headers: Headers
    leader_epoch: int
    """Of the batch that it came in; -1 where nobody said."""
    timestamp_type: str
    event: int
    """Sequence number in the trace."""


class Moved(NamedTuple):
    """A reader goes on from an offset that it did not get to by reading."""

    offset: int
    why: str
    """`begins`, `offset out of range` or `log was cut`."""
    event: int
    """Sequence number in the trace."""


@dataclass(slots=True)
class ReaderWay:
    """One reader's way through one partition."""

    client: str
    where: TopicPartition
    steps: list[Read | Moved] = field(default_factory=list)
    """In the order of the trace."""
    ended: int = -1
    """Sequence number of its `ReaderEnded`; -1 if it was cut short with the run."""
    position: int = -1
    """The offset that it would have read next when it ended."""
    error: str = ""
    """Why it could not go on."""


class Made(NamedTuple):
    """A record as a gateway handed it on."""

    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(slots=True)
class History:
    """Sends, verdicts and reads of one run."""

    sent: dict[RecordId, Sent] = field(default_factory=dict)
    """In the order of the sends."""
    again: dict[RecordId, int] = field(default_factory=dict)
    """Sequence number in the trace of the word that the send repeats an earlier one, where it does."""
    made: dict[RecordId, list[Made]] = field(default_factory=dict)
    """What a gateway made of a record, each time that it came to a log, where that is something else than was sent."""
    through: dict[str, str] = field(default_factory=dict)
    """Client -> the gateway by which it came to brokers."""
    told: dict[RecordId, Told] = field(default_factory=dict)
    """In the order of the verdicts; records without a verdict are missing."""
    read: list[Read] = field(default_factory=list)
    """In the order in which readers were given them."""
    ways: dict[tuple[str, TopicPartition], ReaderWay] = field(default_factory=dict)
    """(reader, partition) -> its way, in the order of their beginnings."""
    whole: dict[tuple[str, str], str] = field(default_factory=dict)
    """(reader, topic) -> where it began, of those who read whole topics."""
    groups: GroupHistory = field(default_factory=GroupHistory)
    """What those were told who read as members of groups."""
    transactions: TransactionHistory = field(default_factory=TransactionHistory)
    """What applications did in transactions."""
    schemas: SchemaHistory = field(default_factory=SchemaHistory)
    """What was written and read by schemas."""
    audits: AuditHistory = field(default_factory=AuditHistory)
    """What was told in audits."""
    governance: GovernanceHistory = field(default_factory=GovernanceHistory)
    """Secrets, keys, and what lies on disks in the end."""
    latencies: LatencyHistory = field(default_factory=LatencyHistory)
    """How long records took of those to whom a bound was promised."""
    isolated: dict[str, None] = field(default_factory=dict)
    """Readers that are to be given nothing of a transaction before it is committed."""
    senders: set[str] = field(default_factory=set)
    """Clients that sent anything."""
    deleted: dict[str, int] = field(default_factory=dict)
    """Topic -> the event by which one of that name was deleted first."""

    def outcome(self, record: RecordId) -> str:
        """What is known to the application about a record; `unknown` if it was never told."""
        told = self.told.get(record)
        return UNKNOWN if told is None else told.outcome

    def as_written(self, record: RecordId, key: bytes | None, value: bytes | None) -> Sent:
        """Give the send as it was to lie in a log: as it was sent, or as a gateway handed it on, with that key and value if it ever did so."""
        sent = self.sent[record]
        made = self.made.get(record)
        if made is None:
            return sent
        one = next((one for one in made if (one.key, one.value) == (key, value)), made[-1])
        return sent._replace(key=one.key, value=one.value, headers=one.headers)

    def written_key(self, record: RecordId) -> bytes | None:
        """Give the key under which a record was to lie in a log."""
        made = self.made.get(record)
        return self.sent[record].key if made is None else made[-1].key

    def name(self, record: RecordId) -> str:
        """What to call a record among those of this run: `record 4`; where several clients sent, `record 4 of app.2`."""
        return f"record {record.number} of {record.client}" if len(self.senders) > 1 else f"record {record.number}"

    def note_sent(self, number: int, event: RecordSent) -> None:
        """Take a send; `number` is the event's sequence number in the trace."""
        if event.topic == SCHEMAS:
            return
        record = RecordId(event.client, event.record)
        self.senders.add(event.client)
        self.sent[record] = Sent(
            record,
            event.topic,
            event.key,
            event.value,
            event.headers,
            event.timestamp_ms,
            event.partition,
            event.stands_for,
            number,
        )
        self.transactions.note_sent(record)
        self.latencies.note_sent(record, event.at_us)

    def note_sent_again(self, number: int, event: RecordSentAgain) -> None:
        """Take that the next send repeats an earlier one; `number` is the event's sequence number in the trace."""
        self.again[RecordId(event.client, event.record)] = number

    def note_derived(self, number: int, event: RecordDerived) -> None:
        """Take what a record was made of; `number` is the event's sequence number in the trace."""
        self.transactions.note_derived(number, event, RecordId(event.client, event.record))

    def note_offsets_given(self, number: int, event: OffsetsGiven) -> None:
        """Take positions that are to be remembered with a transaction; `number` is the event's sequence number in the trace."""
        self.transactions.note_offsets(number, event)
        self.groups.note_given(number, event)

    def note_transaction_ended(self, number: int, event: TransactionEnded) -> None:
        """Take what became of a transaction, its positions included; `number` is the event's sequence number in the trace."""
        ended = self.transactions.note_ended(number, event)
        self.groups.note_ended(number, event, (ended.client, ended.number))

    def note_acknowledged(self, number: int, event: RecordAcknowledged) -> None:
        """Take a good verdict; `number` is the event's sequence number in the trace."""
        if event.topic == SCHEMAS:
            return
        record = RecordId(event.client, event.record)
        self.told[record] = Told(ACKNOWLEDGED, event.partition, event.offset, event.timestamp_ms, 0, number)
        self.latencies.note_acknowledged(record, event.at_us)

    def note_failed(self, number: int, event: RecordFailed) -> None:
        """Take a bad verdict; `number` is the event's sequence number in the trace."""
        if event.topic == SCHEMAS:
            return
        told = Told(event.outcome, event.partition, -1, -1, event.code, number)
        self.told[RecordId(event.client, event.record)] = told

    def note_read(self, number: int, event: RecordRead) -> None:
        """Take what a consumer read; `number` is the event's sequence number in the trace."""
        where = TopicPartition(event.topic, event.partition)
        read = Read(
            event.client,
            where,
            event.offset,
            event.key,
            event.value,
            event.timestamp_ms,
            event.headers,
            event.leader_epoch,
            event.timestamp_type,
            number,
        )
        self.read.append(read)
        self._way(event.client, where).steps.append(read)

    def note_reader_began(self, _: int, event: ReaderBegan) -> None:
        """Take that somebody reads a whole topic from now on."""
        self.whole[event.client, event.topic] = event.begin

    def note_reader_isolated(self, _: int, event: ReaderIsolated) -> None:
        """Take that a reader reads what is committed (isolation.level=read_committed)."""
        self.isolated[event.client] = None

    def note_reader_moved(self, number: int, event: ReaderMoved) -> None:
        """Take where a reader goes on; `number` is the event's sequence number in the trace."""
        way = self._way(event.client, TopicPartition(event.topic, event.partition))
        way.steps.append(Moved(event.offset, event.why, number))

    def note_reader_ended(self, number: int, event: ReaderEnded) -> None:
        """Take that a reader reads no more; `number` is the event's sequence number in the trace."""
        way = self._way(event.client, TopicPartition(event.topic, event.partition))
        way.ended, way.position, way.error = number, event.position, event.error

    def _way(self, client: str, where: TopicPartition) -> ReaderWay:
        way = self.ways.get((client, where))
        if way is None:
            way = self.ways[client, where] = ReaderWay(client, where)
        return way
