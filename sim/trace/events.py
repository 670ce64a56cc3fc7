"""What happens in a simulated cluster, one typed event each; `producer.events` holds what the engine itself says.

Every event opens with `at_us`. An event names entities by the same words everywhere: `client`, `broker`, `topic`,
`partition`, `connection` (the client's own number, as a port is), so that a query or an anchor can match on fields.
"""

from __future__ import annotations

from typing import NamedTuple

# -- the application ---------------------------------------------------------------------------------------------------


class PhaseBegan(NamedTuple):
    """An application entered a phase of its workload."""

    at_us: int
    client: str
    phase: int
    """From 1."""


class PhaseSent(NamedTuple):
    """An application handed over the last record of a phase; verdicts may still be out."""

    at_us: int
    client: str
    phase: int


class PhaseEnded(NamedTuple):
    """Every send of the phase has ended, one way or the other."""

    at_us: int
    client: str
    phase: int


class RecordSent(NamedTuple):
    """The application called send."""

    at_us: int
    client: str
    record: int
    """Number of the record, unique within the run, in the order of the sends."""
    topic: str
    key: bytes | None
    value: bytes | None


class RecordAcknowledged(NamedTuple):
    """The application was told that its record is written."""

    at_us: int
    client: str
    record: int
    topic: str
    partition: int
    offset: int
    """-1 with acks=0."""


class RecordFailed(NamedTuple):
    """The application was told that its record is not, or perhaps not, written."""

    at_us: int
    client: str
    record: int
    topic: str
    partition: int
    """-1 when no partition was chosen yet."""
    code: int
    """Kafka's error code; -1000 when the client gave up before any broker was asked."""
    outcome: str
    """`failed` (certainly not written) or `unknown`."""


class RecordRead(NamedTuple):
    """A consumer read a record back."""

    at_us: int
    client: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


# -- the cluster as the controller sees it -----------------------------------------------------------------------------


class TopicCreated(NamedTuple):
    """A topic exists."""

    at_us: int
    topic: str
    partitions: int
    replication_factor: int
    min_insync_replicas: int
    timestamp_type: str = "CreateTime"
    """With `LogAppendTime` a leader stamps its own time into each batch, and so changes its checksum."""


class PartitionsAdded(NamedTuple):
    """A topic has more partitions than before; keyed records go elsewhere from now on."""

    at_us: int
    topic: str
    partitions: int
    """How many there are now."""


class BrokerRegistered(NamedTuple):
    """A broker registered; it is fenced until it has caught up with the metadata."""

    at_us: int
    broker: int
    broker_epoch: int


class BrokerUnfenced(NamedTuple):
    """A broker may lead and be in sync again."""

    at_us: int
    broker: int


class BrokerFenced(NamedTuple):
    """The controller missed a broker's heartbeats for a session, and counts on it no longer."""

    at_us: int
    broker: int


class LeaderElected(NamedTuple):
    """The controller chose a leader, or found none."""

    at_us: int
    topic: str
    partition: int
    leader: int
    """-1 for none."""
    leader_epoch: int
    isr: tuple[int, ...]
    replicas: tuple[int, ...]
    eligible_leader_replicas: tuple[int, ...]
    is_unclean: bool


class IsrChanged(NamedTuple):
    """The controller committed a change of the in-sync replicas."""

    at_us: int
    topic: str
    partition: int
    leader: int
    leader_epoch: int
    isr: tuple[int, ...]
    eligible_leader_replicas: tuple[int, ...]


# -- a broker ----------------------------------------------------------------------------------------------------------


class BrokerStarted(NamedTuple):
    """A broker's process began."""

    at_us: int
    broker: int


class BrokerCrashed(NamedTuple):
    """A broker's process ended without a word."""

    at_us: int
    broker: int
    disk: str
    """`kept`, `unflushed lost` or `wiped`."""


class BrokerPaused(NamedTuple):
    """A broker's process stands still; its sockets fill."""

    at_us: int
    broker: int


