"""What an engine asks of its driver, and what it wants to hear. A driver carries commands out in their order."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Connect(NamedTuple):
    """Open a connection. Then call `connected`, or `disconnected` if it cannot be had."""

    connection: int
    """The engine's number for it, never used twice."""
    host: str
    port: int


class Write(NamedTuple):
    """Send these bytes, in order, behind what was written before."""

    connection: int
    data: bytes
    is_reported: bool = False
    """Whether `written` is to be called once the operating system has taken all of it: nobody answers it."""


class Disconnect(NamedTuple):
    """Close the connection. No input for it is expected afterwards; one that crosses is ignored."""

    connection: int
    is_patient: bool = True
    """Whether what was written before still leaves, and the peer gets time to read it: not one that let a request or a
    connection run out of time, or that talks nonsense, for such a peer may never end its side."""


class BearerToken(NamedTuple):
    """What OAUTHBEARER shows a broker (RFC 7628)."""

    text: str
    """The token itself: never shown to anybody else."""
    extensions: tuple[tuple[str, str], ...] = ()
    """Names and values that travel beside it (KIP-342)."""

    def __repr__(self) -> str:
        """Leave the secrets out."""
        return f"BearerToken(extensions={[name for name, _ in self.extensions]})"


class AskToken(NamedTuple):
    """Get an OAuth token for this connection. Then call `token_given`, or `refused` if there is none to be had."""

    connection: int


Command = Connect | Write | Disconnect | AskToken


class Driven(Protocol):
    """What a driver drives: the producer's engine, and a consumer. Times are microseconds of the driver's clock.

    Everything received is handled before anything times out, as in `NetworkClient.poll`: a process that slept past a
    deadline finds the answer in its socket's buffer. So nothing times out in any call but `timer_fired`, and there only
    what was over when the driver last began to look at its sockets: it reads each that is ready, and reports what it
    read, before it calls `timer_fired`. What ran out since waits for the next look, which is due at once.
    """

    deadline_us: int
    """When `timer_fired` is due at the latest."""

    def connected(self, connection: int, now_us: int) -> None:
        """A connection asked for by `Connect` is up."""

    def disconnected(self, connection: int, reason: str, now_us: int) -> None:
        """A connection could not be had, or ended."""

    def refused(self, connection: int, reason: str, now_us: int) -> None:
        """The two sides of a connection do not trust each other (TLS), or no token is to be had; it is closed."""

    def token_given(self, connection: int, token: BearerToken, now_us: int) -> None:
        """The OAuth token asked for by `AskToken`."""

    def written(self, connection: int, now_us: int) -> None:
        """The operating system has taken the last byte of a `Write` that is reported; not for one that failed."""

    def bytes_received(self, connection: int, data: bytes, now_us: int) -> None:
        """Bytes came in."""

    def timer_fired(self, now_us: int, seen_us: int | None = None) -> None:
        """Time has come. All that was received before `seen_us` was handed in; None if that is now."""

    def take_commands(self) -> list[Command]:
        """Take what is to be done, in order."""
        ...
