"""One connection from the wish for it to its end, whatever carries its bytes: states, TLS, and the last words.

Its end has two halves. Who ends it first sends all that is still to be sent: with acks=0 nobody asks for it again. Then it
says that this is all, and takes the socket away only when the peer has ended its side, too: to close a socket with unread
bytes in it resets the connection, and a reset destroys what the peer has not read yet. (Java's client closes at once.)
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Protocol

from producer.drivers.tls_channel import TlsChannel, TlsRefusedError, TlsState
from producer.transitions import Symbol, move

if TYPE_CHECKING:
    import ssl

ENDING_US_MAX = 30_000_000
"""How long a peer may take to read what is left, and to end its side of a connection that we ended."""


class ConnectionState(Symbol):
    CONNECTING = "connecting"
    SECURING = "securing"
    """The TLS handshake is under way."""
    OPEN = "open"
    ENDING = "ending"
    """The machine wants it closed, but what was written before still leaves."""
    ENDED = "ended"
    """All is sent, and said to be all; the peer has not ended its side."""
    GONE = "gone"
    """Nothing is heard of it, or done with it, any more."""


class ConnectionInput(Symbol):
    SECURE = "secure"
    OPEN = "open"
    END = "end"
    SENT = "sent"
    LOSE = "lose"


TRANSITIONS: dict[tuple[ConnectionState, ConnectionInput], ConnectionState] = {
    (ConnectionState.CONNECTING, ConnectionInput.SECURE): ConnectionState.SECURING,
    (ConnectionState.CONNECTING, ConnectionInput.OPEN): ConnectionState.OPEN,
    (ConnectionState.CONNECTING, ConnectionInput.LOSE): ConnectionState.GONE,
    (ConnectionState.SECURING, ConnectionInput.OPEN): ConnectionState.OPEN,
    (ConnectionState.SECURING, ConnectionInput.LOSE): ConnectionState.GONE,
    (ConnectionState.OPEN, ConnectionInput.END): ConnectionState.ENDING,
    (ConnectionState.OPEN, ConnectionInput.LOSE): ConnectionState.GONE,
    (ConnectionState.ENDING, ConnectionInput.SENT): ConnectionState.ENDED,
    (ConnectionState.ENDING, ConnectionInput.LOSE): ConnectionState.GONE,
    (ConnectionState.ENDED, ConnectionInput.LOSE): ConnectionState.GONE,
}

HEARING = frozenset((ConnectionState.SECURING, ConnectionState.OPEN))
"""Where it is of interest what the peer sends; in every other state it is read only to be out of the way."""


class Owner(Protocol):
    """Who is told what becomes of a connection."""

    def is_up(self, connection: Connection) -> None:
        """Bytes of the protocol can pass."""

    def is_written(self, connection: Connection) -> None:
        """The operating system has taken what was to be reported."""

    def is_given(self, connection: Connection, data: bytes) -> None:
        """Bytes of the protocol came in."""

    def is_refused(self, connection: Connection, reason: str) -> None:
        """The two sides do not trust each other; it is gone."""

    def is_lost(self, connection: Connection, reason: str) -> None:
        """It could not be had, or ended before we ended it; it is gone."""

    def is_gone(self, connection: Connection) -> None:
        """We ended it, or gave it up; the peer has ended it, too, or its time is up."""


class Connection(ABC):
    """One connection. Whoever carries its bytes tells it what happens, and does what is asked for below."""

    __slots__ = ("_is_awaited", "_owner", "_tls", "host", "number", "state")

    def __init__(self, owner: Owner, number: int, host: str) -> None:
        self._owner = owner
        self.number = number
        """The machine's, never used twice."""
        self.host = host
        """The name that the peer's certificate must be for."""
        self.state = ConnectionState.CONNECTING
        self._tls: TlsChannel | None = None
        self._is_awaited = False
        """Whether somebody wants to hear that everything was taken."""

    def feed(self, given: ConnectionInput) -> None:
        """Move on. Raises IllegalTransitionError, changing nothing, if the table has no such move."""
        self.state = move(TRANSITIONS, self.state, given, whose=f"connection {self.number} to {self.host}")

    @property
    def cipher(self) -> tuple[str, str] | None:
        """The cipher and the protocol agreed on, by OpenSSL's names; None without TLS."""
        return None if self._tls is None else self._tls.cipher

    # -- what the machine wants --------------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Send bytes of the protocol; whoever writes before it is open, or after the end, writes into the void."""
        if self.state is not ConnectionState.OPEN:
            return
        if self._tls is not None:
            self._tls.send(data)
            data = self._tls.take_outgoing()
        self._push(data)

    def is_taken(self) -> bool:
        """Whether the operating system has taken all that was written. If not, and nothing breaks, the owner hears of it."""
        if self.state is not ConnectionState.OPEN:
            return False
        self._is_awaited = not self._is_all_taken
        return not self._is_awaited

    def end(self) -> None:
        """Send what is still to be sent, say that this is all, and wait for the peer to end its side."""
        if self.state is ConnectionState.OPEN:
            self.feed(ConnectionInput.END)
            self._say_last_words()
        elif self.state in {ConnectionState.CONNECTING, ConnectionState.SECURING}:
            self.give_up()

    def give_up(self) -> None:
        """Take it away at once; nobody wants to hear of it any more. Twice is once."""
        if self.state is not ConnectionState.GONE:
            self._forget()
            self._owner.is_gone(self)

    # -- what happens to it ------------------------------------------------------------------------------------------

    def begin(self, context: ssl.SSLContext | None) -> None:
        """The connection is there: with a context, the TLS handshake begins."""
        if context is None:
            self.feed(ConnectionInput.OPEN)
            self._owner.is_up(self)
            return
        self.feed(ConnectionInput.SECURE)
        try:
            self._tls = TlsChannel(context, self.host)
        except TlsRefusedError as error:
            self._refuse(str(error))
        else:
            self._push(self._tls.take_outgoing())

    def receive(self, data: bytes) -> None:
        """Bytes came in."""
        if self.state not in HEARING:
            return
        if self._tls is None:
            self._owner.is_given(self, data)
        else:
            self._decrypt(self._tls, data)

    def take(self) -> None:
        """The operating system has taken some of what was written."""
        if self._is_awaited and self.state is ConnectionState.OPEN and self._is_all_taken:
            self._is_awaited = False
            self._owner.is_written(self)

    def close_by_peer(self) -> None:
        """The peer sends no more. What it has not taken by now it will not miss: it is told at once, as Java does."""
        if self.state is ConnectionState.SECURING:
            self.lose("closed by peer in the TLS handshake")
        else:
            self.lose("closed by peer")

    def sent_all(self) -> None:
        """The carrier has seen to it that everything leaves, and that the peer hears that it was all."""
        self.feed(ConnectionInput.SENT)

    def fail(self, reason: str) -> None:
        """Reading from it, or writing to it, failed."""
        tls = self._tls
        if self.state in HEARING and tls is not None and tls.state is not TlsState.TRUSTED:
            # A server of TLS 1.3 refuses a client after the handshake; why it closed may lie in the socket.
            try:
                tls.receive(self._unread())
            except TlsRefusedError as error:
                self._refuse(str(error))
                return
            except OSError:
                pass
        self.lose(reason)

    def lose(self, reason: str) -> None:
        """It could not be had, or is no more. One that we ended ourselves is news to nobody."""
        if self.state in {ConnectionState.ENDING, ConnectionState.ENDED}:
            self.give_up()
        elif self.state is not ConnectionState.GONE:
            self._forget()
            self._owner.is_lost(self, reason)

    def _decrypt(self, tls: TlsChannel, data: bytes) -> None:
        was_trusted = tls.state is TlsState.TRUSTED
        try:
            plaintext = tls.receive(data)
        except TlsRefusedError as error:
            # Our side may have to say why it refuses; what the socket takes of it at once leaves, as in Java.
            self._push(tls.take_outgoing())
            # Once it has spoken to us, it trusts us: what comes then is a broken connection.
            (self.lose if was_trusted else self._refuse)(str(error))
            return
        self._push(tls.take_outgoing())
        if self.state is ConnectionState.SECURING and tls.state is not TlsState.SHAKING_HANDS:
            self.feed(ConnectionInput.OPEN)
            self._owner.is_up(self)
        if plaintext and self.state is ConnectionState.OPEN:
            self._owner.is_given(self, plaintext)
        if tls.state is TlsState.OVER and self.state is ConnectionState.OPEN:
            self.close_by_peer()

    def _say_last_words(self) -> None:
        if self._tls is not None:
            self._push(self._tls.farewell())
        # It may have been found broken.
        if self.state is ConnectionState.ENDING:
            self._finish()

    def _refuse(self, reason: str) -> None:
        if self.state in HEARING:
            self._forget()
            self._owner.is_refused(self, reason)

    def _forget(self) -> None:
        self.feed(ConnectionInput.LOSE)
        self._drop()

    # -- what carries its bytes --------------------------------------------------------------------------------------

    @abstractmethod
    def _push(self, data: bytes) -> None:
        """Send bytes as they are, behind those that were not taken yet. May find, and tell, that the connection broke."""

    @property
    @abstractmethod
    def _is_all_taken(self) -> bool:
        """Whether the operating system has taken whatever was pushed, and none was lost. Where that changes, call `take`."""

    @abstractmethod
    def _finish(self) -> None:
        """Let what was pushed leave, tell the peer that it is all, and call `sent_all`."""

    @abstractmethod
    def _drop(self) -> None:
        """Take it away at once, with whatever was not taken yet."""

    @abstractmethod
    def _unread(self) -> bytes:
        """Give what lies in the socket. Raises OSError if nothing does."""
