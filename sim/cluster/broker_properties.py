"""Brokers' properties by Kafka's names, as `--set` takes them: what a cluster is started with, and what it is told then."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.cluster.authorizer_properties import NAMES as OF_AUTHORIZER
from sim.cluster.authorizer_properties import authorizer_with
from sim.cluster.migration_policy import MigrationPolicy
from sim.cluster.settings import BROKER_SETTINGS, check_setting
from sim.world.units import MILLISECOND_US, SECOND_US

if TYPE_CHECKING:
    from sim.cluster.config import ClusterConfig


class _Static(NamedTuple):
    """A property that brokers read at their start."""

    field: str
    """Of `ClusterConfig`, or of its `auto_created_topic`."""
    parse: Callable[[str], object]
    is_of_new_topics: bool = False
    scale: int = 1
    """How many of the field's units one of the property's is."""


def _whole(scale: int = 1) -> Callable[[str], int]:
    def parse(text: str) -> int:
        try:
            return int(text) * scale
        except ValueError:
            raise ValueError("must be a whole number") from None

    return parse


def _flag(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError("must be either true or false")
    return text.lower() == "true"


def _policy(text: str) -> MigrationPolicy:
    known = {policy.value: policy for policy in MigrationPolicy}
    if text.lower() not in known:
        raise ValueError(f"must be one of {', '.join(known)}")
    return known[text.lower()]


def _scaled(field: str, scale: int) -> _Static:
    return _Static(field, _whole(scale), scale=scale)


def _ms(field: str) -> _Static:
    return _scaled(field, MILLISECOND_US)


STATIC: dict[str, _Static] = {
    "auto.create.topics.enable": _Static("auto_create_topics", _flag),
    "auto.leader.rebalance.enable": _Static("auto_leader_rebalance", _flag),
    "broker.heartbeat.interval.ms": _ms("broker_heartbeat_us"),
    "broker.session.timeout.ms": _ms("broker_session_timeout_us"),
    "connections.max.idle.ms": _ms("connections_max_idle_us"),
    "controlled.shutdown.enable": _Static("controlled_shutdown", _flag),
    "default.replication.factor": _Static("replication_factor", _whole(), is_of_new_topics=True),
    "group.consumer.assignment.interval.ms": _ms("group_consumer_assignment_interval_us"),
    "group.consumer.heartbeat.interval.ms": _ms("group_consumer_heartbeat_interval_us"),
    "group.consumer.max.size": _Static("group_consumer_max_size", _whole()),
    "group.consumer.migration.policy": _Static("group_consumer_migration_policy", _policy),
    "group.consumer.session.timeout.ms": _ms("group_consumer_session_timeout_us"),
    "group.initial.rebalance.delay.ms": _ms("group_initial_rebalance_delay_us"),
    "group.max.session.timeout.ms": _ms("group_max_session_timeout_us"),
    "group.max.size": _Static("group_max_size", _whole()),
    "group.min.session.timeout.ms": _ms("group_min_session_timeout_us"),
    "leader.imbalance.check.interval.seconds": _scaled("leader_imbalance_check_interval_us", SECOND_US),
    "log.cleaner.backoff.ms": _ms("log_cleaner_backoff_us"),
    "log.cleaner.dedupe.buffer.size": _Static("log_cleaner_dedupe_buffer_bytes", _whole()),
    "log.cleaner.enable": _Static("log_cleaner_enable", _flag),
    "num.partitions": _Static("partitions", _whole(), is_of_new_topics=True),
    "offset.metadata.max.bytes": _Static("offset_metadata_bytes_max", _whole()),
    "offsets.commit.timeout.ms": _ms("offset_commit_timeout_us"),
    "offsets.retention.check.interval.ms": _ms("offsets_retention_check_interval_us"),
    "offsets.retention.minutes": _scaled("offsets_retention_us", 60 * SECOND_US),
    "offsets.topic.num.partitions": _Static("offsets_topic_partitions", _whole()),
    "producer.id.expiration.ms": _ms("producer_id_expiration_us"),
    "replica.fetch.backoff.ms": _ms("replica_fetch_backoff_us"),
    "replica.fetch.max.bytes": _Static("replica_fetch_bytes_max", _whole()),
    "replica.fetch.wait.max.ms": _ms("replica_fetch_wait_max_us"),
    "replica.lag.time.max.ms": _ms("replica_lag_time_max_us"),
    "socket.receive.buffer.bytes": _Static("socket_receive_buffer_bytes", _whole()),
    "socket.request.max.bytes": _Static("socket_request_bytes_max", _whole()),
    "socket.send.buffer.bytes": _Static("socket_send_buffer_bytes", _whole()),
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": _ms("transaction_abort_interval_us"),
    "transaction.max.timeout.ms": _ms("transaction_max_timeout_us"),
    "transaction.partition.verification.enable": _Static("transaction_partition_verification", _flag),
    "transaction.two.phase.commit.enable": _Static("transaction_two_phase_commit", _flag),
    "transaction.remove.expired.transaction.cleanup.interval.ms": _ms("transactional_id_expiration_interval_us"),
    "transaction.state.log.min.isr": _Static("transaction_state_min_insync_replicas", _whole()),
    "transaction.state.log.num.partitions": _Static("transaction_state_partitions", _whole()),
    "transaction.state.log.replication.factor": _Static("transaction_state_replication_factor", _whole()),
    "transaction.version": _Static("transaction_version", _whole()),  # a feature, with which a cluster is formatted
    "transactional.id.expiration.ms": _ms("transactional_id_expiration_us"),
}


def started_with(config: ClusterConfig, settings: Iterable[tuple[str, str]]) -> ClusterConfig:
    """Give the cluster with those properties. Raises ValueError, naming the property and what it must be."""
    of_cluster: dict[str, Any] = {}
    of_new_topics: dict[str, Any] = {}
    of_authorizer: dict[str, str] = {}
    for name, value in settings:
        static = STATIC.get(name)
        if name in OF_AUTHORIZER:
            of_authorizer[name] = value
            continue
        if static is None:
            _check_dynamic(name, value)
            continue
        try:
            (of_new_topics if static.is_of_new_topics else of_cluster)[static.field] = static.parse(value)
        except ValueError as error:
            raise ValueError(f"{name} is {value!r}, {error}") from error
    if of_authorizer:
        of_cluster["authorizer"] = authorizer_with(config.authorizer, of_authorizer)
    return replace(config, **of_cluster, auto_created_topic=replace(config.auto_created_topic, **of_new_topics))


def told_then(settings: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Those that are altered once the cluster runs, as the default of every broker."""
    return tuple((name, value) for name, value in settings if name not in STATIC and name not in OF_AUTHORIZER)


def _check_dynamic(name: str, value: str) -> None:
    if name not in BROKER_SETTINGS:
        known = (*STATIC, *OF_AUTHORIZER, *BROKER_SETTINGS)
        near = get_close_matches(name, known, n=1, cutoff=0.6)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}"
        raise ValueError(f"{name!r} is no property of brokers here: {hint}")
    check_setting(name, value, is_broker=True)
