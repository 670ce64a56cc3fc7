"""What a gateway does with what clients send through it. What a policy hides is nowhere in it but as it lies in the logs."""

from __future__ import annotations

from typing import NamedTuple

from producer.records import Headers


class GatewayStarted(NamedTuple):
    """A gateway's process begins, and listens."""

    at_us: int
    gateway: str
    life: int
    """Its lives count from 1."""


class GatewayEnded(NamedTuple):
    """A gateway's process is gone."""

    at_us: int
    gateway: str
    how: str
    """`killed` or `stopped`."""


class GatewayCrossed(NamedTuple):
    """A client's connection to a gateway has a connection to a broker behind it: what comes to the broker by that is the client's."""

    at_us: int
    gateway: str
    connection: int
    """The gateway's number for its own."""
    client: str
    client_connection: int
    """The client's number for its own."""


class GatewayWrites(NamedTuple):
    """A life of a gateway has a producer of its own, of dead letters: connections of its host that are numbered from there on are that one's."""

    at_us: int
    gateway: str
    client: str
    first_connection: int
    """The producer's connection 0 is numbered so."""


class GatewayPassed(NamedTuple):
    """A gateway hands a batch on to a broker, changed or as it came."""

    at_us: int
    gateway: str
    connection: int
    """The gateway's number for the one to the broker."""
    correlation_id: int
    client: str
    topic: str
    partition: int
    crc: int
    """Of the batch as it goes on."""
    records: int
    """How many are in it."""
    made: tuple[tuple[bytes | None, bytes | None, Headers], ...]
    """Key, value and headers of each record as it goes on; empty where all pass as they came."""


class GatewayRefused(NamedTuple):
    """A gateway hands nothing of a batch on."""

    at_us: int
    gateway: str
    client: str
    topic: str
    partition: int
    records: int
    """How many are in it."""
    bad: int
    """How many of them may not pass; 0 where nothing can be decided."""
    why: str
    """Which records, fields and rules; or who is away. Never a value."""


class GatewaySessionBroken(NamedTuple):
    """A gateway ends a client's connection for what was sent in it."""

    at_us: int
    gateway: str
    client: str
    why: str
