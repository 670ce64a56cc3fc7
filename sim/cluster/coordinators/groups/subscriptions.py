"""What consumers say that they read, in version 0 of their own words (ConsumerProtocol.deserializeConsumerProtocolSubscription)."""

from __future__ import annotations

from struct import Struct, error

_SHORT = Struct(">h")
_INT = Struct(">i")
CONSUMER_PROTOCOL_TYPE = "consumer"


def subscribed_topics(metadata: bytes) -> tuple[str, ...] | None:
    """Read the topics of a subscription, whose later versions begin as version 0 does; None if it cannot be read."""
    try:
        (version,) = _SHORT.unpack_from(metadata)
        (count,) = _INT.unpack_from(metadata, _SHORT.size)
        at = _SHORT.size + _INT.size
        if version < 0 or not 0 <= count <= len(metadata):
            return None
        topics = []
        for _ in range(count):
            (size,) = _SHORT.unpack_from(metadata, at)
            name = metadata[at + _SHORT.size : at + _SHORT.size + size]
            if size < 0 or len(name) < size:
                return None
            topics.append(name.decode())
            at += _SHORT.size + size
        (size,) = _INT.unpack_from(metadata, at)
    except (error, UnicodeDecodeError):
        return None
    return tuple(topics) if at + _INT.size + max(size, 0) <= len(metadata) else None
