"""Ids that the coordinator gives: a version 4 UUID, drawn from a stream of its partition."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.cluster.coordinators.shard import Ground

_BYTES = 16


def new_uuid(ground: Ground) -> int:
    """Draw a version 4 UUID, as a number of 128 bits."""
    chance = ground.broker.world.chance(f"member id/{ground.partition}")
    number = chance.bits() << 64 | chance.bits()
    number = number & ~(0xF << 76) | 4 << 76
    return number & ~(0x3 << 62) | 2 << 62


def uuid_digits(number: int) -> str:
    """Write it as java.util.UUID does, in hexadecimal digits with dashes."""
    digits = f"{number:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def uuid_text(number: int) -> str:
    """Write it as Kafka's own Uuid does, in 22 characters of base 64 for URLs."""
    return base64.urlsafe_b64encode(number.to_bytes(_BYTES, "big")).decode().rstrip("=")
