"""What a simulated cluster is like: topics, timeouts, disks and links, with Kafka's defaults and every unit in the name."""

from __future__ import annotations

from dataclasses import dataclass, field

from producer.records import is_topic_name
from sim.cluster.migration_policy import MigrationPolicy
from sim.world.network.link import LinkQuality
from sim.world.units import MILLISECOND_US, SECOND_US

EPOCH_US = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z, in microseconds of the calendar: the default of `ClusterConfig.epoch_us`."""

CONTROLLER_HOST = "controller"
"""Where the one controller is; and what stands for whichever is active."""

PORT = 9092
"""Where every simulated broker listens."""
CONTROLLER_PORT = 9093
"""Where controllers are said to listen."""
_FIRST_CONTROLLER_ID = 100
"""Controllers are nodes of their own, with ids that no broker has."""

TIMESTAMP_TYPES = ("CreateTime", "LogAppendTime")
COMPRESSION_TYPES = ("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer")
TRANSACTION_VERSIONS = (0, 1, 2)
CLEANUP_POLICIES = ("compact", "delete")


@dataclass(frozen=True, slots=True)
class TopicConfig:
    """One topic. Raises ValueError, naming field and value."""

    name: str
    partitions: int = 1
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
        _at_least(name, self, 1, "partitions", "replication_factor", "min_insync_replicas")
        _at_least(name, self, 0, "max_message_bytes", "timestamp_after_max_ms", "timestamp_before_max_ms")
        _at_least(name, self, 0, "index_interval_bytes", "min_compaction_lag_ms", "delete_retention_ms")
        _at_least(name, self, 1, "segment_ms", "max_compaction_lag_ms")
        _at_least(name, self, 1 << 20, "segment_bytes")
        _at_least(name, self, 4, "segment_index_bytes")
        _at_least(name, self, -1, "retention_ms", "internal_segment_bytes")
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


@dataclass(frozen=True, slots=True)
class ClusterConfig:
    """The whole cluster. Raises ValueError, naming field and value."""

    brokers: int = 3
    """How many; their ids are 1 .. brokers, their hosts `b1`, `b2`, …"""
    racks: tuple[str, ...] = ()
    """broker.rack of broker 1, 2 and so on; empty: none of them has one."""
    epoch_us: int = EPOCH_US
    """Virtual time 0 on the calendar: what every clock, of brokers and of clients, shows when the world begins."""
    advertised_listeners: tuple[tuple[str, int], ...] = ()
    """advertised.listeners of broker 1, 2 and so on: the host and port that answers tell clients. Empty: its own."""
    topics: tuple[TopicConfig, ...] = ()
    """Created as soon as every broker is in service for the first time."""
    cluster_id: str = "acklab"
    """What Metadata says."""
    unclean_leader_election: bool = False
    """unclean.leader.election.enable: elect any live replica rather than none, unless a topic has it otherwise."""
    unclean_leader_election_interval_us: int = 300 * SECOND_US
    """unclean.leader.election.interval.ms: how often partitions without a leader are looked at again, since it may be allowed now."""
    auto_leader_rebalance: bool = True
    """auto.leader.rebalance.enable: give partitions back to their preferred leaders from time to time."""
    leader_imbalance_check_interval_us: int = 300 * SECOND_US
    """leader.imbalance.check.interval.seconds."""
    eligible_leader_replicas: bool = True
    """eligible.leader.replicas.version=1 and the frozen high watermark (KIP-966), as on a new 4.3 cluster.

    False is a cluster before KIP-966: the last member stays in the ISR, the high watermark advances below min ISR, and
    acks=all may be answered NOT_ENOUGH_REPLICAS_AFTER_APPEND.
    """
    auto_create_topics: bool = False
    """auto.create.topics.enable. Kafka's default is true; a mistyped topic shall fail here."""
    auto_created_topic: TopicConfig = field(default_factory=lambda: TopicConfig("auto-created"))
    """num.partitions, default.replication.factor and min.insync.replicas of such a topic; its name is not used."""
    replica_lag_time_max_us: int = 30 * SECOND_US
    """replica.lag.time.max.ms: a follower not caught up for this long leaves the ISR (checked every half of it)."""
    replica_fetch_wait_max_us: int = 500 * MILLISECOND_US
    """replica.fetch.wait.max.ms: how long a follower's Fetch waits at the leader for something to read."""
    replica_fetch_turn_us: int = 4 * MILLISECOND_US
    """What such a wait takes beyond its limit: threads that hand over to each other. Real: 3 to 5 ms."""
    replica_fetch_backoff_us: int = SECOND_US
    """replica.fetch.backoff.ms: a follower's pause after an error or a lost connection."""
    replica_fetch_bytes_max: int = 1_048_576
    """replica.fetch.max.bytes: of one partition in one Fetch; the first batch comes whole all the same."""
    replica_socket_timeout_us: int = 30 * SECOND_US
    """replica.socket.timeout.ms: a follower's Fetch without an answer for this long breaks the connection."""
    broker_session_timeout_us: int = 9 * SECOND_US
    """broker.session.timeout.ms: the controller fences a broker it has not heard of for this long; it looks eight times in it."""
    broker_heartbeat_us: int = 2 * SECOND_US
    """broker.heartbeat.interval.ms."""
    broker_start_us: int = SECOND_US
    """From the start of a broker's process to its registration, at least: the JVM, the recovery of its logs. Real: 3 to 6 s."""
    broker_start_jitter_us: int = 500 * MILLISECOND_US
    """How much longer that takes at most; each start takes its own time, and heartbeats beat from there."""
    broker_wake_us: int = 8 * MILLISECOND_US
    """From the end of a pause until a broker's threads run and read what waited. Real: 0 to 19 ms (kafka.md 5.7)."""
    controlled_shutdown: bool = True
    """controlled.shutdown.enable: a broker that is asked to stop waits until the controller has moved its leaderships."""
    shutdown_timeout_us: int = 300 * SECOND_US
    """How long it waits for that at most (BrokerServer.shutdown); its logs are flushed all the same."""
    controllers: int = 1
    """Voters of the quorum of controllers: one on host `controller`, or `controller-1`, `controller-2` and so on."""
    controller_quorum_fetch_timeout_us: int = 2 * SECOND_US
    """controller.quorum.fetch.timeout.ms: a controller that could not fetch for this long asks whether it may lead."""
    controller_quorum_election_timeout_us: int = SECOND_US
    """controller.quorum.election.timeout.ms: how long votes are waited for, at least; twice as long at most."""
    controller_quorum_fetch_wait_max_us: int = 500 * MILLISECOND_US
    """How long a broker's Fetch of the metadata waits at the controller for a change (KafkaRaftClient.MAX_FETCH_WAIT_MS)."""
    controller_quorum_request_timeout_us: int = 2 * SECOND_US
    """controller.quorum.request.timeout.ms: such a Fetch without an answer for this long ends the connection."""
    controller_quorum_retry_backoff_us: int = 20 * MILLISECOND_US
    """controller.quorum.retry.backoff.ms: how often a broker tries to fetch metadata where it cannot."""
    controller_retry_us: int = 100 * MILLISECOND_US
    """A broker's pause before it connects to the controller or registers again."""
    metadata_apply_us: int = 5 * MILLISECOND_US
    """From the arrival of a metadata change at a broker until it acts on it. Real: 5 ms, and 40 ms where the JVM is cold."""
    request_handling_us: int = 100
    """What a broker works on a request, besides disk time: between append and answer, for one."""
    log_flush_interval_us: int = 30 * SECOND_US
    """How often the operating system writes the page cache back; a power cut loses what came after (Linux: 30 s)."""
    log_initial_task_delay_us: int = 30 * SECOND_US
    """log.initial.task.delay.ms: how long after its start a broker looks for old segments first."""
    log_retention_check_interval_us: int = 300 * SECOND_US
    """log.retention.check.interval.ms: how often it looks for them afterwards."""
    log_cleaner_enable: bool = True
    """log.cleaner.enable: whether what is to be compacted is compacted."""
    log_cleaner_backoff_us: int = 15 * SECOND_US
    """log.cleaner.backoff.ms: how long a cleaner that has found nothing to clean waits."""
    log_cleaner_dedupe_buffer_bytes: int = 134_217_728
    """log.cleaner.dedupe.buffer.size: so much room for keys, 24 bytes each; what does not fit is left to the next round."""
    high_watermark_checkpoint_us: int = 5 * SECOND_US
    """replica.high.watermark.checkpoint.interval.ms."""
    follows_other_partitions: bool = True
    """Whether every broker follows partitions on every other of which the story says nothing, as in a cluster in use.

    They are idle. But a replica that is to be followed waits for the Fetch that is on its way there already, up to
    `replica_fetch_wait_max_us`: a deposed leader truncates after 0.51 to 0.56 s (kafka.md 5.7), and without them after 0.2 s.
    """
    rack_aware_reads: bool = False
    """replica.selector.class: whether it is RackAwareReplicaSelector, which sends consumers to a replica in their own rack."""
    fetch_session_slots: int = 1_000
    """max.incremental.fetch.session.cache.slots: of these each of eight caches has its share."""
    producer_id_block: int = 1_000
    """Producer ids a broker takes from the controller at once (ProducerIdsBlock)."""
    producer_id_expiration_us: int = 86_400 * SECOND_US
    """producer.id.expiration.ms: state of a producer that wrote nothing for this long is forgotten."""
    producer_id_expiration_check_us: int = 600 * SECOND_US
    """producer.id.expiration.check.interval.ms."""
    offsets_topic_partitions: int = 50
    """offsets.topic.num.partitions: of `__consumer_offsets`, which the first FindCoordinator makes."""
    transaction_version: int = 2
    """transaction.version of a new cluster, as on Apache Kafka 4.3; 1 and 0 are without KIP-890. UpdateFeatures changes it."""
    transaction_state_partitions: int = 50
    """transaction.state.log.num.partitions: of `__transaction_state`, which the first FindCoordinator for a transactional id makes."""
    transaction_state_replication_factor: int = 3
    """transaction.state.log.replication.factor: no more than there are brokers."""
    transaction_state_min_insync_replicas: int = 2
    """transaction.state.log.min.isr: no more than that replication factor."""
    transaction_partition_verification: bool = True
    """transaction.partition.verification.enable: a leader asks the coordinator before it takes the first batch of a transaction."""
    transaction_max_timeout_us: int = 900 * SECOND_US
    """transaction.max.timeout.ms: who asks for a longer transaction is refused."""
    transaction_two_phase_commit: bool = False
    """transaction.two.phase.commit.enable: whether somebody else may decide how transactions end, which have no time-out then.

    Ahead of Apache Kafka (KIP-939): with it InitProducerId 6 is offered, and a prepared transaction can be kept for a successor.
    """
    transaction_abort_interval_us: int = 10 * SECOND_US
    """transaction.abort.timed.out.transaction.cleanup.interval.ms: how often a coordinator looks for those whose time is over."""
    transactional_id_expiration_us: int = 7 * 86_400 * SECOND_US
    """transactional.id.expiration.ms: an id outside of a transaction that nobody used for this long is forgotten."""
    transactional_id_expiration_interval_us: int = 3_600 * SECOND_US
    """transaction.remove.expired.transaction.cleanup.interval.ms: how often a coordinator looks for those."""
    offsets_retention_us: int = 7 * 86_400 * SECOND_US
    """offsets.retention.minutes: positions of a group without members, or of topics that no member reads, go after this."""
    offsets_retention_check_interval_us: int = 600 * SECOND_US
    """offsets.retention.check.interval.ms."""
    offset_metadata_bytes_max: int = 4_096
    """offset.metadata.max.bytes: what may be kept with a position, in characters as Java counts them."""
    offset_commit_timeout_us: int = 5 * SECOND_US
    """offsets.commit.timeout.ms: how long a coordinator waits for its records to be on the whole ISR."""
    coordinator_load_us: int = 2 * MILLISECOND_US
    """What a new coordinator takes to read one partition back, at least; its bytes come on top."""
    group_min_session_timeout_us: int = 6 * SECOND_US
    """group.min.session.timeout.ms."""
    group_max_session_timeout_us: int = 1_800 * SECOND_US
    """group.max.session.timeout.ms."""
    group_initial_rebalance_delay_us: int = 3 * SECOND_US
    """group.initial.rebalance.delay.ms: how long an empty group's first member waits for others."""
    group_new_member_join_timeout_us: int = 300 * SECOND_US
    """How long a new member may wait for its first generation before it is missed (group.coordinator's NewMemberJoinTimeoutMs)."""
    group_max_size: int = (1 << 31) - 1
    """group.max.size: members of one group by the classic protocol."""
    group_consumer_heartbeat_interval_us: int = 5 * SECOND_US
    """group.consumer.heartbeat.interval.ms: how often members by the consumer protocol are told to give a sign of life."""
    group_consumer_session_timeout_us: int = 45 * SECOND_US
    """group.consumer.session.timeout.ms: who gives none for this long is fenced."""
    group_consumer_max_size: int = (1 << 31) - 1
    """group.consumer.max.size: members of one group by the consumer protocol."""
    group_consumer_assignment_interval_us: int = SECOND_US
    """group.consumer.assignment.interval.ms: between two targets of a group, at least."""
    group_consumer_migration_policy: MigrationPolicy = MigrationPolicy.BIDIRECTIONAL
    """group.consumer.migration.policy: whether groups in use may go from one protocol to the other."""
    socket_send_buffer_bytes: int = 102_400
    """socket.send.buffer.bytes: what a broker's kernel takes of an answer that its client does not read."""
    socket_receive_buffer_bytes: int = 102_400
    """socket.receive.buffer.bytes: what a broker's kernel takes of requests that nobody reads yet."""
    socket_request_bytes_max: int = 104_857_600
    """socket.request.max.bytes: a longer frame closes the connection."""
    connections_max_idle_us: int = 600 * SECOND_US
    """connections.max.idle.ms: a connection that nobody uses for this long is closed; negative for never."""
    network: LinkQuality = field(default_factory=LinkQuality)
    """Each link between two hosts, both ways."""
    log_dirs: int = 1
    """log.dirs: how many directories each broker has, each on a device of its own. The first holds the metadata log as well."""
    log_dir_failure_timeout_us: int = 30 * SECOND_US
    """log.dir.failure.timeout.ms: a broker that cannot tell the controller of a failed directory for this long shuts itself down."""
    disk_append_us: int = 20
    """One write into the page cache, whatever its size."""
    disk_fsync_us: int = 2_000
    """One fsync."""
    disk_bandwidth_bytes_s: int = 500_000_000
    """What writing takes by its size."""

    def __post_init__(self) -> None:
        """Check the values one by one and against each other."""
        for name in _POSITIVE:
            _at_least("ClusterConfig", self, 1, name)
        _at_least("ClusterConfig", self, 0, *_NOT_NEGATIVE)
        # Less would hold no key, and no round would come any further (Cleaner).
        _at_least("ClusterConfig", self, _DEDUPE_BUFFER_BYTES_MIN, "log_cleaner_dedupe_buffer_bytes")
        if self.broker_heartbeat_us >= self.broker_session_timeout_us:
            msg = (
                f"ClusterConfig.broker_heartbeat_us is {self.broker_heartbeat_us}, "
                f"must be less than broker_session_timeout_us ({self.broker_session_timeout_us})"
            )
            raise ValueError(msg)
        if self.transaction_version not in TRANSACTION_VERSIONS:
            msg = f"ClusterConfig.transaction_version is {self.transaction_version}, must be 0, 1 or 2"
            raise ValueError(msg)
        if self.racks and (len(self.racks) != self.brokers or not all(self.racks)):
            msg = f"ClusterConfig.racks is {self.racks}, must name one rack for each of {self.brokers} brokers, or be empty"
            raise ValueError(msg)
        if self.advertised_listeners:
            self._check_advertised()
        latency_us, jitter_us, bandwidth_bytes_s = self.network
        if latency_us < 0 or jitter_us < 0 or bandwidth_bytes_s < 1:
            msg = f"ClusterConfig.network is {self.network}, must not be negative, and bandwidth at least 1"
            raise ValueError(msg)
        names: list[str] = []
        for topic in self.topics:
            if topic.name in names:
                msg = f"ClusterConfig.topics names {topic.name!r} twice"
                raise ValueError(msg)
            colliding = next((name for name in names if do_collide(name, topic.name)), None)
            if colliding is not None:
                msg = f"ClusterConfig.topics names {colliding!r} and {topic.name!r}: in metrics '.' and '_' are one"
                raise ValueError(msg)
            names.append(topic.name)
            for partition in range(topic.partitions):
                topic.replicas_of(partition, self.brokers)

    def _check_advertised(self) -> None:
        told = self.advertised_listeners
        is_sound = all(host and 0 < port < 65_536 for host, port in told)
        if not is_sound or len(told) != self.brokers or len(set(told)) != len(told):
            msg = (
                f"ClusterConfig.advertised_listeners is {told}, "
                f"must give each of {self.brokers} brokers a host and port of its own, or be empty"
            )
            raise ValueError(msg)

    @property
    def controller_hosts(self) -> tuple[str, ...]:
        """Where the controllers are."""
        if self.controllers == 1:
            return (CONTROLLER_HOST,)
        return tuple(f"{CONTROLLER_HOST}-{number}" for number in range(1, self.controllers + 1))

    def advertised_of(self, broker: int) -> tuple[str, int]:
        """Give the host and port that clients are told."""
        return self.advertised_listeners[broker - 1] if self.advertised_listeners else (host_of(broker), PORT)

    def rack_of(self, broker: int) -> str | None:
        """Give a broker's rack, if it has one."""
        return self.racks[broker - 1] if self.racks else None