class BrokerResumed(NamedTuple):
    """A paused broker goes on."""

    at_us: int
    broker: int


class BecameLeader(NamedTuple):
    """A broker learned that it leads a partition, and opened its epoch."""

    at_us: int
    broker: int
    topic: str
    partition: int
    leader_epoch: int
    log_end_offset: int


class BecameFollower(NamedTuple):
    """A broker learned whom to follow; leader -1 for nobody."""

    at_us: int
    broker: int
    topic: str
    partition: int
    leader: int
    leader_epoch: int
    log_end_offset: int


class BatchAppended(NamedTuple):
    """A leader appended a producer's batch."""

    at_us: int
    broker: int
    topic: str
    partition: int
    base_offset: int
    last_offset: int
    leader_epoch: int
    client: str
    connection: int
    correlation_id: int
    """With `client` and `connection`: which request brought it."""
    producer_id: int
    producer_epoch: int
    base_sequence: int
    crc: int


class BatchDeduplicated(NamedTuple):
    """A leader recognised a batch that it already has, and answered with its first offset."""

    at_us: int
    broker: int
    topic: str
    partition: int
    base_offset: int
    client: str
    connection: int
    correlation_id: int
    producer_id: int
    producer_epoch: int
    base_sequence: int


class BatchReplicated(NamedTuple):
    """A follower appended what it fetched."""

    at_us: int
    broker: int
    topic: str
    partition: int
    base_offset: int
    last_offset: int
    leader_epoch: int
    """Of the batch: the epoch of the leader that first appended it."""
    crc: int


class LogTruncated(NamedTuple):
    """A replica lost the end of its log: offsets from `to_offset` on are gone from this broker."""

    at_us: int
    broker: int
    topic: str
    partition: int
    to_offset: int
    from_offset: int
    """The log end before."""
    reason: str
    """`diverging epoch`, `unflushed lost`, `disk wiped`, …"""


class HighWatermarkAdvanced(NamedTuple):
    """A replica learned of a higher high watermark; a consumer sees up to the leader's."""

    at_us: int
    broker: int
    topic: str
    partition: int
    high_watermark: int


class LogFlushed(NamedTuple):
    """A replica's log is durable up to here."""

    at_us: int
    broker: int
    topic: str
    partition: int
    to_offset: int


class RequestReceived(NamedTuple):
    """A broker began to work on a client's request (one at a time per connection)."""

    at_us: int
    broker: int
    api: str
    client: str
    connection: int
    correlation_id: int


class ProduceAnswered(NamedTuple):
    """A broker decided the answer for one partition of a Produce request; acks=0 hears nothing of it."""

    at_us: int
    broker: int
    topic: str
    partition: int
    client: str
    connection: int
    correlation_id: int
    code: int
    base_offset: int


class ResponseSent(NamedTuple):
    """A broker put its answer on the wire."""

    at_us: int
    broker: int
    api: str
    client: str
    connection: int
    correlation_id: int


class ResponseDropped(NamedTuple):
    """A fault swallowed an answer."""

    at_us: int
    broker: int
    api: str
    client: str
    connection: int
    correlation_id: int


# -- faults ------------------------------------------------------------------------------------------------------------


class FaultInjected(NamedTuple):
    """A fault of the schedule strikes; its effects follow at once, or `FaultRefused` if the cluster forbids it now."""

    at_us: int
    entry: int
    """Its place in the schedule, from 0."""
    fault: str
    """The fault as it is written on the command line, targets resolved."""


class FaultRefused(NamedTuple):
    """A fault of the schedule had no effect: nobody holds the role that it names, or the cluster forbids it now."""

    at_us: int
    entry: int
    fault: str
    reason: str


class RunEnded(NamedTuple):
    """Nothing more is expected to happen: the cluster is healed and quiet, or the time is up."""

    at_us: int
    is_settled: bool
    """Whether every partition had a leader and every replica in sync."""
