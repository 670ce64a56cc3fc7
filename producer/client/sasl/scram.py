"""SCRAM-SHA-256 and SCRAM-SHA-512 (RFC 5802, RFC 7677): the password never travels, and the server must know it too.

As in Kafka's own client, names and passwords are UTF-8 as given, without SASLprep: who prepares them differently on the
two sides is refused.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING

from producer.client.sasl.mechanism import ChallengeError
from producer.client.sasl.scram_keys import ITERATIONS_MIN, salted_password, scram_keys, signature, xor
from producer.transitions import Symbol, move

if TYPE_CHECKING:
    from producer.chance import Chance

ITERATIONS_MAX = 1_000_000
"""A server that asks for more wants to keep us busy; Kafka stores at most 16,384."""

NONCE_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
NONCE_LENGTH = 24
"""Letters of 5.95 bits each: 142 bits."""

_HEADER = "n,,"
"""No channel binding, no authorization id."""
_CHANNEL = base64.b64encode(_HEADER.encode()).decode()


class ScramState(Symbol):
    NEW = "new"
    OPENED = "opened"
    """Our nonce left."""
    PROVED = "proved"
    """Our proof left."""
    TRUSTED = "trusted"
    """The server proved that it knows the password as well."""


class ScramInput(Symbol):
    OPEN = "open"
    CHALLENGED = "challenged"
    SIGNED = "signed"


TRANSITIONS: dict[tuple[ScramState, ScramInput], ScramState] = {
    (ScramState.NEW, ScramInput.OPEN): ScramState.OPENED,
    (ScramState.OPENED, ScramInput.CHALLENGED): ScramState.PROVED,
    (ScramState.PROVED, ScramInput.SIGNED): ScramState.TRUSTED,
}


class Scram:
    """One client's part of one exchange."""

    __slots__ = ("_first_bare", "_hash", "_nonce", "_password", "_server_signature", "_username", "state")

    def __init__(self, hash_name: str, username: str, password: str, *, nonce: str) -> None:
        self.state = ScramState.NEW
        self._hash = hash_name
        self._username = username
        self._password = password
        self._nonce = nonce
        self._first_bare = ""
        self._server_signature = b""

    def feed(self, given: ScramInput) -> None:
        """Move on. Raises IllegalTransitionError, changing nothing, if the table has no such move."""
        self.state = move(TRANSITIONS, self.state, given, whose="SCRAM")

    def open(self) -> bytes:
        """Give name and nonce."""
        self.feed(ScramInput.OPEN)
        name = self._username.replace("=", "=3D").replace(",", "=2C")
        self._first_bare = f"n={name},r={self._nonce}"
        return (_HEADER + self._first_bare).encode()

    def answer(self, challenge: bytes) -> bytes | None:
        """Give the proof; then check the server's signature, and give None. Raises ChallengeError."""
        if self.state is ScramState.OPENED:
            proof = self._prove(challenge)
            self.feed(ScramInput.CHALLENGED)
            return proof
        self._check_signature(challenge)
        self.feed(ScramInput.SIGNED)
        return None

    def _prove(self, server_first: bytes) -> bytes:
        nonce, salt, iterations = _read_first(server_first)
        if not nonce.startswith(self._nonce) or nonce == self._nonce:
            msg = "its nonce does not continue ours"
            raise ChallengeError(msg)
        if not ITERATIONS_MIN <= iterations <= ITERATIONS_MAX:
            msg = f"it asks for {iterations} iterations, must be {ITERATIONS_MIN}..{ITERATIONS_MAX}"
            raise ChallengeError(msg)
        keys = scram_keys(self._hash, salted_password(self._hash, self._password, salt, iterations))
        final = f"c={_CHANNEL},r={nonce}"
        signed = b",".join((self._first_bare.encode(), server_first, final.encode()))
        proof = xor(keys.client, signature(self._hash, keys.stored, signed))
        self._server_signature = signature(self._hash, keys.server, signed)
        return f"{final},p={base64.b64encode(proof).decode()}".encode()

    def _check_signature(self, server_final: bytes) -> None:
        kind, value = _attribute(_text(server_final).split(",")[0])
        if kind == "e":
            msg = f"it says {value!r}"
            raise ChallengeError(msg)
        if kind != "v":
            msg = f"attribute {kind!r} where its signature belongs"
            raise ChallengeError(msg)
        if not hmac.compare_digest(_decoded(value), self._server_signature):
            msg = "its signature is wrong: it does not know the password, so it is not who it seems"
            raise ChallengeError(msg)


def draw_nonce(chance: Chance) -> str:
    """Draw a nonce that nobody else draws."""
    return "".join(NONCE_LETTERS[chance.randrange(len(NONCE_LETTERS))] for _ in range(NONCE_LENGTH))


def _read_first(server_first: bytes) -> tuple[str, bytes, int]:
    """Read (nonce, salt, iterations): in this order, and extensions behind them (RFC 5802, 7)."""
    attributes = [_attribute(part) for part in _text(server_first).split(",")]
    kinds = "".join(kind for kind, _ in attributes)
    if kinds.startswith("e"):
        msg = f"it says {attributes[0][1]!r}"
        raise ChallengeError(msg)
    if not kinds.startswith("rsi"):
        msg = f"attributes {kinds!r} where nonce, salt and iterations (rsi) belong"
        raise ChallengeError(msg)
    (_, nonce), (_, salt), (_, iterations) = attributes[:3]
    if not iterations.isascii() or not iterations.isdigit() or len(iterations) > len(str(ITERATIONS_MAX)):
        msg = f"{iterations[:20]!r} iterations"
        raise ChallengeError(msg)
    return nonce, _decoded(salt), int(iterations)


def _text(message: bytes) -> str:
    try:
        return message.decode()
    except UnicodeDecodeError as error:
        msg = f"{len(message)} bytes that are no text"
        raise ChallengeError(msg) from error


def _attribute(part: str) -> tuple[str, str]:
    kind, equals, value = part.partition("=")
    if len(kind) != 1 or not equals:
        msg = f"{part[:20]!r} is no attribute"
        raise ChallengeError(msg)
    return kind, value


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        msg = f"{value[:20]!r} is no base64"
        raise ChallengeError(msg) from error
