"""SCRAM as the RFCs have it, byte for byte; and servers that lie, or talk nonsense, are found out."""

import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.net.sasl.oauth import AbstractTokenProvider, SaslMechanismOAuth
from kafka.net.sasl.scram import ScramClient

from producer.client.sasl.mechanism import ChallengeError
from producer.client.sasl.oauthbearer import GIVE_IN, OAuthBearer
from producer.client.sasl.plain import Plain
from producer.client.sasl.scram import ITERATIONS_MAX, NONCE_LENGTH, NONCE_LETTERS, Scram, ScramState, draw_nonce
from producer.commands import BearerToken

# hash, our nonce, server-first, client-final, server-final
RFC_5802 = (
    "sha1",
    "fyko+d2lbbFgONRv9qkxdawL",
    b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
    b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
)
RFC_7677 = (
    "sha256",
    "rOprNGfwEbeRWgbNEkqO",
    b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
)
SERVER_FIRST = RFC_7677[2]


def opened(nonce: str = RFC_7677[1]) -> Scram:
    one = Scram("sha256", "user", "pencil", nonce=nonce)
    one.open()
    return one


@pytest.mark.parametrize("vector", [RFC_5802, RFC_7677], ids=["RFC 5802", "RFC 7677"])
def test_the_exchange_is_the_rfcs(vector: tuple[str, str, bytes, bytes, bytes]) -> None:
    hash_name, nonce, server_first, client_final, server_final = vector
    client = Scram(hash_name, "user", "pencil", nonce=nonce)

    assert client.open() == f"n,,n=user,r={nonce}".encode()
    assert client.answer(server_first) == client_final
    assert client.answer(server_final) is None
    assert client.state is ScramState.TRUSTED


@pytest.mark.parametrize("hash_name", ["sha256", "sha512"])
@pytest.mark.parametrize("password", ["secret", "pass,word=", "пароль"])
def test_another_client_proves_the_same(hash_name: str, password: str) -> None:
    theirs = ScramClient("alice", password, {"sha256": "SCRAM-SHA-256", "sha512": "SCRAM-SHA-512"}[hash_name])
    nonce = theirs.nonce.decode()
    ours = Scram(hash_name, "alice", password, nonce=nonce)
    server_first = f"r={nonce}rest,s={base64.b64encode(b'0123456789abcdef').decode()},i=4096".encode()

    assert ours.open() == theirs.first_message()
    theirs.process_server_first_message(server_first)

    assert ours.answer(server_first) == theirs.final_message()


def test_signs_that_mean_something_are_escaped_in_a_name() -> None:
    assert Scram("sha256", "a=b,c", "p", nonce="n").open() == b"n,,n=a=3Db=2Cc,r=n"


@pytest.mark.parametrize(
    ("server_first", "says"),
    [
        (b"r=other,s=QSXCR+Q6sek8bf92,i=4096", "its nonce does not continue ours"),
        (b"r=rOprNGfwEbeRWgbNEkqO,s=QSXCR+Q6sek8bf92,i=4096", "its nonce does not continue ours"),
        (SERVER_FIRST.replace(b"4096", b"4095"), "4095 iterations, must be 4096"),
        (SERVER_FIRST.replace(b"4096", str(ITERATIONS_MAX + 1).encode()), "must be 4096"),
        (SERVER_FIRST.replace(b"4096", b"9" * 5_000), "'9999"),
        (SERVER_FIRST.replace(b"4096", b"many"), "'many' iterations"),
        (SERVER_FIRST.replace(b"==", b""), "is no base64"),
        (b"m=unknown," + SERVER_FIRST, "'mrsi' where"),
        (b"e=other-error", "it says 'other-error'"),
        (b"", "no attribute"),
        (b"\xff\xfe", "no text"),
        (b"hello", "'hello' is no attribute"),
    ],
)
def test_a_first_message_that_cannot_be_right_is_named(server_first: bytes, says: str) -> None:
    with pytest.raises(ChallengeError, match=says):
        opened().answer(server_first)


@pytest.mark.parametrize(
    ("server_final", "says"),
    [
        (RFC_7677[4].replace(b"6rri", b"7rri"), "its signature is wrong"),
        (b"v=", "its signature is wrong"),
        (b"v=?", "no base64"),
        (b"e=invalid-proof", "it says 'invalid-proof'"),
        (b"x=y", "attribute 'x'"),
        (b"", "no attribute"),
        (b"\xff", "no text"),
    ],
)
def test_a_server_that_does_not_know_the_password_is_not_trusted(server_final: bytes, says: str) -> None:
    client = opened()
    client.answer(SERVER_FIRST)

    with pytest.raises(ChallengeError, match=says):
        client.answer(server_final)
    assert client.state is not ScramState.TRUSTED


@given(first=st.binary(max_size=60), final=st.binary(max_size=60))
def test_garbage_is_never_trusted(first: bytes, final: bytes) -> None:
    with pytest.raises(ChallengeError):
        opened().answer(first)
    client = opened()
    client.answer(SERVER_FIRST)
    with pytest.raises(ChallengeError):
        client.answer(final)


def test_nonces_come_from_the_source_that_was_given() -> None:
    one, again, other = (draw_nonce(random.Random(seed)) for seed in (1, 1, 2))

    assert one == again != other
    assert len(one) == NONCE_LENGTH
    assert set(one) <= set(NONCE_LETTERS)


def test_plain_is_one_token_and_no_challenge() -> None:
    client = Plain("alice", "пароль")

    assert client.open() == b"\0alice\0" + "пароль".encode()
    assert client.answer(b"") is None
    with pytest.raises(ChallengeError, match="3 bytes, where PLAIN has none"):
        client.answer(b"now")


def test_oauthbearer_hears_why_it_is_refused_once() -> None:
    client = OAuthBearer(BearerToken("abc.def"))

    assert client.open() == b"n,,\x01auth=Bearer abc.def\x01\x01"
    assert client.answer(b'{"status":"invalid_token"}') == GIVE_IN
    with pytest.raises(ChallengeError, match="second explanation"):
        client.answer(b"more")
    with pytest.raises(ChallengeError, match="success after"):
        client.answer(b"")
    assert OAuthBearer(BearerToken("abc")).answer(b"") is None


class Provider(AbstractTokenProvider):  # type: ignore[misc]  # kafka-python has no types
    def __init__(self, extensions: dict[str, str]) -> None:
        self._extensions = extensions

    def token(self) -> str:
        return "abc"

    def extensions(self) -> dict[str, str]:
        return self._extensions


@pytest.mark.parametrize("extensions", [{}, {"traceId": "7"}, {"b": "1", "a": "2 = 3"}])
def test_oauthbearer_says_what_kafka_python_says(extensions: dict[str, str]) -> None:
    theirs = SaslMechanismOAuth(sasl_oauth_token_provider=Provider(extensions))

    assert OAuthBearer(BearerToken("abc", tuple(extensions.items()))).open() == theirs.auth_bytes()
