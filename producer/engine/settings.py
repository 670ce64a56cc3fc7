"""What links and the sender need to know of a configuration, in their own units."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.client.sasl.mechanism import sasl_settings
from producer.client.settings import ClientSettings
from producer.wire.compression import Codec

if TYPE_CHECKING:
    from producer.chance import Chance
    from producer.config.config import ProducerConfig

MS_US = 1_000

NEVER_IDLE_US = 1 << 62


class SendSettings(NamedTuple):
    """What the sender needs to know of the configuration; times in microseconds."""

    client_id: str
    transactional_id: str | None
    acks: int
    retries: int
    retry_backoff_us: int
    retry_backoff_max_us: int
    request_timeout_us: int
    delivery_timeout_us: int
    request_bytes_max: int
    keeps_order: bool
    """One request in flight: a partition is muted until its batch is answered."""
    codec: Codec
    codec_level: int | None
    availability_timeout_us: int
    """A broker that could take nothing for so long gets no records without a key; 0 for any time."""


def send_settings(config: ProducerConfig, client_id: str) -> SendSettings:
    """Take from a configuration what the sender needs."""
    levels = {
        "gzip": config.compression_gzip_level,
        "lz4": config.compression_lz4_level,
        "zstd": config.compression_zstd_level,
    }
    return SendSettings(
        client_id=client_id,
        transactional_id=config.transactional_id,
        acks=config.acks_code,
        retries=config.retries,
        retry_backoff_us=config.retry_backoff_ms * MS_US,
        retry_backoff_max_us=config.retry_backoff_max_ms * MS_US,
        request_timeout_us=config.request_timeout_ms * MS_US,
        delivery_timeout_us=config.delivery_timeout_ms * MS_US,
        request_bytes_max=config.max_request_size,
        keeps_order=config.max_in_flight_requests_per_connection == 1,
        codec=Codec[config.compression_type.upper()],
        codec_level=levels.get(config.compression_type),
        availability_timeout_us=config.partitioner_availability_timeout_ms * MS_US,
    )


def client_settings(config: ProducerConfig, client_id: str, nonces: Chance | None = None) -> ClientSettings:
    """Take from a configuration what links need."""
    return ClientSettings(
        client_id=client_id,
        bootstrap=config.bootstrap_addresses,
        request_timeout_us=config.request_timeout_ms * MS_US,
        retry_backoff_us=config.retry_backoff_ms * MS_US,
        retry_backoff_max_us=config.retry_backoff_max_ms * MS_US,
        reconnect_backoff_us=config.reconnect_backoff_ms * MS_US,
        reconnect_backoff_max_us=config.reconnect_backoff_max_ms * MS_US,
        setup_timeout_us=config.socket_connection_setup_timeout_ms * MS_US,
        setup_timeout_max_us=config.socket_connection_setup_timeout_max_ms * MS_US,
        idle_max_us=config.connections_max_idle_ms * MS_US if config.connections_max_idle_ms >= 0 else NEVER_IDLE_US,
        metadata_age_max_us=config.metadata_max_age_ms * MS_US,
        metadata_idle_max_us=config.metadata_max_idle_ms * MS_US,
        in_flight_max=config.max_in_flight_requests_per_connection,
        rebootstraps=config.metadata_recovery_strategy == "rebootstrap",
        rebootstrap_trigger_us=config.metadata_recovery_rebootstrap_trigger_ms * MS_US,
        remembers_leaders=config.acklab_remember_leaders,
        sasl=sasl_settings(config, nonces),
        is_secured=config.uses_tls or config.uses_sasl,
    )
