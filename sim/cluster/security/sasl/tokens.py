"""JSON Web Tokens as a broker's validators take them: unsecured, or signed by a key that it was given (RFC 7515, RFC 7519).

Kafka: OAuthBearerUnsecuredJws with OAuthBearerValidationUtils, and BrokerJwtValidator for signed ones.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from sim.cluster.security.sasl.token_rules import HS256, RS256, UNSIGNED, TokenRules

_PARTS = 3


class Token(NamedTuple):
    """A token that is good."""

    principal: str
    expires_ms: int
    """On the calendar."""


class TokenError(Exception):
    """A token that is not; what is wrong with it is told to nobody but this broker's own log."""

    def __init__(self, reason: str, *, missing_scope: str | None = None) -> None:
        super().__init__(reason)
        self.missing_scope = missing_scope
        """What the token should allow and does not, as the client is told."""


def read_token(text: str, rules: TokenRules, now_ms: int) -> Token:
    """Check a token at a time of the calendar. Raises TokenError."""
    parts = text.split(".")
    if len(parts) != _PARTS or ".." in text:
        raise TokenError(f"{len(parts)} parts between dots, must be {_PARTS}")
    header, claims = _object(parts[0]), _object(parts[1])
    _check_signature(header, parts, rules)
    return _checked(claims, rules, now_ms)


def _checked(claims: Mapping[str, Any], rules: TokenRules, now_ms: int) -> Token:
    expires_s, issued_s = _number(claims, "exp"), _number(claims, "iat")
    if expires_s is None:
        raise TokenError("it has no claim exp")
    principal = claims.get(rules.principal_claim)
    if not isinstance(principal, str) or not principal.strip():
        raise TokenError(f"it has no claim {rules.principal_claim}")
    if issued_s is not None and 1_000 * issued_s > now_ms + rules.clock_skew_ms:
        raise TokenError("it was issued later than now")
    if now_ms - rules.clock_skew_ms >= 1_000 * expires_s:
        raise TokenError("it has expired")
    if issued_s is not None and expires_s <= issued_s:
        raise TokenError("it expires before it is issued")
    scope = _scope(claims.get(rules.scope_claim))
    missing = next((one for one in rules.required_scope if one not in scope), None)
    if missing is not None:
        raise TokenError(f"its scope lacks {missing}", missing_scope=f"[{', '.join(rules.required_scope)}]")
    return Token(principal, round(expires_s * 1_000))


def _scope(claim: object) -> tuple[str, ...]:
    if claim is None:
        return ()
    if isinstance(claim, str):
        # One text is one element to Kafka, blanks in it and all.
        return (claim.strip(),) if claim.strip() else ()
    if not isinstance(claim, list):
        raise TokenError(f"its scope is a {type(claim).__name__}")
    return tuple(str(one).strip() for one in claim if str(one).strip())


def _number(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TokenError(f"its claim {name} is a {type(value).__name__}")
    if not -1e15 < value < 1e15:
        raise TokenError(f"its claim {name} is of no time")
    return float(value)


def _object(part: str) -> Mapping[str, Any]:
    try:
        found = json.loads(_decoded(part))
    except (ValueError, RecursionError) as error:
        raise TokenError("a part of it is no JSON") from error
    if not isinstance(found, dict):
        raise TokenError("a part of it is no JSON object")
    return found


def _decoded(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise TokenError("a part of it is no base64") from error


# -- signatures --------------------------------------------------------------------------------------------------------


def _check_signature(header: Mapping[str, Any], parts: list[str], rules: TokenRules) -> None:
    """Raise TokenError unless it is signed as the rules say: what the token itself says of that decides nothing (RFC 8725, 3.1)."""
    if header.get("alg") != rules.algorithm:
        raise TokenError(f"it is not of the algorithm {rules.algorithm}")
    if rules.algorithm == UNSIGNED:
        if parts[2]:
            raise TokenError("an unsecured token has no signature")
        return
    signed, given = f"{parts[0]}.{parts[1]}".encode(), _decoded(parts[2])
    if rules.algorithm == HS256:
        is_right = hmac.compare_digest(hmac.digest(rules.key, signed, hashlib.sha256), given)
    else:
        assert rules.algorithm == RS256
        is_right = _is_signed_by_rsa(rules.key, signed, given)
    if not is_right:
        raise TokenError("its signature is wrong")


def _is_signed_by_rsa(public_key: bytes, signed: bytes, given: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key = load_pem_public_key(public_key)
    if not isinstance(key, RSAPublicKey):
        raise TypeError(f"the key of RS256 is a {type(key).__name__}, must be an RSA public key as PEM")
    try:
        key.verify(given, signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
