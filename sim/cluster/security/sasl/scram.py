"""SCRAM at a broker (RFC 5802, RFC 7677; Kafka's ScramSaslServer): the password never comes, and never lies here.

Each exchange has a nonce of the broker's own, so that what was heard of one is of no use in another.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable

from producer.client.sasl.scram_keys import HASHES, ITERATIONS_MIN, signature, stored_key, xor
from producer.transitions import Symbol, move
from sim.cluster.security.sasl.mechanism import (
    AuthenticationRefusedError,
    BrokenExchangeError,
    InvalidCredentialsError,
)
from sim.cluster.security.scram_credentials import ScramCredential

_VALUE = r"[\x01-\x2b\x2d-\x7f]+"
_NAME = r"(?:[\x01-\x2b\x2d-\x3c\x3e-\x7f]|=2C|=3D)+"
_PRINTABLE = r"[\x21-\x2b\x2d-\x7e]+"
_BASE64 = r"(?:[a-zA-Z0-9/+]{4})*(?:[a-zA-Z0-9/+]{3}=|[a-zA-Z0-9/+]{2}==)?"
_EXTENSIONS = rf"(?:,[A-Za-z]+={_VALUE})*"
_FIRST = re.compile(
    rf"n,(?:a=(?P<authzid>{_NAME}))?,(?:m={_VALUE},)?n=(?P<name>{_NAME}),r=(?P<nonce>{_PRINTABLE})(?P<extensions>{_EXTENSIONS})",
    re.DOTALL,
)
_FINAL = re.compile(
    rf"c=(?P<channel>{_BASE64}),r=(?P<nonce>{_PRINTABLE}){_EXTENSIONS},p=(?P<proof>{_BASE64})", re.DOTALL
)
"""As Kafka reads them (ScramMessages): no channel binding, and extensions that nobody heeds."""
_FOR_DELEGATES = ",tokenauth=true"
"""The name is a delegation token's: there are none here, so nobody has that name."""


class ScramServerState(Symbol):
    RECEIVE_CLIENT_FIRST_MESSAGE = "receive client first message"
    RECEIVE_CLIENT_FINAL_MESSAGE = "receive client final message"
    COMPLETE = "complete"
    FAILED = "failed"


class ScramServerInput(Symbol):
    CHALLENGE = "challenge"
    PROVED = "proved"
    REFUSE = "refuse"


TRANSITIONS: dict[tuple[ScramServerState, ScramServerInput], ScramServerState] = {
    (ScramServerState.RECEIVE_CLIENT_FIRST_MESSAGE, ScramServerInput.CHALLENGE): (
        ScramServerState.RECEIVE_CLIENT_FINAL_MESSAGE
    ),
    (ScramServerState.RECEIVE_CLIENT_FINAL_MESSAGE, ScramServerInput.PROVED): ScramServerState.COMPLETE,
    (ScramServerState.RECEIVE_CLIENT_FIRST_MESSAGE, ScramServerInput.REFUSE): ScramServerState.FAILED,
    (ScramServerState.RECEIVE_CLIENT_FINAL_MESSAGE, ScramServerInput.REFUSE): ScramServerState.FAILED,
}


class ScramServer:
    """One exchange with one client."""

    def __init__(self, mechanism: str, credential_of: Callable[[str], ScramCredential | None], nonce: str) -> None:
        """`credential_of` gives what is kept of a user's password; `nonce` nobody can have guessed."""
        self._hash = HASHES[mechanism]
        self._credential_of = credential_of
        self._nonce = nonce
        self._username = ""
        self._credential: ScramCredential | None = None
        self._first_bare = ""
        self._server_first = ""
        self.state = ScramServerState.RECEIVE_CLIENT_FIRST_MESSAGE
        self.authorization_id = ""
        self.expires_ms: int | None = None

    @property
    def is_complete(self) -> bool:
        """Whether the client has proved that it knows the password."""
        return self.state is ScramServerState.COMPLETE

    def feed(self, given: ScramServerInput) -> None:
        """Move on. Raises IllegalTransitionError, changing nothing, if the table has no such move."""
        self.state = move(TRANSITIONS, self.state, given, whose="SCRAM at a broker")

    def evaluate(self, token: bytes, now_ms: int) -> bytes:  # noqa: ARG002 - passwords do not expire
        """Take the first message, then the final one; give the answer to it."""
        try:
            if self.state is ScramServerState.RECEIVE_CLIENT_FIRST_MESSAGE:
                answer = self._challenge(token.decode(errors="replace"))
                self.feed(ScramServerInput.CHALLENGE)
            else:
                answer = self._signature(token.decode(errors="replace"))
                self.feed(ScramServerInput.PROVED)
                self.authorization_id = self._username
        except (AuthenticationRefusedError, InvalidCredentialsError, BrokenExchangeError):
            self.feed(ScramServerInput.REFUSE)
            raise
        return answer.encode()

    def _challenge(self, message: str) -> str:
        found = _FIRST.fullmatch(message)
        if found is None:
            raise InvalidCredentialsError("the first message is not one of SCRAM's")
        name = self._username = found["name"].replace("=2C", ",").replace("=3D", "=")
        extensions = found["extensions"]
        credential = None if _FOR_DELEGATES in extensions else self._credential_of(name)
        if credential is None:
            raise InvalidCredentialsError("nobody of that name has such a credential")
        if (found["authzid"] or name) != name:
            raise AuthenticationRefusedError(
                "Authentication failed: Client requested an authorization id that is different from username"
            )
        if credential.iterations < ITERATIONS_MIN:
            msg = f"the credential has {credential.iterations} iterations, must be at least {ITERATIONS_MIN}"
            raise InvalidCredentialsError(msg)
        self._credential = credential
        self._first_bare = f"n={found['name']},r={found['nonce']}{extensions}"
        salt = base64.b64encode(credential.salt).decode()
        self._server_first = f"r={found['nonce']}{self._nonce},s={salt},i={credential.iterations}"
        return self._server_first

    def _signature(self, message: str) -> str:
        credential, found = self._credential, _FINAL.fullmatch(message)
        assert credential is not None, "a challenge was given"
        if found is None:
            raise InvalidCredentialsError("the final message is not one of SCRAM's")
        ours = self._server_first.split(",", 1)[0].removeprefix("r=")
        if not found["nonce"].endswith(ours):
            raise InvalidCredentialsError("the final message has another nonce")
        final = f"c={found['channel']},r={found['nonce']}"
        signed = f"{self._first_bare},{self._server_first},{final}".encode()
        try:
            client_key = xor(base64.b64decode(found["proof"]), signature(self._hash, credential.stored_key, signed))
        except ValueError as error:
            raise BrokenExchangeError("the proof is not as long as the hash") from error
        if not hmac.compare_digest(stored_key(self._hash, client_key), credential.stored_key):
            raise InvalidCredentialsError("the proof is wrong")
        return f"v={base64.b64encode(signature(self._hash, credential.server_key, signed)).decode()}"
