"""What a client of a cluster needs to know of its configuration, whether it produces, consumes or administers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from producer.client.sasl.mechanism import SaslSettings


class ClientSettings(NamedTuple):
    """Kafka's properties that all clients share; times in microseconds."""

    client_id: str
    bootstrap: tuple[tuple[str, int], ...]
    request_timeout_us: int
    retry_backoff_us: int
    retry_backoff_max_us: int
    reconnect_backoff_us: int
    reconnect_backoff_max_us: int
    setup_timeout_us: int
    setup_timeout_max_us: int
    idle_max_us: int
    metadata_age_max_us: int
    metadata_idle_max_us: int
    in_flight_max: int
    rebootstraps: bool = True
    """Whether to begin again with the bootstrap servers when no known broker can be reached (KIP-899)."""
    rebootstrap_trigger_us: int = 300_000_000
    """After how long of seeking metadata in vain to do so, whatever connections there are (KIP-1102)."""
    remembers_leaders: bool = True
    """Whether an older leader epoch is refused even of a topic that was forgotten in between."""
    sasl: SaslSettings | None = None
    """None: brokers are not told who we are, but perhaps by a certificate."""
    is_secured: bool = False
    """Whether TLS or SASL come before the first request."""
