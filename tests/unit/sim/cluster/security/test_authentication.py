"""A listener with SASL: Kafka's order of requests, of refusals and of endings, in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from producer.client.sasl.mechanism import PLAIN, SCRAM_SHA_256, SCRAM_SHA_512
from producer.errors import Code
from producer.wire.api import ApiKey, encode_request
from producer.wire.codec import encode
from producer.wire.messages.api_versions import ApiVersionsRequest
from producer.wire.messages.metadata import MetadataRequest
from producer.wire.messages.sasl_authenticate import SaslAuthenticateRequest
from producer.wire.messages.sasl_handshake import SaslHandshakeRequest
from sim.trace.events import AuthenticationFailed, ClientAuthenticated, RequestReceived
from sim.world.units import MILLISECOND_US, SECOND_US
from tests.unit.sim.cluster.security.sasl_client import (
    BOB,
    SASL_PORT,
    by_scram,
    connected,
    logged_in,
    plain_token,
    say,
    secure_lab,
    shake,
)
from tests.unit.sim.raw_client import Lab, RawConnection

DELAY_US = 100 * MILLISECOND_US
VERSIONS = ApiVersionsRequest("test", "1")


def ended(lab: Lab, connection: RawConnection) -> bool:
    lab.run(1)
    return connection.closed is not None


@pytest.mark.parametrize("mechanism", [SCRAM_SHA_256, SCRAM_SHA_512])
def test_who_knows_the_password_is_served(mechanism: str) -> None:
    lab = secure_lab()
    connection = connected(lab)

    answer = by_scram(connection, mechanism)

    assert answer.error_code == 0
    assert answer.session_lifetime_ms == 0
    assert connection.call(ApiKey.METADATA, MetadataRequest(None)).cluster_id == "acklab"
    (event,) = lab.events(ClientAuthenticated)
    assert (event.mechanism, event.principal, event.listener) == (mechanism, "User:alice", "CLIENTS")


def test_each_listener_tells_the_addresses_of_its_own() -> None:
    lab = secure_lab()

    plain = lab.client.connect(1, port=9092).call(ApiKey.METADATA, MetadataRequest(None))
    secure = logged_in(lab).call(ApiKey.METADATA, MetadataRequest(None))

    assert [(one.host, one.port) for one in plain.brokers] == [("b1", 9092), ("b2", 9092), ("b3", 9092)]
    assert [(one.host, one.port) for one in secure.brokers] == [("b1", 9094), ("b2", 9094), ("b3", 9094)]


def test_a_port_that_is_no_listeners_is_refused() -> None:
    assert secure_lab().client.connect(1, port=9_999).closed == "connection refused"


@pytest.mark.parametrize("mechanism", [SCRAM_SHA_256, SCRAM_SHA_512])
@pytest.mark.parametrize(("user", "password"), [("alice", "wrong"), ("nobody", "wrong")])
def test_who_does_not_know_it_is_told_late_and_no_more_than_that(mechanism: str, user: str, password: str) -> None:
    lab = secure_lab()
    connection = connected(lab)
    asked_us = lab.world.now_us

    answer = by_scram(connection, mechanism, user, password)

    assert answer.error_code == Code.SASL_AUTHENTICATION_FAILED
    assert answer.error_message == (
        f"Authentication failed during authentication due to invalid credentials with SASL mechanism {mechanism}"
    )
    assert DELAY_US <= lab.world.now_us - asked_us < 2 * DELAY_US
    assert ended(lab, connection)
    assert not lab.events(ClientAuthenticated)


@pytest.mark.parametrize(
    ("token", "told"),
    [
        (plain_token(password="wrong"), "Authentication failed: Invalid username or password"),
        (plain_token("nobody"), "Authentication failed: Invalid username or password"),
        (b"\0alice\0", "Authentication failed: password not specified"),
        (b"\0\0secret", "Authentication failed: username not specified"),
        (b"alice", "Invalid SASL/PLAIN response: expected 3 tokens, got 1"),
        (b"\0\0\0\0\0\0", "Invalid SASL/PLAIN response: expected 3 tokens, got 4"),
        (
            b"bob\0alice\0alice-secret",
            "Authentication failed: Client requested an authorization id that is different from username",
        ),
    ],
)
def test_plain_is_refused_in_kafkas_words(token: bytes, told: str) -> None:
    lab = secure_lab()
    connection = connected(lab)
    shake(connection)

    answer = say(connection, token)

    assert (answer.error_code, answer.error_message) == (Code.SASL_AUTHENTICATION_FAILED, told)
    assert ended(lab, connection)


def test_a_mechanism_that_is_not_offered_is_refused_with_those_that_are() -> None:
    lab = secure_lab()
    connection = connected(lab)

    answer = shake(connection, "GSSAPI")

    assert answer.error_code == Code.UNSUPPORTED_SASL_MECHANISM
    assert answer.mechanisms == (PLAIN, SCRAM_SHA_256, SCRAM_SHA_512, "OAUTHBEARER")
    assert ended(lab, connection)


def test_versions_are_told_before_anything_else() -> None:
    lab = secure_lab()
    connection = connected(lab)

    versions = connection.call(ApiKey.API_VERSIONS, VERSIONS)

    assert versions.ranges[ApiKey.SASL_HANDSHAKE] == (0, 1)
    assert shake(connection).error_code == 0
    assert say(connection, plain_token()).error_code == 0


def at_first(_connection: RawConnection) -> None:
    return None


def behind_versions(connection: RawConnection) -> None:
    connection.call(ApiKey.API_VERSIONS, VERSIONS)


@pytest.mark.parametrize(
    ("before", "key", "message"),
    [
        (at_first, ApiKey.METADATA, MetadataRequest(None)),
        (at_first, ApiKey.SASL_AUTHENTICATE, SaslAuthenticateRequest(plain_token())),
        (behind_versions, ApiKey.METADATA, MetadataRequest(None)),
        (behind_versions, ApiKey.API_VERSIONS, VERSIONS),
    ],
)
def test_nothing_else_is_served_before_and_the_connection_ends_at_once_without_a_word(
    before: Callable[[RawConnection], None], key: ApiKey, message: Any
) -> None:
    lab = secure_lab()
    connection = connected(lab)
    before(connection)
    asked_us = lab.world.now_us

    assert connection.call(key, message) is None

    assert lab.world.now_us - asked_us < DELAY_US


@pytest.mark.parametrize("key", [ApiKey.API_VERSIONS, ApiKey.SASL_HANDSHAKE])
def test_another_request_where_a_token_belongs_is_told_so(key: ApiKey) -> None:
    lab = secure_lab()
    connection = connected(lab)
    shake(connection)

    answer = connection.call(key, VERSIONS if key is ApiKey.API_VERSIONS else SaslHandshakeRequest(PLAIN))

    assert answer.error_code == Code.ILLEGAL_SASL_STATE
    assert ended(lab, connection)


@pytest.mark.parametrize(
    "first", [b"\x60\x01\x02 a token of Kerberos", b"", b"\x7f\xff\x00\x00\x00\x00\x00\x01\xff\xff"]
)
def test_what_is_no_request_fails_as_an_authentication_does(first: bytes) -> None:
    lab = secure_lab()
    connection = connected(lab)

    connection.endpoint.send(len(first).to_bytes(4, "big") + first)

    assert ended(lab, connection)
    assert len(lab.events(AuthenticationFailed)) == 1


def test_a_long_request_is_refused_before_and_taken_after() -> None:
    lab = secure_lab()
    stranger, alice = connected(lab), logged_in(lab)
    alice.expect_bare()
    frame = encode_request(ApiKey.METADATA, 12, 99, "raw", encode(MetadataRequest(()), 12) + bytes(600_000))

    stranger.endpoint.send(frame)
    alice.endpoint.send(frame)

    assert ended(lab, stranger)
    assert [event.reason for event in lab.events(AuthenticationFailed)] == [
        f"a frame of {len(frame) - 4} bytes, must be 0..524288"
    ]
    assert lab.events(RequestReceived, connection=alice.number, api="Metadata")


def test_tokens_come_bare_behind_the_oldest_handshake() -> None:
    lab = secure_lab()
    connection, wrong = connected(lab), connected(lab)
    for one, token in ((connection, plain_token()), (wrong, plain_token(password="wrong"))):
        shake(one, version=0)
        one.expect_bare()
        one.endpoint.send(len(token).to_bytes(4, "big") + token)

    assert ended(lab, wrong)
    assert connection.bare == [b""]
    assert wrong.bare == []
    assert [event.principal for event in lab.events(ClientAuthenticated)] == ["User:alice"]


# -- again -------------------------------------------------------------------------------------------------------------


def test_who_authenticates_again_in_time_goes_on_and_who_does_not_is_cut_off() -> None:
    lab = secure_lab(max_reauth_ms=10_000)
    patient, late = connected(lab), connected(lab)
    for one in (patient, late):
        shake(one)
        assert say(one, plain_token()).session_lifetime_ms == 10_000

    lab.run(8)
    assert shake(patient).error_code == 0
    assert say(patient, plain_token()).session_lifetime_ms == 10_000
    lab.run(5)

    assert patient.call(ApiKey.METADATA, MetadataRequest(None)) is not None
    assert late.is_open
    assert late.call(ApiKey.METADATA, MetadataRequest(None)) is None


def test_between_the_two_tokens_nothing_is_served() -> None:
    lab = secure_lab(max_reauth_ms=10_000)
    connection = logged_in(lab)
    shake(connection)

    answer = connection.call(ApiKey.API_VERSIONS, VERSIONS)

    assert answer.error_code == Code.ILLEGAL_SASL_STATE


def test_nobody_becomes_somebody_else() -> None:
    lab = secure_lab(max_reauth_ms=10_000)
    connection = logged_in(lab)
    shake(connection)

    answer = say(connection, plain_token(BOB.name, BOB.password))

    assert (answer.error_code, answer.error_message) == (
        Code.SASL_AUTHENTICATION_FAILED,
        "Cannot change principals during re-authentication from User.alice: User.bob",
    )
    assert ended(lab, connection)


def test_another_mechanism_than_before_ends_the_connection_at_the_next_request() -> None:
    lab = secure_lab(max_reauth_ms=10_000)
    connection = logged_in(lab)

    assert shake(connection, SCRAM_SHA_256).error_code == 0
    assert say(connection, b"n,,n=alice,r=x") is None


def test_again_and_again_within_a_second_is_refused_as_if_there_were_no_such_thing() -> None:
    lab = secure_lab(max_reauth_ms=10_000)
    connection = logged_in(lab)
    for _ in range(2):
        answer = shake(connection)
        if answer.error_code == 0:
            say(connection, plain_token())

    assert answer.error_code == Code.ILLEGAL_SASL_STATE
    assert connection.call(ApiKey.METADATA, MetadataRequest(None)) is not None


def test_where_no_session_ends_a_second_handshake_is_refused() -> None:
    lab = secure_lab()
    for connection in (logged_in(lab), lab.client.connect(1, port=9092)):
        assert shake(connection).error_code == Code.ILLEGAL_SASL_STATE
        assert say(connection, plain_token()).error_code == Code.ILLEGAL_SASL_STATE
        assert connection.is_open


def test_a_client_that_goes_while_it_waits_for_its_refusal_hurts_nobody() -> None:
    lab = secure_lab()
    connection = connected(lab)
    shake(connection)
    connection.send(ApiKey.SASL_AUTHENTICATE, SaslAuthenticateRequest(plain_token(password="wrong")), 2)
    lab.run_to(AuthenticationFailed)
    connection.endpoint.reset()

    lab.run(1)

    assert logged_in(lab).is_open


def test_a_frame_that_is_none_ends_a_connection_that_is_known_at_once() -> None:
    lab = secure_lab(is_served=True)
    connection = logged_in(lab)
    began_us = lab.world.now_us
    connection.endpoint.send(b"\xff\xff\xff\xff")
    lab.world.run_while(lambda: connection.is_open, until_us=began_us + SECOND_US, events_max=10_000)

    assert lab.world.now_us - began_us < DELAY_US
    assert not lab.events(AuthenticationFailed)


def test_ports_of_a_broker_come_back_with_it() -> None:
    lab = secure_lab()
    lab.cluster.crash(1)
    assert lab.client.connect(1, port=SASL_PORT).closed == "connection refused"

    lab.cluster.restart(1)
    assert lab.settle()

    assert logged_in(lab).is_open
