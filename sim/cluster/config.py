"""What a simulated cluster is like: brokers, timeouts, disks and links, with Kafka's defaults and every unit in the name."""

from __future__ import annotations

from dataclasses import dataclass, field

from sim.cluster.config_bounds import check_numbers
from sim.cluster.migration_policy import MigrationPolicy
from sim.cluster.quotas.entity import QuotaEntity
from sim.cluster.quotas.quota import parse_quota
from sim.cluster.security.acls.settings import AuthorizerSettings
from sim.cluster.security.listeners import Listener, check_listeners
from sim.cluster.security.users import Authentication
from sim.cluster.topic_config import TopicConfig, do_collide
from sim.world.network.link import LinkQuality
from sim.world.units import MILLISECOND_US, SECOND_US

EPOCH_US = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z, in microseconds of the calendar: the default of `ClusterConfig.epoch_us`."""

CONTROLLER_HOST = "controller"
"""Where the one controller is; and what stands for whichever is active."""

CONTROLLER_PORT = 9093
"""Where controllers are said to listen."""
_FIRST_CONTROLLER_ID = 100
"""Controllers are nodes of their own, with ids that no broker has."""

TRANSACTION_VERSIONS = (0, 1, 2)


@dataclass(frozen=True, slots=True)
class ClusterConfig:
    """The whole cluster. Raises ValueError, naming field and value."""

    brokers: int = 3
    """How many; their ids are 1 .. brokers, their hosts `b1`, `b2`, …"""
    racks: tuple[str, ...] = ()
    """broker.rack of broker 1, 2 and so on; empty: none of them has one."""
    epoch_us: int = EPOCH_US
    """Virtual time 0 on the calendar: what every clock, of brokers and of clients, shows when the world begins."""
    listeners: tuple[Listener, ...] = (Listener(),)
    """listeners: where each broker is reached. By the first of them come those who ask for no other."""
    advertised_listeners: tuple[tuple[str, int], ...] = ()
    """advertised.listeners of broker 1, 2 and so on: the host and port that answers tell clients. Empty: its own.

    Of several listeners first every broker's for the first, then every broker's for the second.
    """
    authentication: Authentication = field(default_factory=Authentication)
    """Users, and what listeners with SASL go by."""
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
    authorizer: AuthorizerSettings | None = None
    """authorizer.class.name: who may do what is looked at; None: nobody asks, and everybody may everything."""
    network: LinkQuality = field(default_factory=LinkQuality)
    """Each link between two hosts, both ways."""
    quotas: tuple[str, ...] = ()
    """What clients are allowed when the world begins, each as `client-id=noisy producer_byte_rate=1048576`."""
    quota_window_num: int = 11
    """quota.window.num: over so many samples a rate is taken that has a quota."""
    quota_window_size_us: int = SECOND_US
    """quota.window.size.seconds: of each of these samples."""
    controller_quota_window_num: int = 11
    """controller.quota.window.num: so many windows' worth of partitions may be created or deleted at once."""
    controller_quota_window_size_us: int = SECOND_US
    """controller.quota.window.size.seconds."""
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
        check_numbers(self)
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
        check_listeners(self.listeners)
        if self.advertised_listeners:
            self._check_advertised()
        stated: list[tuple[QuotaEntity, str]] = []
        for quota in map(parse_quota, self.quotas):
            if (quota.entity, quota.limit) in stated:
                msg = f"ClusterConfig.quotas states {quota.limit} of {quota.entity} twice"
                raise ValueError(msg)
            stated.append((quota.entity, quota.limit))
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
        if not is_sound or len(told) != self.brokers * len(self.listeners) or len(set(told)) != len(told):
            msg = (
                f"ClusterConfig.advertised_listeners is {told}, "
                f"must give each of {self.brokers} brokers a host and port of its own for each listener, or be empty"
            )
            raise ValueError(msg)

    @property
    def controller_hosts(self) -> tuple[str, ...]:
        """Where the controllers are."""
        if self.controllers == 1:
            return (CONTROLLER_HOST,)
        return tuple(f"{CONTROLLER_HOST}-{number}" for number in range(1, self.controllers + 1))

    @property
    def broker_hosts(self) -> tuple[str, ...]:
        """Where the brokers are."""
        return tuple([host_of(broker) for broker in range(1, self.brokers + 1)])

    def advertised_of(self, broker: int, listener: int = 0) -> tuple[str, int]:
        """Give the host and port that clients are told who come by that listener, by its place."""
        if self.advertised_listeners:
            return self.advertised_listeners[listener * self.brokers + broker - 1]
        return host_of(broker), self.listeners[listener].port

    def endpoints_of(self, broker: int) -> tuple[tuple[str, int], ...]:
        """Give the same for every listener."""
        return tuple(self.advertised_of(broker, listener) for listener in range(len(self.listeners)))

    def rack_of(self, broker: int) -> str | None:
        """Give a broker's rack, if it has one."""
        return self.racks[broker - 1] if self.racks else None


def host_of(broker: int) -> str:
    """Give the name of a broker's host in the simulated network."""
    return f"b{broker}"


def controller_id_of(host: str, config: ClusterConfig) -> int:
    """Give the node id of a controller, by its host."""
    return _FIRST_CONTROLLER_ID + config.controller_hosts.index(host)


def log_dir_path(number: int) -> str:
    """What a log directory is called where clients are told of it; counted from 1."""
    return f"/var/lib/kafka/data-{number}"
