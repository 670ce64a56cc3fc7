"""A cluster that wants to know who is there: the server's half of each mechanism, written from the RFCs for the tests."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from producer.commands import AskToken, BearerToken
from producer.errors import Code
from producer.wire.api import ApiKey, decode_request_header
from producer.wire.codec import decode, encode
from producer.wire.messages import sasl_authenticate, sasl_handshake
from tests.unit.producer.scripted_cluster import ScriptedCluster

PASSWORDS = {"alice": "alice-secret"}
TOKEN = BearerToken("good.token")
OFFERED = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER")
SALT = b"0123456789abcdef"
ITERATIONS = 4_096
REFUSED = "Authentication failed: Invalid username or password"

Response = sasl_authenticate.SaslAuthenticateResponse


class Session:
    """The server's side of one exchange."""

    def __init__(self, mechanism: str) -> None:
        self.mechanism = mechanism
        self.tokens: list[bytes] = []
        self.extensions: list[bytes] = []
        """What came beside an OAuth token, as it was written."""

    def answer(self, token: bytes) -> Response:
        self.tokens.append(token)
        if self.mechanism == "PLAIN":
            _, name, password = token.decode().split("\0")
            return Response() if PASSWORDS.get(name) == password else refusal()
        if self.mechanism == "OAUTHBEARER":
            if token == b"\x01":
                return refusal('{"status":"invalid_token"}')
            begin, auth, *self.extensions, beside, end = token.split(b"\x01")
            is_good = (begin, auth, beside, end) == (b"n,,", f"auth=Bearer {TOKEN.text}".encode(), b"", b"")
            return Response() if is_good else Response(auth_bytes=b'{"status":"invalid_token"}')
        return self._scram(token)

    def _scram(self, token: bytes) -> Response:
        hash_name = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-512": "sha512"}[self.mechanism]
        first = self.tokens[0].decode().removeprefix("n,,")
        name, nonce = (part[2:] for part in first.split(","))
        server_first = f"r={nonce}server,s={base64.b64encode(SALT).decode()},i={ITERATIONS}"
        if len(self.tokens) == 1:
            return Response(auth_bytes=server_first.encode())
        without_proof, _, proof = token.decode().rpartition(",p=")
        signed = f"{first},{server_first},{without_proof}".encode()
        salted = hashlib.pbkdf2_hmac(hash_name, PASSWORDS.get(name, "").encode(), SALT, ITERATIONS)
        client_key = hmac.digest(salted, b"Client Key", hash_name)
        stored_key = hashlib.new(hash_name, client_key).digest()
        signature = hmac.digest(stored_key, signed, hash_name)
        shown = bytes(a ^ b for a, b in zip(base64.b64decode(proof), signature, strict=True))
        if name not in PASSWORDS or shown != client_key:
            return refusal()
        server_signature = hmac.digest(hmac.digest(salted, b"Server Key", hash_name), signed, hash_name)
        return Response(auth_bytes=b"v=" + base64.b64encode(server_signature))


def refusal(why: str = REFUSED) -> Response:
    return Response(Code.SASL_AUTHENTICATION_FAILED, why)


class SecureCluster(ScriptedCluster):
    """Answers nothing but ApiVersions on a connection until it knows who is there."""

    def __init__(
        self,
        *,
        username: str = "alice",
        password: str = "alice-secret",
        token: BearerToken | None = TOKEN,
        offers: tuple[str, ...] = OFFERED,
        instead: Mapping[int, Response] | None = None,
        session_lifetime_ms: int = 0,
        **properties: Any,
    ) -> None:
        self.sessions: dict[int, list[Session]] = {}
        self.session_lifetime_ms = session_lifetime_ms
        self.offers = offers
        self.instead = dict(instead or {})
        """What to answer to the nth token of an exchange, whatever it is."""
        self.token = token
        """What the driver's callback gives; None: nothing, ever."""
        self.tokens_asked: list[int] = []
        given: dict[str, Any] = {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN"} | properties
        self.lets_anybody_in = given["sasl_mechanism"] is None
        if self.lets_anybody_in:
            del given["security_protocol"], given["sasl_mechanism"]
        elif given["sasl_mechanism"] == "OAUTHBEARER":
            given["sasl_oauthbearer_token_callback"] = lambda: None
        else:
            given |= {"sasl_username": username, "sasl_password": password}
        super().__init__(**given)

    @property
    def session_count(self) -> int:
        return sum(len(sessions) for sessions in self.sessions.values())

    def _carry_out(self, command: Any) -> None:
        if isinstance(command, AskToken):
            self.tokens_asked.append(command.connection)
            if self.token is not None:
                self.engine.token_given(command.connection, self.token, self.now_us)
            return
        super()._carry_out(command)

    def _request(self, connection: int, payload: bytes) -> None:
        header, position = decode_request_header(payload)
        body, version = payload[position:], header.api_version
        if header.api_key == ApiKey.SASL_HANDSHAKE:
            mechanism = decode(sasl_handshake.SaslHandshakeRequest, body, version).mechanism
            is_known = mechanism in self.offers
            if is_known:
                self.sessions.setdefault(connection, []).append(Session(mechanism))
            code = Code.NONE if is_known else Code.UNSUPPORTED_SASL_MECHANISM
            answer = sasl_handshake.SaslHandshakeResponse(code, self.offers)
            self._reply(connection, header, encode(answer, version))
        elif header.api_key == ApiKey.SASL_AUTHENTICATE:
            session = self.sessions[connection][-1]
            told = session.answer(decode(sasl_authenticate.SaslAuthenticateRequest, body, version).auth_bytes)
            told = self.instead.get(len(session.tokens), told)._replace(session_lifetime_ms=self.session_lifetime_ms)
            self._reply(connection, header, encode(told, version))
        else:
            is_known = self.lets_anybody_in or connection in self.sessions
            assert header.api_key == ApiKey.API_VERSIONS or is_known, "nobody knows who that is"
            super()._request(connection, payload)
