"""What a broker passes on to the active controller, and what comes back (KIP-590): a client's request as it was decoded.

Kafka puts the bytes into an Envelope; simulated brokers speak to their controller in values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from producer.errors import Code
from sim.cluster.security.principal import Principal


class Refusal(NamedTuple):
    """An error of one item, or of a whole request (Kafka's ApiError)."""

    code: Code
    message: str | None = None
    """Null for those errors of which there is no more to say."""


class RefusedError(Exception):
    """What is asked for cannot be (Kafka's ApiException)."""

    def __init__(self, code: Code, message: str | None = None) -> None:
        super().__init__(code, message)
        self.refusal = Refusal(code, message)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request of a client, as its broker passes it on."""

    number: int
    """Counts what one life of a broker passes on; asked again after a lost connection, it is the same."""
    broker: int
    """Which broker passes it on."""
    api: int
    version: int
    request: Any
    """A message of `producer.wire.messages`."""
    principal: Principal
    """On whose behalf: the controller decides by the client's rights, not by the broker's."""
    client: str
    """The client's host."""
    client_id: str = ""
    """What the client calls itself."""


@dataclass(frozen=True, slots=True)
class EnvelopeAnswer:
    """What the controller made of it."""

    number: int
    answer: Any
    """The API's own answer; or a `Refusal` of the whole request, which only the API can write down; or what it raised."""