def do_collide(one: str, other: str) -> bool:
    """Whether two topics cannot both exist: their metrics would have one name (Topic.hasCollision)."""
    return one != other and one.replace(".", "_") == other.replace(".", "_")


def host_of(broker: int) -> str:
    """Give the name of a broker's host in the simulated network."""
    return f"b{broker}"


def controller_id_of(host: str, config: ClusterConfig) -> int:
    """Give the node id of a controller, by its host."""
    return _FIRST_CONTROLLER_ID + config.controller_hosts.index(host)


def log_dir_path(number: int) -> str:
    """What a log directory is called where clients are told of it; counted from 1."""
    return f"/var/lib/kafka/data-{number}"


_DEDUPE_BUFFER_BYTES_MIN = 72

_NOT_NEGATIVE = (
    "offset_metadata_bytes_max",
    "coordinator_load_us",
    "group_initial_rebalance_delay_us",
    "group_consumer_assignment_interval_us",
    "epoch_us",
    "metadata_apply_us",
    "disk_append_us",
    "disk_fsync_us",
    "broker_start_us",
    "broker_start_jitter_us",
    "broker_wake_us",
    "replica_fetch_turn_us",
    "fetch_session_slots",
)

_POSITIVE = (
    "offsets_topic_partitions",
    "transaction_state_partitions",
    "transaction_state_replication_factor",
    "transaction_state_min_insync_replicas",
    "transaction_max_timeout_us",
    "transaction_abort_interval_us",
    "transactional_id_expiration_us",
    "transactional_id_expiration_interval_us",
    "offsets_retention_us",
    "offsets_retention_check_interval_us",
    "offset_commit_timeout_us",
    "group_min_session_timeout_us",
    "group_max_session_timeout_us",
    "group_new_member_join_timeout_us",
    "group_max_size",
    "group_consumer_heartbeat_interval_us",
    "group_consumer_session_timeout_us",
    "group_consumer_max_size",
    "brokers",
    "replica_lag_time_max_us",
    "replica_fetch_wait_max_us",
    "replica_fetch_backoff_us",
    "replica_fetch_bytes_max",
    "replica_socket_timeout_us",
    "broker_session_timeout_us",
    "broker_heartbeat_us",
    "controllers",
    "controller_quorum_fetch_timeout_us",
    "controller_quorum_election_timeout_us",
    "controller_quorum_fetch_wait_max_us",
    "controller_quorum_request_timeout_us",
    "controller_quorum_retry_backoff_us",
    "shutdown_timeout_us",
    "unclean_leader_election_interval_us",
    "leader_imbalance_check_interval_us",
    "controller_retry_us",
    # An answer takes time, or no fault could come between an append and its answer.
    "request_handling_us",
    "log_flush_interval_us",
    "log_dirs",
    "log_dir_failure_timeout_us",
    "log_initial_task_delay_us",
    "log_retention_check_interval_us",
    "log_cleaner_backoff_us",
    "high_watermark_checkpoint_us",
    "producer_id_block",
    "producer_id_expiration_us",
    "producer_id_expiration_check_us",
    "socket_send_buffer_bytes",
    "socket_receive_buffer_bytes",
    "socket_request_bytes_max",
    "disk_bandwidth_bytes_s",
)


def _at_least(owner: str, config: TopicConfig | ClusterConfig, lowest: int, *names: str) -> None:
    for name in names:
        given = getattr(config, name)
        if given < lowest:
            msg = f"{owner}.{name} is {given}, must be at least {lowest}"
            raise ValueError(msg)
