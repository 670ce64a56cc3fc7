"""One client's end of a TLS connection: bytes in, bytes out.

It owns no socket, so it serves a selector and an event loop alike, and two of them can be joined in a test.
"""

from __future__ import annotations

import ssl
from contextlib import suppress

from producer.transitions import Symbol, move

PLAINTEXT_BYTES = 1 << 18
"""How much is asked of OpenSSL at once; it gives a TLS record, 16 KiB at most."""


class TlsRefusedError(Exception):
    """The two sides do not trust each other, or agree on no way to encrypt; the message says why."""


class TlsState(Symbol):
    SHAKING_HANDS = "shaking hands"
    OPEN = "open"
    """The handshake is done, but the peer has sent no plaintext: a server of TLS 1.3 can refuse a client still."""
    TRUSTED = "trusted"
    """The peer has sent plaintext."""
    OVER = "over"
    """The peer sends no more."""


class TlsInput(Symbol):
    SHOOK_HANDS = "shook hands"
    HEARD = "heard"
    ENDED = "ended"


TRANSITIONS: dict[tuple[TlsState, TlsInput], TlsState] = {
    (TlsState.SHAKING_HANDS, TlsInput.SHOOK_HANDS): TlsState.OPEN,
    (TlsState.OPEN, TlsInput.HEARD): TlsState.TRUSTED,
    (TlsState.TRUSTED, TlsInput.HEARD): TlsState.TRUSTED,
    (TlsState.OPEN, TlsInput.ENDED): TlsState.OVER,
    (TlsState.TRUSTED, TlsInput.ENDED): TlsState.OVER,
}


class TlsChannel:
    """Ciphertext in and out on one side, plaintext on the other. After every call, what `take_outgoing` gives is to be sent."""

    __slots__ = ("_host", "_incoming", "_outgoing", "_tls", "state")

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        """Begin a handshake with `host`, whose certificate must be for that name. Raises TlsRefusedError."""
        self._host = host
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.state = TlsState.SHAKING_HANDS
        try:
            self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=certified_name(host))
        except ValueError as error:
            msg = f"{host!r} is no name that a certificate could be for: {error}"
            raise TlsRefusedError(msg) from error
        self._shake_hands()

    def feed(self, given: TlsInput) -> None:
        """Move on. Raises IllegalTransitionError, changing nothing, if the table has no such move."""
        self.state = move(TRANSITIONS, self.state, given, whose=f"TLS with {self._host}")

    @property
    def cipher(self) -> tuple[str, str]:
        """The cipher and the protocol agreed on, by OpenSSL's names, once it is open."""
        agreed = self._tls.cipher()
        assert agreed is not None, "no cipher before the end of the handshake"
        return agreed[0], agreed[1]

    def receive(self, ciphertext: bytes) -> bytes:
        """Take what the socket gave; give the plaintext in it, nothing during the handshake or once it is over.

        Raises TlsRefusedError if the peer is not trusted, or does not trust us.
        """
        self._incoming.write(ciphertext)
        if self.state is TlsState.SHAKING_HANDS:
            self._shake_hands()
        return self._read() if self.state in {TlsState.OPEN, TlsState.TRUSTED} else b""

    def send(self, plaintext: bytes) -> None:
        """Encrypt: an open channel takes everything at once."""
        assert self.state is not TlsState.SHAKING_HANDS, "plaintext before the end of the handshake"
        sent = self._tls.write(plaintext)
        assert sent == len(plaintext), "a memory buffer takes all"

    def take_outgoing(self) -> bytes:
        """Take the bytes that are to be sent."""
        return self._outgoing.read()

    def farewell(self) -> bytes:
        """Say that no more will be sent; give the last bytes to send."""
        # It waits for the peer's farewell in vain: what it had to say is written all the same.
        with suppress(ssl.SSLError, ValueError):
            self._tls.unwrap()
        return self.take_outgoing()

    def _shake_hands(self) -> None:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLError as error:
            raise TlsRefusedError(say(error)) from error
        self.feed(TlsInput.SHOOK_HANDS)

    def _read(self) -> bytes:
        parts: list[bytes] = []
        is_over = False
        try:
            while part := self._tls.read(PLAINTEXT_BYTES):
                parts.append(part)
            is_over = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            is_over = True
        except ssl.SSLError as error:
            if not parts:
                raise TlsRefusedError(say(error)) from error
            # What came before it counts; the socket ends soon, or the next read says it again.
            is_over = True
        if parts:
            self.feed(TlsInput.HEARD)
        if is_over:
            self.feed(TlsInput.ENDED)
        return b"".join(parts)


def certified_name(host: str) -> str:
    """Give the name by which a certificate knows a host: without what says only how it is looked up, or reached.

    A dot at the end says that the name is a whole one (RFC 6066 leaves it out); a link-local address is reached by an interface.
    """
    return host.partition("%")[0] if ":" in host else host.removesuffix(".")


def say(error: ssl.SSLError) -> str:
    """Give what OpenSSL found, without the places in its source."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    reason = (error.reason or str(error)).lower().replace("_", " ")
    _, is_alert, alert = reason.partition(" alert ")
    if is_alert:
        return f"it ended the TLS handshake with the alert {alert!r}"
    if reason == "wrong version number":
        return f"what it sends is no TLS ({reason})"
    return reason
