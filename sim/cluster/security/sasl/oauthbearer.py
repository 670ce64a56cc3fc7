"""OAUTHBEARER at a broker (RFC 7628, KIP-255; Kafka's OAuthBearerSaslServer): a token, and at most one word of why it will not do."""

from __future__ import annotations

import re

from producer.client.sasl.oauthbearer import GIVE_IN
from sim.cluster.security.sasl.mechanism import AuthenticationRefusedError, InvalidCredentialsError
from sim.cluster.security.sasl.token_rules import TokenRules
from sim.cluster.security.sasl.tokens import TokenError, read_token

_NAME = r"(?:[\x01-\x2b\x2d-\x3c\x3e-\x7f]|=2C|=3D)+"
_PAIR = r"[A-Za-z]+=[\x21-\x7e \t\r\n]+"
_INITIAL = re.compile(rf"n,(?:a=(?P<authzid>{_NAME}))?,\x01(?P<pairs>(?:{_PAIR}\x01)*)\x01", re.DOTALL)
_AUTH = re.compile(r"(?P<scheme>\w+) +(?P<token>[-_~+/.a-zA-Z0-9]+=*)", re.ASCII)


class OAuthBearerServer:
    """One exchange with one client."""

    def __init__(self, rules: TokenRules) -> None:
        self._rules = rules
        self._explained: str | None = None
        self.is_complete = False
        self.authorization_id = ""
        self.expires_ms: int | None = None

    def evaluate(self, token: bytes, now_ms: int) -> bytes:
        """Take the token, or the client's giving in after it was told why not."""
        if token == GIVE_IN and self._explained is not None:
            raise AuthenticationRefusedError(self._explained)
        self._explained = None
        wanted, text = _read(token.decode(errors="replace"))
        try:
            found = read_token(text, self._rules, now_ms)
        except TokenError as error:
            self._explained = _explained(error)
            return self._explained.encode()
        if wanted not in {"", found.principal}:
            raise AuthenticationRefusedError(
                f"Authentication failed: Client requested an authorization id ({wanted}) "
                f"that is different from the token's principal name ({found.principal})"
            )
        self.authorization_id = found.principal
        self.expires_ms = found.expires_ms
        self.is_complete = True
        return b""


def _explained(error: TokenError) -> str:
    """Write down why a token is refused, as RFC 7628 (3.2.2) has it: a status, and no more than the scope that it lacks."""
    if error.missing_scope is None:
        return '{"status":"invalid_token"}'
    return f'{{"status":"insufficient_scope", "scope":"{error.missing_scope}"}}'


def _read(message: str) -> tuple[str, str]:
    """Read (authorization id, token). Raises InvalidCredentialsError."""
    found = _INITIAL.fullmatch(message)
    if found is None:
        raise InvalidCredentialsError("Invalid OAUTHBEARER client first message")
    pairs = dict(pair.split("=", 1) for pair in found["pairs"].split("\x01") if pair)
    auth = _AUTH.fullmatch(pairs.get("auth", ""))
    if auth is None or auth["scheme"].lower() != "bearer":
        raise InvalidCredentialsError("Invalid OAUTHBEARER client first message: no bearer token in it")
    return found["authzid"] or "", auth["token"]
