"""SCRAM at a broker: RFC 7677's own example, replays, and messages that are wrong in every part."""

from __future__ import annotations

import base64

import pytest

from producer.client.sasl.mechanism import SCRAM_SHA_256
from producer.client.sasl.scram import Scram
from producer.client.sasl.scram_keys import salted_password
from sim.cluster.security.sasl.mechanism import (
    AuthenticationRefusedError,
    BrokenExchangeError,
    InvalidCredentialsError,
)
from sim.cluster.security.sasl.scram import ScramServer
from sim.cluster.security.scram_credentials import NUMBERS, ScramCredential, credential_of

# RFC 7677, section 3.
CLIENT_NONCE = "rOprNGfwEbeRWgbNEkqO"
SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
SALT = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
CLIENT_FIRST = b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
SERVER_FIRST = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
CLIENT_FINAL = (
    b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
)
SERVER_FINAL = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def credential(iterations: int = 4_096) -> ScramCredential:
    salted = salted_password("sha256", "pencil", SALT, iterations)
    return credential_of("user", NUMBERS[SCRAM_SHA_256], salt=SALT, salted=salted, iterations=iterations)


def server(nonce: str = SERVER_NONCE, iterations: int = 4_096) -> ScramServer:
    known = {"user": credential(iterations), "a,b=c": credential()}
    return ScramServer(SCRAM_SHA_256, known.get, nonce)


def test_the_rfcs_example_is_answered_as_the_rfc_has_it() -> None:
    one = server()

    assert one.evaluate(CLIENT_FIRST, 0) == SERVER_FIRST
    assert one.authorization_id == ""
    assert one.evaluate(CLIENT_FINAL, 0) == SERVER_FINAL
    assert one.is_complete
    assert one.authorization_id == "user"


def test_our_own_client_trusts_it() -> None:
    client, one = Scram("sha256", "user", "pencil", nonce=CLIENT_NONCE), server()

    proof = client.answer(one.evaluate(client.open(), 0))
    assert proof is not None

    assert client.answer(one.evaluate(proof, 0)) is None


def test_what_was_heard_of_one_exchange_is_of_no_use_in_another() -> None:
    another = server("another nonce".replace(" ", "-"))
    another.evaluate(CLIENT_FIRST, 0)

    with pytest.raises(InvalidCredentialsError, match="another nonce"):
        another.evaluate(CLIENT_FINAL, 0)
    assert not another.is_complete


def test_signs_in_a_name_are_written_out() -> None:
    assert server().evaluate(b"n,,n=a=2Cb=3Dc,r=x", 0).startswith(b"r=x" + SERVER_NONCE.encode())


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"garbage",
        b"y,,n=user,r=x",
        b"p=tls-unique,,n=user,r=x",
        b"n,,n=,r=x",
        b"n,,n=user,r=",
        b"n,,n=us=er,r=x",
        b"n,,n=user,r=x,tokenauth=true",
        "n,,n=us\u00e9r,r=x".encode(),
        b"n,,n=nobody,r=x",
        b"n,,n=user,r=x\n",
        b"\xff" * 100,
        b"n,,n=user,r=" + b"a=b," * 50_000,
    ],
)
def test_a_first_message_that_is_wrong_is_refused_without_a_reason(first: bytes) -> None:
    one = server()

    with pytest.raises(InvalidCredentialsError):
        one.evaluate(first, 0)
    assert not one.is_complete


@pytest.mark.parametrize(
    "final",
    [
        b"",
        CLIENT_FINAL.replace(b"r=rOp", b"r=XOp", 1),
        CLIENT_FINAL.replace(b"p=dH", b"p=eH"),
        CLIENT_FINAL.replace(b"c=biws", b"c=eSws"),
        CLIENT_FINAL + b"=",
        CLIENT_FIRST,
    ],
)
def test_a_final_message_that_is_wrong_is_refused_without_a_reason(final: bytes) -> None:
    one = server()
    one.evaluate(CLIENT_FIRST, 0)

    with pytest.raises(InvalidCredentialsError):
        one.evaluate(final, 0)
    assert not one.is_complete


def test_a_proof_of_another_length_is_nothing_that_kafka_expects() -> None:
    one = server()
    one.evaluate(CLIENT_FIRST, 0)

    with pytest.raises(BrokenExchangeError):
        one.evaluate(CLIENT_FINAL.split(b",p=")[0] + b",p=AAAA", 0)


def test_to_act_as_somebody_else_is_refused_with_the_reason() -> None:
    with pytest.raises(AuthenticationRefusedError, match="different from username"):
        server().evaluate(b"n,a=other,n=user,r=x", 0)


def test_a_credential_that_is_too_weak_is_of_no_use() -> None:
    with pytest.raises(InvalidCredentialsError, match="4095 iterations"):
        server(iterations=4_095).evaluate(CLIENT_FIRST, 0)
