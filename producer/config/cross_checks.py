"""Which properties exclude each other, and which follow from others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.config.addresses import parse_address
from producer.config.profiles import PROFILE
from producer.config.property_types import INT_MAX
from producer.config.security import check_security
from producer.config.serialization import check_serialization
from producer.errors import ConfigError
from producer.partitioners import ready_made

if TYPE_CHECKING:
    from producer.config.properties import ProducerProperties

IN_FLIGHT_MAX_IDEMPOTENT = 5
"""Brokers remember five batches per producer id and partition (ProducerStateEntry)."""


def cross_check(config: ProducerProperties, *, explicit: frozenset[str]) -> dict[str, object]:
    """Apply the rules of `ProducerConfig.postProcessParsedConfig` and `KafkaProducer.configureDeliveryTimeout`.

    Returns the fields that follow from others, with their values. Raises ConfigError for what contradicts what was
    given; `explicit` are the properties that were.
    """
    changes: dict[str, object] = {}
    if config.transactional_id is not None:
        _check_transactions(config)
    if config.transaction_two_phase_commit_enable:
        _check_two_phases(config, explicit)
    if config.enable_idempotence:
        _check_idempotence(config, explicit, changes)
    if "reconnect.backoff.ms" in explicit and "reconnect.backoff.max.ms" not in explicit:
        changes["reconnect_backoff_max_ms"] = config.reconnect_backoff_ms
    least_ms = min(config.linger_ms + config.request_timeout_ms, INT_MAX)
    if config.delivery_timeout_ms < least_ms:
        if "delivery.timeout.ms" in explicit:
            msg = (
                f"delivery.timeout.ms is {config.delivery_timeout_ms}, must be at least linger.ms + request.timeout.ms "
                f"= {least_ms}"
            )
            raise ConfigError(msg)
        changes["delivery_timeout_ms"] = least_ms
    _check_partitioner(config)
    check_security(config, explicit=explicit)
    check_serialization(config, explicit=explicit)
    for name in config.bootstrap_servers:
        parse_address(name)
    return changes


def _check_partitioner(config: ProducerProperties) -> None:
    if (config.partitioner_class == ready_made.SALTED) != bool(config.acklab_partitioner_salts):
        msg = "partitioner.class=salted and acklab.partitioner.salts, as in user-42:6, need each other: one is missing"
        raise ConfigError(msg)
    if config.partitioner_rack_aware and not config.client_rack:
        msg = f"client.rack is {config.client_rack!r}, must name a rack if partitioner.rack.aware is true"
        raise ConfigError(msg)


def _check_transactions(config: ProducerProperties) -> None:
    if not config.transactional_id:
        msg = "transactional.id is empty, which brokers refuse: a name, or nothing for a producer without transactions"
        raise ConfigError(msg)
    if not config.enable_idempotence:
        msg = f"transactional.id is {config.transactional_id!r}, and enable.idempotence false: transactions need it"
        raise ConfigError(msg)


def _check_two_phases(config: ProducerProperties, explicit: frozenset[str]) -> None:
    if "transaction.timeout.ms" in explicit:
        msg = (
            f"transaction.timeout.ms is {config.transaction_timeout_ms}, and transaction.two.phase.commit.enable true: "
            "with two-phase commit a transaction never ends by time-out"
        )
        raise ConfigError(msg)
    if config.transactional_id is None:
        msg = "transaction.two.phase.commit.enable is true, and there is no transactional.id: it needs one"
        raise ConfigError(msg)


def _check_idempotence(config: ProducerProperties, explicit: frozenset[str], changes: dict[str, object]) -> None:
    in_flight = config.max_in_flight_requests_per_connection
    # Not even what switches the implicit idempotence off below excuses this one.
    if in_flight > IN_FLIGHT_MAX_IDEMPOTENT:
        msg = (
            f"max.in.flight.requests.per.connection is {in_flight}, must be at most {IN_FLIGHT_MAX_IDEMPOTENT} "
            "unless enable.idempotence is false"
        )
        raise ConfigError(msg)
    for rule, why in (
        (config.retries == 0, "retries is 0, must be greater than 0 for an idempotent producer"),
        (config.acks != "all", f"acks is {config.acks}, must be all for an idempotent producer"),
    ):
        if not rule:
            continue
        if config.transactional_id is not None:
            raise ConfigError(f"{why}, and transactional.id {config.transactional_id!r} needs one")
        if "enable.idempotence" in explicit:
            profile = "" if config.acklab_profile is None else f", as of {PROFILE}={config.acklab_profile}"
            raise ConfigError(why + profile)
        changes["enable_idempotence"] = False
