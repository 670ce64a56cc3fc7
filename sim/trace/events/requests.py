"""A client's requests at a broker, from the first look to the answer."""

from __future__ import annotations

from typing import NamedTuple


class RequestReceived(NamedTuple):
    """A broker began to work on a client's request (one at a time per connection)."""

    at_us: int
    broker: int
    api: str
    client: str
    connection: int
    correlation_id: int
    client_id: str
    """What the client calls itself (client.id): several may come from one host."""


class RequestDetained(NamedTuple):
    """A fault keeps a client's request, and all behind it on its connection, from a broker for a while."""

    at_us: int
    broker: int
    api: str
    client: str
    connection: int
    correlation_id: int


class RequestLost(NamedTuple):
    """A fault lost a client's request on its way to a broker."""

    at_us: int
    broker: int
    api: str
    client: str
    connection: int
    correlation_id: int


class ClientThrottled(NamedTuple):
    """A client exceeded a quota: it is answered at once, and its connection is not read for a while (KIP-219)."""

    at_us: int
    broker: int
    api: str
    client: str
    connection: int
    correlation_id: int
    client_id: str
    """What the client calls itself (client.id)."""
    user: str
    """On whose behalf it asks."""
    quota: str
    """`produce`, `fetch`, `request` or `controller mutation`."""
    throttle_us: int
    """For how long; the answer says so, too, but for acks=0."""


class ProduceAnswered(NamedTuple):
    """A broker decided the answer for one partition of a Produce request; acks=0 hears nothing of it."""

    at_us: int
    broker: int
    topic: str
    partition: int
    client: str
    connection: int
    correlation_id: int
    code: int
    base_offset: int


class OffsetCommitReceived(NamedTuple):
    """A group coordinator was asked to remember a position in a partition that there is."""

    at_us: int
    broker: int
    client: str
    connection: int
    correlation_id: int
    group: str
    topic: str
    partition: int
    offset: int


class OffsetCommitAnswered(NamedTuple):
    """A broker decided the answer about one position of an OffsetCommit request."""

    at_us: int
    broker: int
    client: str
    connection: int
    correlation_id: int
    group: str
    topic: str
    partition: int
    code: int


class OffsetFetchAnswered(NamedTuple):
    """A broker decided which position of a group it tells in answer to an OffsetFetch request."""

    at_us: int
    broker: int
    client: str
    connection: int
    correlation_id: int
    group: str
    topic: str
    partition: int
    offset: int
    """-1 where the group has none."""
    is_stable: bool
    """Whether all that was written before is committed by then (require_stable)."""


class ResponseSent(NamedTuple):
    """A broker put its answer on the wire."""

    at_us: int
    broker: int
    api: str
    client: str
    connection: int
    correlation_id: int


class RequestRejected(NamedTuple):
    """What a client sent is no request that a broker can read: it ended the connection (InvalidRequestException)."""

    at_us: int
    broker: int
    client: str
    connection: int
    reason: str
    """What was wrong, and the value."""


class ClientAuthenticated(NamedTuple):
    """A client proved to a broker who it is, for the first time or anew (KIP-368)."""

    at_us: int
    broker: int
    client: str
    connection: int
    listener: str
    mechanism: str
    principal: str
    """`User:alice`."""


class AuthenticationFailed(NamedTuple):
    """A client did not, or its session expired: the connection ends. Nothing that it sent is told."""

    at_us: int
    broker: int
    client: str
    connection: int
    listener: str
    mechanism: str
    """Empty where none was agreed on."""
    reason: str
    """As the broker knows it; the client is told less."""


class HandlerFailed(NamedTuple):
    """A bug of ours: a broker failed on a client's request, and ended that connection."""

    at_us: int
    broker: int
    api: str
    version: int
    client: str
    connection: int
    correlation_id: int
    error: str
    """The exception's class and text, and where it was raised."""
    request: str
    """Header and body as they came, in hexadecimal; empty where a request holds a secret."""


class ResponseDropped(NamedTuple):
    """A fault swallowed an answer."""

    at_us: int
    broker: int
    api: str
    client: str
    connection: int
    correlation_id: int
