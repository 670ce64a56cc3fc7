"""The settings of one simulated broker: what it was started with, what was set since, and Kafka's defaults behind that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from sim.cluster.broker_settings import BROKER_CONFIGS
from sim.cluster.config import CONTROLLER_PORT, controller_id_of, host_of, log_dir_path
from sim.cluster.config_resources import Told
from sim.cluster.effective_settings import BrokerLayers, ConfigSource, Synonym, static_settings
from sim.cluster.setting_types import SettingType, text_of_value
from sim.world.units import MILLISECOND_US, SECOND_US

if TYPE_CHECKING:
    from sim.cluster.config import ClusterConfig

_OF_CONFIG: Mapping[str, Callable[[ClusterConfig], int | bool]] = {
    "auto.create.topics.enable": lambda config: config.auto_create_topics,
    "auto.leader.rebalance.enable": lambda config: config.auto_leader_rebalance,
    "broker.heartbeat.interval.ms": lambda config: config.broker_heartbeat_us // MILLISECOND_US,
    "broker.session.timeout.ms": lambda config: config.broker_session_timeout_us // MILLISECOND_US,
    "controlled.shutdown.enable": lambda config: config.controlled_shutdown,
    "controller.quorum.fetch.timeout.ms": lambda config: config.controller_quorum_fetch_timeout_us // MILLISECOND_US,
    "connection.failed.authentication.delay.ms": lambda config: (
        config.authentication.failed_authentication_delay_us // MILLISECOND_US
    ),
    "connections.max.idle.ms": lambda config: config.connections_max_idle_us // MILLISECOND_US,
    "controller.quota.window.num": lambda config: config.controller_quota_window_num,
    "controller.quota.window.size.seconds": lambda config: config.controller_quota_window_size_us // SECOND_US,
    "default.replication.factor": lambda config: config.auto_created_topic.replication_factor,
    "group.consumer.assignment.interval.ms": lambda config: (
        config.group_consumer_assignment_interval_us // MILLISECOND_US
    ),
    "group.consumer.heartbeat.interval.ms": lambda config: (
        config.group_consumer_heartbeat_interval_us // MILLISECOND_US
    ),
    "group.consumer.max.size": lambda config: config.group_consumer_max_size,
    "group.consumer.session.timeout.ms": lambda config: config.group_consumer_session_timeout_us // MILLISECOND_US,
    "group.initial.rebalance.delay.ms": lambda config: config.group_initial_rebalance_delay_us // MILLISECOND_US,
    "group.max.session.timeout.ms": lambda config: config.group_max_session_timeout_us // MILLISECOND_US,
    "group.max.size": lambda config: config.group_max_size,
    "group.min.session.timeout.ms": lambda config: config.group_min_session_timeout_us // MILLISECOND_US,
    "leader.imbalance.check.interval.seconds": lambda config: config.leader_imbalance_check_interval_us // SECOND_US,
    "log.cleaner.backoff.ms": lambda config: config.log_cleaner_backoff_us // MILLISECOND_US,
    "log.cleaner.dedupe.buffer.size": lambda config: config.log_cleaner_dedupe_buffer_bytes,
    "log.cleaner.enable": lambda config: config.log_cleaner_enable,
    "log.dir.failure.timeout.ms": lambda config: config.log_dir_failure_timeout_us // MILLISECOND_US,
    "log.retention.check.interval.ms": lambda config: config.log_retention_check_interval_us // MILLISECOND_US,
    "num.partitions": lambda config: config.auto_created_topic.partitions,
    "producer.id.expiration.ms": lambda config: config.producer_id_expiration_us // MILLISECOND_US,
    "quota.window.num": lambda config: config.quota_window_num,
    "quota.window.size.seconds": lambda config: config.quota_window_size_us // SECOND_US,
    "replica.fetch.backoff.ms": lambda config: config.replica_fetch_backoff_us // MILLISECOND_US,
    "replica.fetch.max.bytes": lambda config: config.replica_fetch_bytes_max,
    "replica.fetch.wait.max.ms": lambda config: config.replica_fetch_wait_max_us // MILLISECOND_US,
    "replica.high.watermark.checkpoint.interval.ms": lambda config: (
        config.high_watermark_checkpoint_us // MILLISECOND_US
    ),
    "replica.lag.time.max.ms": lambda config: config.replica_lag_time_max_us // MILLISECOND_US,
    "replica.socket.timeout.ms": lambda config: config.replica_socket_timeout_us // MILLISECOND_US,
    "sasl.server.max.receive.size": lambda config: config.authentication.sasl_receive_bytes_max,
    "socket.receive.buffer.bytes": lambda config: config.socket_receive_buffer_bytes,
    "socket.request.max.bytes": lambda config: config.socket_request_bytes_max,
    "socket.send.buffer.bytes": lambda config: config.socket_send_buffer_bytes,
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": lambda config: (
        config.transaction_abort_interval_us // MILLISECOND_US
    ),
    "transaction.max.timeout.ms": lambda config: config.transaction_max_timeout_us // MILLISECOND_US,
    "transaction.partition.verification.enable": lambda config: config.transaction_partition_verification,
    "transaction.remove.expired.transaction.cleanup.interval.ms": lambda config: (
        config.transactional_id_expiration_interval_us // MILLISECOND_US
    ),
    "transaction.two.phase.commit.enable": lambda config: config.transaction_two_phase_commit,
    "transaction.state.log.min.isr": lambda config: config.transaction_state_min_insync_replicas,
    "transaction.state.log.num.partitions": lambda config: config.transaction_state_partitions,
    "transaction.state.log.replication.factor": lambda config: config.transaction_state_replication_factor,
    "transactional.id.expiration.ms": lambda config: config.transactional_id_expiration_us // MILLISECOND_US,
}
"""What a `ClusterConfig` says by another name."""


def started_with(config: ClusterConfig, broker_id: int) -> dict[str, str]:
    """What a broker's file of properties holds: who it is, and whatever is not Kafka's default."""
    given = {name: text_of_value(value_of(config)) for name, value_of in _OF_CONFIG.items()}
    mechanisms = sorted({name for one in config.listeners for name in one.mechanisms})
    voters = (f"{controller_id_of(one, config)}@{one}:{CONTROLLER_PORT}" for one in config.controller_hosts)
    return {
        **{name: text for name, text in given.items() if text != BROKER_CONFIGS[name].default},
        **static_settings(config),
        "advertised.listeners": _written(config, config.endpoints_of(broker_id)),
        "broker.id": str(broker_id),
        **({"broker.rack": config.rack_of(broker_id) or ""} if config.racks else {}),
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": ",".join(voters),
        "inter.broker.listener.name": config.listeners[0].name,
        "listeners": _written(config, [(host_of(broker_id), one.port) for one in config.listeners]),
        **({"sasl.enabled.mechanisms": ",".join(mechanisms)} if mechanisms else {}),
        "log.dirs": ",".join(log_dir_path(number) for number in range(1, config.log_dirs + 1)),
        "node.id": str(broker_id),
        "process.roles": "broker",
    }


def _written(config: ClusterConfig, addresses: Iterable[tuple[str, int]]) -> str:
    """Write addresses, one a listener, as Kafka's properties have them."""
    pairs = zip(config.listeners, addresses, strict=True)
    return ",".join(f"{one.name}://{host}:{port}" for one, (host, port) in pairs)


