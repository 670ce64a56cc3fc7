"""What the engine says: answers to the application, and what an observer may watch.

Every event opens with the time and the client's name, so that a trace takes it as it is. They are named tuples, not
dataclasses: a run makes thousands of them, and a tuple is made three times as fast.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from producer.errors import SendError

Token = Any
"""Whatever the driver gave with a record: a future, a number. The engine only hands it back."""


# -- for the application -----------------------------------------------------------------------------------------------


class BatchMetadata(NamedTuple):
    """Where the records of a batch lie: the first at `base_offset`, the others behind it.

    It knows no token: a future that keeps it would be kept by it, and both would wait for the garbage collector.
    """

    topic: str
    partition: int
    base_offset: int
    """-1 with acks=0, and for a duplicate whose offset the broker no longer knew."""
    log_append_time_ms: int
    """-1 unless the topic stamps LogAppendTime; then it replaces each record's own time."""
    timestamps_ms: list[int]
    key_sizes: list[int]
    """Bytes of each record's key, -1 for null."""
    value_sizes: list[int]


class BatchDelivered(NamedTuple):
    """Every record of a batch was acknowledged."""

    tokens: list[Token]
    metadata: BatchMetadata


class BatchUndelivered(NamedTuple):
    """No record of a batch will be acknowledged; `error.outcome` says whether they may be in the log all the same."""

    topic: str
    partition: int
    tokens: list[Token]
    error: SendError


class RoomMade(NamedTuple):
    """Who waits for metadata or for `buffer.memory` should try again."""


Answer = BatchDelivered | BatchUndelivered | RoomMade


# -- for an observer ---------------------------------------------------------------------------------------------------


class BatchOpened(NamedTuple):
    """The accumulator began a batch."""

    at_us: int
    client: str
    batch: int
    """Number of the batch, unique within its client."""
    topic: str
    partition: int


class RecordAccepted(NamedTuple):
    """A record was given a partition and put into a batch."""

    at_us: int
    client: str
    token: Token
    batch: int
    topic: str
    partition: int


class BatchSent(NamedTuple):
    """A batch left in a Produce request."""

    at_us: int
    client: str
    batch: int
    topic: str
    partition: int
    broker: int
    connection: int
    correlation_id: int
    attempt: int
    """1 for the first."""
    producer_id: int
    producer_epoch: int
    base_sequence: int
    record_count: int
    size_bytes: int
    crc: int
    """CRC32C of the batch as encoded: a broker that appends other bytes is found out."""


class BatchRetried(NamedTuple):
    """An attempt failed in a way that may be tried again; the batch waits until `not_before_us`."""

    at_us: int
    client: str
    batch: int
    topic: str
    partition: int
    code: int
    not_before_us: int


class BatchAcknowledged(NamedTuple):
    """A broker answered that the batch is in its log."""

    at_us: int
    client: str
    batch: int
    topic: str
    partition: int
    base_offset: int
    code: int
    """0, or DUPLICATE_SEQUENCE_NUMBER."""


class BatchFailed(NamedTuple):
    """The engine gave a batch up."""

    at_us: int
    client: str
    batch: int
    topic: str
    partition: int
    code: int
    outcome: str
    reason: str


class BatchSplit(NamedTuple):
    """A batch was too large for the broker; its records go on, in order, in these smaller ones."""

    at_us: int
    client: str
    batch: int
    topic: str
    partition: int
    parts: tuple[int, ...]


class BatchResequenced(NamedTuple):
    """A batch that waits for its retry took new sequences, after the identity changed."""

    at_us: int
    client: str
    batch: int
    topic: str
    partition: int
    producer_id: int
    producer_epoch: int
    base_sequence: int


class IdentityAssigned(NamedTuple):
    """The producer has another id or epoch: from a broker, by its own bump (KIP-360), or -1 while it asks again."""

    at_us: int
    client: str
    producer_id: int
    producer_epoch: int


class ProducerTransactionMoved(NamedTuple):
    """The producer's transactions are in another state (`producer.transactions.state`)."""

    at_us: int
    client: str
    transactional_id: str
    state: str
    """`in transaction`, `committing transaction` and so on."""
    is_v2: bool
    """Whether partitions join by the Produce that writes to them, and each end brings a new epoch (KIP-890)."""


class ConnectionRequested(NamedTuple):
    """The engine wants a connection to a broker; -2 and below are bootstrap servers, whose ids are not known yet."""

    at_us: int
    client: str
    connection: int
    broker: int
    address: str


class ConnectionReady(NamedTuple):
    """The connection is up and its API versions are agreed."""

    at_us: int
    client: str
    connection: int
    broker: int


class ConnectionLost(NamedTuple):
    """The connection ended, by whichever side."""

    at_us: int
    client: str
    connection: int
    broker: int
    reason: str


class MetadataLearned(NamedTuple):
    """A Metadata response, or a hint in a Produce response (KIP-951), changed the view of the cluster."""

    at_us: int
    client: str
    leaders: tuple[tuple[str, int, int, int], ...]
    """(topic, partition, leader, leader epoch) of every partition the client follows; leader -1 for none."""


class Rebootstrapped(NamedTuple):
    """The client forgot all it knew of the cluster, and begins again with the bootstrap servers (KIP-899, KIP-1102)."""

    at_us: int
    client: str
    reason: str


Observation = (
    BatchOpened
    | RecordAccepted
    | BatchSent
    | BatchRetried
    | BatchAcknowledged
    | BatchFailed
    | BatchSplit
    | BatchResequenced
    | IdentityAssigned
    | ProducerTransactionMoved
    | ConnectionRequested
    | ConnectionReady
    | ConnectionLost
    | MetadataLearned
    | Rebootstrapped
)
