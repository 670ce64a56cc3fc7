"""The kinds of things that have settings, by the numbers of Kafka's requests (ConfigResource.Type)."""

from __future__ import annotations

from enum import IntEnum


class ResourceType(IntEnum):
    """A kind of thing that has settings."""

    TOPIC = 2
    BROKER = 4
    BROKER_LOGGER = 8
    CLIENT_METRICS = 16
    GROUP = 32
