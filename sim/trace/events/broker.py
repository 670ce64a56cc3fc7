"""What a broker lives through, what its replicas become, and what happens to their logs."""

from __future__ import annotations

from typing import NamedTuple

TOPIC_DELETED = "topic deleted"
"""Why a replica lost its whole log: somebody wanted it so."""
LEADERS_START = "leader's log start"
"""Why a follower's log begins later: its leader's does."""
REPLICA_REMOVED = "replica removed"
"""Why a replica lost its whole log: its partition moved to other brokers."""
CUT_SHORT = "file cut short"
"""Why a replica lost the end of its log: its file was cut while its broker was down."""
CORRUPT_BATCH = "corrupt batch"
"""Why a replica lost the end of its log: its broker found a batch there that has gone bad, after an end without a word."""
DISK_WIPED = "disk wiped"
"""Why it lost its whole log: the machine, or a device, was replaced."""


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


class BrokerStopping(NamedTuple):
    """Somebody asked a broker's process to stop in good order (SIGTERM)."""

    at_us: int
    broker: int


class BrokerStopped(NamedTuple):
    """A broker's process ended in good order: its logs are flushed, and its disk says so."""

    at_us: int
    broker: int


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
    """`diverging epoch`, `unflushed lost`, `disk wiped`, `topic deleted`, `file cut short`, `corrupt batch`, …"""


class SegmentRolled(NamedTuple):
    """A replica closed the segment that it wrote to, and began another."""

    at_us: int
    broker: int
    topic: str
    partition: int
    base_offset: int
    """The first offset of the new one."""


class LogStartAdvanced(NamedTuple):
    """A replica's log begins later: offsets before that are given to nobody any more."""

    at_us: int
    broker: int
    topic: str
    partition: int
    log_start_offset: int
    reason: str
    """`retention.ms`, `retention.bytes`, `records deleted` (DeleteRecords), or `leader's log start`."""


class SegmentsDeleted(NamedTuple):
    """A replica removed its oldest segments: what they held is on this broker's disk no longer."""

    at_us: int
    broker: int
    topic: str
    partition: int
    from_offset: int
    """Where the oldest of them began."""
    to_offset: int
    """Where the oldest that is left begins."""
    reason: str
    """`retention.ms`, `retention.bytes`, or `before the log's start`."""


class SegmentsCleaned(NamedTuple):
    """A replica compacted some of its segments: what is left of them is one segment, with gaps."""

    at_us: int
    broker: int
    topic: str
    partition: int
    from_offset: int
    """Where the first of them began, and the one that is left begins."""
    to_offset: int
    """Where the next one begins that was not among them."""
    began_ms: int
    """What the broker's clock showed when it began to clean this log: by it the time of tombstones is over, or not."""
    batches: tuple[tuple[int, int], ...]
    """First offset and CRC32C of each batch that is left, with the records that it has now."""
    removed: tuple[int, ...]
    """Offsets of the records that went."""


class LogRestarted(NamedTuple):
    """A follower gave up its whole log and begins where its leader's log begins: what lies between was removed there."""

    at_us: int
    broker: int
    topic: str
    partition: int
    at_offset: int
    from_offset: int
    """The log end before."""


class BitFlipped(NamedTuple):
    """A bit flipped on a broker's disk: a batch there is no longer what was written, or is it again."""

    at_us: int
    broker: int
    topic: str
    partition: int
    base_offset: int
    last_offset: int
    crc: int
    """The CRC32C that the batch names."""
    computed_crc: int
    """That of its bytes from now on."""


class CorruptBatchFetched(NamedTuple):
    """A follower was given a batch whose bytes do not match its CRC; it appends nothing, and asks again later."""

    at_us: int
    broker: int
    topic: str
    partition: int
    base_offset: int
    leader: int
    """Who gave it."""


class HighWatermarkAdvanced(NamedTuple):
    """A replica learned of a higher high watermark; a consumer sees up to the leader's."""

    at_us: int
    broker: int
    topic: str
    partition: int
    high_watermark: int


class ReplicaMoved(NamedTuple):
    """A replica serves from another log directory of its broker now: its copy there was whole (AlterReplicaLogDirs)."""

    at_us: int
    broker: int
    topic: str
    partition: int
    from_directory: int
    to_directory: int


class LogDirectoryFailed(NamedTuple):
    """A broker found that nothing can be written to a log directory: its replicas there are offline until a next life."""

    at_us: int
    broker: int
    directory: int
    """As log.dirs lists them, from 1. Without the first, which holds the metadata log, a process halts."""
    offline_partitions: tuple[str, ...]
    """As `orders-0`: those that lie there."""


class LogFlushed(NamedTuple):
    """A replica's log is durable up to here."""

    at_us: int
    broker: int
    topic: str
    partition: int
    to_offset: int