def names_of(layers: BrokerLayers) -> list[str]:
    """Every setting that a broker has, those among them that Kafka does not know and that were set all the same."""
    return sorted({*BROKER_CONFIGS, *layers.own, *layers.of_all})


def broker_told(name: str, layers: BrokerLayers, *, has_defaults: bool = True) -> Told:
    """Give one setting of a broker. What Kafka does not know is told as a secret: nobody can say whether it is one."""
    setting = BROKER_CONFIGS.get(name)
    found = [
        Synonym(name, layer[name], source)
        for layer, source in (
            (layers.own, ConfigSource.DYNAMIC_BROKER),
            (layers.of_all, ConfigSource.DYNAMIC_DEFAULT_BROKER),
            (layers.static, ConfigSource.STATIC_BROKER),
        )
        if name in layer
    ]
    if setting is None:
        return Told(name, None, found[0].source, 0, is_read_only=True, is_sensitive=True, synonyms=tuple(found))
    if has_defaults and setting.default is not None and setting.type is not SettingType.PASSWORD:
        found.append(Synonym(name, setting.default, ConfigSource.DEFAULT))
    value, source = (found[0].value, found[0].source) if found else (None, ConfigSource.DEFAULT)
    return Told(name, value, source, setting.type, setting.is_read_only, setting.is_sensitive, tuple(found))
