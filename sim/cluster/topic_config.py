"""What one topic is like: its partitions and replicas, how long its records stay, and in what form; with Kafka's defaults."""

from __future__ import annotations

from dataclasses import dataclass

from producer.records import is_topic_name
from sim.cluster.config_bounds import check_at_least

TIMESTAMP_TYPES = ("CreateTime", "LogAppendTime")
COMPRESSION_TYPES = ("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer")
CLEANUP_POLICIES = ("compact", "delete")


@dataclass(frozen=True, slots=True)
class TopicConfig:
    """One topic. Raises ValueError, naming field and value."""

    name: str
    """Letters, digits, '.', '_' and '-', at most 249 of them."""
    partitions: int = 1
    """How many; they are counted from 0, as `orders-0`."""
    replication_factor: int = 3
    """Replicas of each partition; ignored where `replicas` says which."""
    min_insync_replicas: int = 2
    """min.insync.replicas: acks=all is refused below it; never more than the replication factor in effect."""
    replicas: tuple[tuple[int, ...], ...] | None = None
    """Brokers of each partition, the preferred leader first; None: round robin from broker (partition mod brokers) + 1."""
    timestamp_type: str = "CreateTime"
    """message.timestamp.type: `CreateTime` or `LogAppendTime`."""
    max_message_bytes: int = 1_048_588
    """max.message.bytes: the largest batch; a larger one is MESSAGE_TOO_LARGE."""
    timestamp_after_max_ms: int = 3_600_000
    """message.timestamp.after.max.ms: how far a record's CreateTime may be ahead of its leader's clock."""
    timestamp_before_max_ms: int = (1 << 63) - 1
    """message.timestamp.before.max.ms: how far behind it may be; Kafka's default is no limit."""
    unclean_leader_election: bool | None = None
    """unclean.leader.election.enable of this topic; None: as the brokers have it."""
    cleanup_policy: tuple[str, ...] = ("delete",)
    """cleanup.policy: `delete` removes what is old, `compact` what its key has a later record of; one without a key is refused."""
    retention_ms: int = 604_800_000
    """retention.ms: a segment goes when its newest record is older than that; -1: never."""
    retention_bytes: int = -1
    """retention.bytes: the oldest segments go as long as what is left is that much at least; -1: never."""
    segment_bytes: int = 1 << 30
    """segment.bytes: a segment is closed before it is larger."""
    internal_segment_bytes: int = -1
    """internal.segment.bytes: the same without a lower limit, for tests and small stories; -1: as `segment_bytes` says."""
    segment_ms: int = 604_800_000
    """segment.ms: a segment is closed by the first record that is that much younger than its first."""
    segment_index_bytes: int = 10_485_760
    """segment.index.bytes: a segment is closed when its index is that large."""
    index_interval_bytes: int = 4_096
    """index.interval.bytes: so many bytes come between two entries of an index."""
    max_compaction_lag_ms: int = (1 << 63) - 1
    """max.compaction.lag.ms: under `compact` a segment is closed within that time as well, and cleaned when it is that old."""
    min_compaction_lag_ms: int = 0
    """min.compaction.lag.ms: a segment whose newest record is younger than that is not cleaned yet."""
    min_cleanable_dirty_ratio: float = 0.5
    """min.cleanable.dirty.ratio: a log is cleaned when more of its bytes than that were written since it was cleaned last."""
    delete_retention_ms: int = 86_400_000
    """delete.retention.ms: how long a tombstone (a key without a value) stays after a cleaner has come by it first."""
    compression_type: str = "producer"
    """compression.type: batches are kept as they came (`producer`), or compressed anew by their leader."""
    compression_gzip_level: int = -1
    """compression.gzip.level."""
    compression_lz4_level: int = 9
    """compression.lz4.level."""
    compression_zstd_level: int = 3
    """compression.zstd.level."""

    def __post_init__(self) -> None:
        """Check the values one by one and against each other."""
        name = f"TopicConfig({self.name!r})"
        if not is_topic_name(self.name):
            msg = f"TopicConfig.name is {self.name!r}, must be 1 to 249 of a-z, A-Z, 0-9, '.', '_', '-', and not '.' or '..'"
            raise ValueError(msg)
        check_at_least(name, self, 1, "partitions", "replication_factor", "min_insync_replicas")
        check_at_least(name, self, 0, "max_message_bytes", "timestamp_after_max_ms", "timestamp_before_max_ms")
        check_at_least(name, self, 0, "index_interval_bytes", "min_compaction_lag_ms", "delete_retention_ms")
        check_at_least(name, self, 1, "segment_ms", "max_compaction_lag_ms")
        check_at_least(name, self, 1 << 20, "segment_bytes")
        check_at_least(name, self, 4, "segment_index_bytes")
        check_at_least(name, self, -1, "retention_ms", "internal_segment_bytes")
        if not 0 <= self.min_cleanable_dirty_ratio <= 1:
            msg = f"{name}.min_cleanable_dirty_ratio is {self.min_cleanable_dirty_ratio}, must be 0..1"
            raise ValueError(msg)
        # Kafka takes any number of bytes below 0 for no limit.
        if self.timestamp_type not in TIMESTAMP_TYPES:
            msg = f"{name}.timestamp_type is {self.timestamp_type!r}, must be one of {', '.join(TIMESTAMP_TYPES)}"
            raise ValueError(msg)
        if self.compression_type not in COMPRESSION_TYPES:
            msg = f"{name}.compression_type is {self.compression_type!r}, must be one of {', '.join(COMPRESSION_TYPES)}"
            raise ValueError(msg)
        if not set(self.cleanup_policy) <= set(CLEANUP_POLICIES):
            msg = f"{name}.cleanup_policy is {self.cleanup_policy}, must be some of {', '.join(CLEANUP_POLICIES)}"
            raise ValueError(msg)
        if self.replicas is None:
            return
        if len(self.replicas) != self.partitions:
            msg = f"{name}.replicas is {self.replicas}: {len(self.replicas)} entries for {self.partitions} partitions"
            raise ValueError(msg)
        for assigned in self.replicas:
            if not assigned or len(set(assigned)) != len(assigned):
                msg = f"{name}.replicas is {self.replicas}: {assigned} is empty or names a broker twice"
                raise ValueError(msg)

    @property
    def is_compacted(self) -> bool:
        """Whether a cleaner looks after its logs."""
        return "compact" in self.cleanup_policy

    @property
    def segment_size_bytes(self) -> int:
        """The largest a segment may be (LogConfig.segmentSize)."""
        return self.segment_bytes if self.internal_segment_bytes < 0 else self.internal_segment_bytes

    def replicas_of(self, partition: int, brokers: int) -> tuple[int, ...]:
        """Give the brokers of one partition, the preferred leader first. Raises ValueError if there are too few."""
        if self.replicas is not None and partition < len(self.replicas):
            assigned = self.replicas[partition]
            if not all(1 <= broker <= brokers for broker in assigned):
                msg = f"TopicConfig({self.name!r}).replicas is {self.replicas}, brokers are 1..{brokers}"
                raise ValueError(msg)
            return assigned
        if self.replication_factor > brokers:
            msg = f"TopicConfig({self.name!r}).replication_factor is {self.replication_factor}, brokers are {brokers}"
            raise ValueError(msg)
        return tuple((partition + place) % brokers + 1 for place in range(self.replication_factor))


def do_collide(one: str, other: str) -> bool:
    """Whether two topics cannot both exist: their metrics would have one name (Topic.hasCollision)."""
    return one != other and one.replace(".", "_") == other.replace(".", "_")
