"""A request on its way, and how it ends: with an answer or with a loss, told to whoever asked, exactly once."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from producer.errors import AuthenticationError, Code, PeerError
from producer.wire.api import ApiKey


class Asker(Protocol):
    """Whoever has something asked of a broker. It goes along with its request and hears of the end of it."""

    def answered(self, answer: Answer, now_us: int, /) -> None:
        """The broker answered. What the body means is the asker's business, and so is to end a connection over nonsense."""

    def lost(self, loss: Loss, now_us: int, /) -> None:
        """No answer will come. The broker may have done what was asked all the same."""


class InFlight(NamedTuple):
    """A request that waits for its answer; times in microseconds."""

    api: ApiKey
    version: int
    correlation_id: int
    connection: int
    sent_us: int
    deadline_us: int
    asker: Asker | None
    """None for the requests that set a connection up: the link reads their answers itself."""


class Answer(NamedTuple):
    """A request was answered; or one that nobody answers (acks=0) was written."""

    node_id: int
    request: InFlight
    body: bytes
    """As it came, behind the header, not read yet; empty for a request that was only to be written."""


class Loss(NamedTuple):
    """A request was left without an answer."""

    node_id: int
    request: InFlight
    code: Code
    """NETWORK_EXCEPTION (the connection ended) or REQUEST_TIMED_OUT."""
    reason: str
    """Why the connection ended."""


class Answered(NamedTuple):
    """A request and the body of its answer."""

    request: InFlight
    body: bytes


class Received(NamedTuple):
    """What came of some bytes."""

    answers: list[Answered]
    reply: bytes
    """What to send back while versions are agreed and SASL is spoken."""
    failure: PeerError | AuthenticationError | None
    """The broker breaks the protocol, or it and the client do not trust each other."""
