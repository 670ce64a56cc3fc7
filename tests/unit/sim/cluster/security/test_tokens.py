"""OAUTHBEARER at a broker: tokens that are good, and every way in which one is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from producer.client.sasl.mechanism import OAUTHBEARER
from producer.errors import Code
from sim.cluster.security.sasl.mechanism import AuthenticationRefusedError, InvalidCredentialsError
from sim.cluster.security.sasl.oauthbearer import OAuthBearerServer
from sim.cluster.security.sasl.token_rules import HS256, RS256, UNSIGNED, TokenRules
from sim.cluster.security.sasl.tokens import Token, TokenError, read_token
from sim.cluster.security.users import Authentication
from tests.unit.sim.cluster.security.sasl_client import connected, say, secure_lab, shake

NOW_MS = 1_767_225_600_000
NOW_S = NOW_MS // 1_000
CLAIMS = {"sub": "alice", "iat": NOW_S - 10, "exp": NOW_S + 60, "scope": ["write", "read"]}
KEY = b"a shared secret, planted"
RSA_KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
RSA_PUBLIC = RSA_KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
UNSECURED = TokenRules()
SHARED = TokenRules(algorithm=HS256, key=KEY)
SIGNED = TokenRules(algorithm=RS256, key=RSA_PUBLIC)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def token(claims: Mapping[str, Any] = CLAIMS, algorithm: str = UNSIGNED, key: bytes = KEY) -> str:
    signed = f"{part({'alg': algorithm})}.{part(claims)}"
    signature = b""
    if algorithm == HS256:
        signature = hmac.digest(key, signed.encode(), hashlib.sha256)
    elif algorithm == RS256:
        signature = RSA_KEY.sign(signed.encode(), padding.PKCS1v15(), SHA256())
    return f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def initial(text: str, header: str = "n,,") -> bytes:
    return f"{header}\x01auth=Bearer {text}\x01\x01".encode()


@pytest.mark.parametrize("rules", [UNSECURED, SHARED, SIGNED], ids=lambda rules: rules.algorithm)
def test_a_token_as_the_rules_want_it_is_good_until_it_expires(rules: TokenRules) -> None:
    text = token(algorithm=rules.algorithm)

    assert read_token(text, rules, NOW_MS) == Token("alice", 1_000 * (NOW_S + 60))
    with pytest.raises(TokenError, match="expired"):
        read_token(text, rules, 1_000 * (NOW_S + 60))


@pytest.mark.parametrize("rules", [SHARED, SIGNED], ids=lambda rules: rules.algorithm)
@pytest.mark.parametrize("given", [UNSIGNED, HS256, RS256])
def test_another_algorithm_than_the_rules_want_is_refused(rules: TokenRules, given: str) -> None:
    # The public key of RS256, taken for the secret of HS256, is the oldest of attacks on such tokens.
    text = token(algorithm=given, key=rules.key)

    if given == rules.algorithm:
        assert read_token(text, rules, NOW_MS).principal == "alice"
    else:
        with pytest.raises(TokenError, match="algorithm"):
            read_token(text, rules, NOW_MS)


@pytest.mark.parametrize(
    ("rules", "text", "why"),
    [
        (SHARED, token(algorithm=HS256, key=b"another"), "signature"),
        (SIGNED, token(algorithm=RS256)[:-8] + "AAAAAAAA", "signature"),
        (UNSECURED, token() + "AAAA", "no signature"),
        (UNSECURED, "one.two", "2 parts"),
        (UNSECURED, "a..b", "parts"),
        (UNSECURED, "!!.!!.", "base64"),
        (UNSECURED, f"{part([1])}.{part(CLAIMS)}.", "object"),
        (UNSECURED, "[" * 3_000 + ".e30.", "base64"),
        (UNSECURED, base64.urlsafe_b64encode(b"[" * 100_000).decode().rstrip("=") + ".e30.", "JSON"),
        (UNSECURED, token({**CLAIMS, "exp": None}), "exp"),
        (UNSECURED, token({**CLAIMS, "exp": "soon"}), "exp is a str"),
        (UNSECURED, token({**CLAIMS, "exp": True}), "exp is a bool"),
        (UNSECURED, token({**CLAIMS, "exp": 1e300}), "no time"),
        (UNSECURED, token({**CLAIMS, "sub": " "}), "sub"),
        (UNSECURED, token({**CLAIMS, "sub": 7}), "sub"),
        (UNSECURED, token({**CLAIMS, "iat": NOW_S + 10}), "later than now"),
        (TokenRules(clock_skew_ms=100_000), token({**CLAIMS, "iat": NOW_S + 70}), "before it is issued"),
        (TokenRules(required_scope=("admin",)), token(), "lacks admin"),
    ],
)
def test_a_token_that_is_not_good_is_refused(rules: TokenRules, text: str, why: str) -> None:
    with pytest.raises(TokenError, match=why):
        read_token(text, rules, NOW_MS)


def test_why_a_token_is_refused_is_told_first_and_the_verdict_after_the_client_has_given_in() -> None:
    server = OAuthBearerServer(TokenRules(required_scope=("admin",)))

    explained = server.evaluate(initial(token()), NOW_MS)

    assert json.loads(explained) == {"status": "insufficient_scope", "scope": "[admin]"}
    with pytest.raises(AuthenticationRefusedError, match="insufficient_scope"):
        server.evaluate(b"\x01", NOW_MS)


def test_to_act_as_somebody_else_is_refused() -> None:
    with pytest.raises(AuthenticationRefusedError, match="different from the token's principal"):
        OAuthBearerServer(UNSECURED).evaluate(initial(token(), "n,a=bob,"), NOW_MS)


@pytest.mark.parametrize(
    "first", [b"", b"\x01", b"n,,\x01\x01", b"n,,\x01auth=Basic abc\x01\x01", b"n,,\x01auth=Bearer \x01\x01"]
)
def test_what_is_no_first_message_is_refused_without_a_reason(first: bytes) -> None:
    with pytest.raises(InvalidCredentialsError):
        OAuthBearerServer(UNSECURED).evaluate(first, NOW_MS)


def test_a_session_lasts_no_longer_than_its_token() -> None:
    lab = secure_lab(max_reauth_ms=3_600_000, authentication=Authentication(tokens=SHARED))
    connection = connected(lab)
    now_s = lab.cluster.epoch_us // 1_000_000
    assert shake(connection, OAUTHBEARER).error_code == Code.NONE

    answer = say(connection, initial(token({"sub": "alice", "exp": now_s + 60}, HS256)))

    assert answer.error_code == Code.NONE
    assert 0 < answer.session_lifetime_ms < 60_000


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"algorithm": "ES256"}, "algorithm"),
        ({"algorithm": HS256}, "key"),
        ({"key": KEY}, "key"),
        ({"clock_skew_ms": -1}, "skew"),
    ],
)
def test_rules_that_cannot_be_are_refused_without_the_key(given: Mapping[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named) as raised:
        TokenRules(**given)
    assert KEY.decode() not in str(raised.value)
