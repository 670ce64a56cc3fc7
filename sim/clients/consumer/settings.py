"""What a consumer needs to know of how it is to read; ConsumerConfig's defaults."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from producer.client.settings import ClientSettings
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Sequence

    from producer.client.sasl.mechanism import SaslSettings

EARLIEST = -2
LATEST = -1
"""Where to begin in place of an offset, as ListOffsets has it."""


_TIMES = -1_000
"""Below this a place stands for a time: the numbers between are Kafka's, for other places of a log."""


def at_time(time_ms: int) -> int:
    """Give the place to begin at the first record of that time or a later one, the end if there is none; milliseconds since 1970."""
    return _TIMES - time_ms


def asked_timestamp(place: int) -> int:
    """Give what ListOffsets asks for a place: a time, or `EARLIEST` or `LATEST`."""
    return _TIMES - place if place <= _TIMES else place


class Isolation(IntEnum):
    """Which records are read; the numbers are Kafka's."""

    READ_UNCOMMITTED = 0
    READ_COMMITTED = 1
    """None of a transaction that was aborted, and none behind the first one that is still open."""


class ReadSettings(NamedTuple):
    """How to read."""

    isolation: Isolation = Isolation.READ_UNCOMMITTED
    reset_to: int | None = LATEST
    """auto.offset.reset: where to go on when the log does not have the offset any more, or not yet; None makes an error of it."""
    stops_at_end: bool = False
    """Whether to stop where a partition ended when it was first looked at."""
    uses_sessions: bool = True
    """Whether brokers are asked to remember what is fetched, so that only changes need be said (KIP-227)."""
    wait_max_ms: int = 500
    bytes_max: int = 52_428_800
    partition_bytes_max: int = 1_048_576
    metadata_age_max_us: int = 300 * SECOND_US
    """metadata.max.age.ms: how soon partitions that were added are noticed."""


def client_settings(
    client_id: str,
    bootstrap: Sequence[tuple[str, int]],
    sasl: SaslSettings | None = None,
    *,
    metadata_age_max_us: int = 300 * SECOND_US,
) -> ClientSettings:
    """Give the defaults of a consumer's connections."""
    return ClientSettings(
        client_id=client_id,
        bootstrap=tuple(bootstrap),
        request_timeout_us=30 * SECOND_US,
        retry_backoff_us=100_000,
        retry_backoff_max_us=SECOND_US,
        reconnect_backoff_us=50_000,
        reconnect_backoff_max_us=SECOND_US,
        setup_timeout_us=10 * SECOND_US,
        setup_timeout_max_us=30 * SECOND_US,
        idle_max_us=540 * SECOND_US,
        metadata_age_max_us=metadata_age_max_us,
        metadata_idle_max_us=1 << 61,
        in_flight_max=5,
        sasl=sasl,
    )
