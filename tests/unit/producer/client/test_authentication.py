"""The engine proves who it is before anything else, again before its session ends, and a refusal is told at once."""

from typing import Any

import pytest

from producer.commands import BearerToken
from producer.errors import AuthenticationError, Code, MetadataTimeoutError, Outcome
from producer.events import ConnectionLost
from producer.records import Record
from tests.builds import pure_only
from tests.unit.producer.sasl_server import OFFERED, REFUSED, TOKEN, SecureCluster, refusal
from tests.unit.producer.scripted_cluster import SECOND_US

MINUTE_US = 60 * SECOND_US
ACCEPTED = refusal()._replace(error_code=0, error_message=None)
MECHANISMS = pytest.mark.parametrize("mechanism", OFFERED)
WITH_PASSWORD = pytest.mark.parametrize("mechanism", OFFERED[:-1])


def refused(cluster: SecureCluster) -> AuthenticationError:
    """What `send` raises to somebody who waits for metadata."""
    record = Record("orders", b"v")
    wait = cluster.engine.send(record, "token", now_us=cluster.now_us)
    assert wait is not None
    cluster.settle()
    cluster.advance(2 * SECOND_US)
    with pytest.raises(AuthenticationError) as told:
        cluster.engine.send(record, "token", now_us=cluster.now_us, wait=wait)
    return told.value


@MECHANISMS
def test_a_record_is_delivered_once_the_brokers_know_who_sends(mechanism: str) -> None:
    cluster = SecureCluster(sasl_mechanism=mechanism)

    cluster.send_alone(b"v")
    cluster.answer()

    assert cluster.delivered == [b"v"]
    assert all(session.mechanism == mechanism for sessions in cluster.sessions.values() for session in sessions)


@WITH_PASSWORD
def test_a_wrong_password_is_told_with_broker_mechanism_and_the_servers_words(mechanism: str) -> None:
    error = refused(SecureCluster(sasl_mechanism=mechanism, password="wrong"))

    assert (error.address, error.mechanism, error.username) == ("b1:9092", mechanism, "alice")
    assert error.code.code == Code.SASL_AUTHENTICATION_FAILED
    assert error.detail == REFUSED
    assert str(error) == (f"no {mechanism} with broker b1:9092 as 'alice': SASL_AUTHENTICATION_FAILED (58): {REFUSED}")
    assert "wrong" not in str(error)


def test_a_token_that_is_refused_is_told_with_the_servers_explanation() -> None:
    cluster = SecureCluster(sasl_mechanism="OAUTHBEARER", token=BearerToken("bad.token"))

    assert refused(cluster).detail == '{"status":"invalid_token"}'


def test_extensions_travel_beside_the_token_in_their_order() -> None:
    extensions = (("traceId", "7"), ("logicalCluster", "lkc-1 = mine"))
    cluster = SecureCluster(sasl_mechanism="OAUTHBEARER", token=TOKEN._replace(extensions=extensions))

    cluster.send_alone(b"v")
    cluster.answer()

    assert cluster.delivered == [b"v"]
    shown = [session.extensions for sessions in cluster.sessions.values() for session in sessions]
    assert shown == [[b"traceId=7", b"logicalCluster=lkc-1 = mine"]] * 2


def test_a_token_is_shown_to_brokers_only() -> None:
    assert "good" not in repr(TOKEN)


def test_a_mechanism_that_is_not_offered_is_told_with_those_that_are() -> None:
    cluster = SecureCluster(sasl_mechanism="PLAIN", offers=("SCRAM-SHA-256", "GSSAPI"))

    error = refused(cluster)

    assert error.code.code == Code.UNSUPPORTED_SASL_MECHANISM
    assert error.detail == "the broker offers SCRAM-SHA-256, GSSAPI"


@pytest.mark.parametrize(
    ("mechanism", "nth", "auth_bytes", "says"),
    [
        ("SCRAM-SHA-256", 1, b"garbage", "'garbage' is no attribute"),
        ("SCRAM-SHA-512", 2, b"v=AAAA", "its signature is wrong"),
        ("PLAIN", 1, b"who?", "4 bytes, where PLAIN has none"),
    ],
)
def test_a_server_that_proves_nothing_is_not_trusted(mechanism: str, nth: int, auth_bytes: bytes, says: str) -> None:
    cluster = SecureCluster(sasl_mechanism=mechanism, instead={nth: ACCEPTED._replace(auth_bytes=auth_bytes)})

    error = refused(cluster)

    assert "the broker is not to be trusted" in error.detail
    assert says in error.detail


def test_everybody_who_waits_is_told_and_who_sends_again_tries_again() -> None:
    cluster = SecureCluster(password="wrong")
    waits = [cluster.engine.send(Record("orders", b"v"), n, now_us=0) for n in range(3)]
    cluster.advance(SECOND_US // 2)

    for wait in waits:
        with pytest.raises(AuthenticationError):
            cluster.engine.send(Record("orders", b"v"), 0, now_us=cluster.now_us, wait=wait)
    # Somebody corrects the password at the brokers.
    cluster.instead[1] = ACCEPTED
    cluster.send(b"again")

    assert len(cluster.waiting) <= 1
    cluster.advance(SECOND_US)
    cluster.answer()
    assert cluster.delivered == [b"again"]


def test_partitions_asked_for_are_refused_as_well() -> None:
    cluster = SecureCluster(password="wrong")
    wait = cluster.engine.learn("orders", now_us=0)
    cluster.advance(SECOND_US)

    with pytest.raises(AuthenticationError):
        cluster.engine.learn("orders", now_us=cluster.now_us, wait=wait)


def test_attempts_after_a_refusal_are_spaced_by_the_reconnect_backoff() -> None:
    cluster = SecureCluster(password="wrong")
    cluster.engine.send(Record("orders", b"v"), 0, now_us=0)

    cluster.advance(10 * SECOND_US)

    # 50 ms, doubled up to 1 s: five in the first second, then about one a second.
    assert 10 <= cluster.session_count <= 20


def test_records_that_wait_for_a_leader_which_refuses_fail_at_once() -> None:
    cluster = SecureCluster()
    cluster.send_alone(b"first")
    cluster.answer()
    cluster.instead[1] = refusal()
    cluster.send(b"queued")
    cluster.disconnect_all()

    cluster.engine.flush(cluster.now_us)
    cluster.advance(2 * SECOND_US)

    error = cluster.failed[b"queued"]
    assert error.code.authentication
    assert error.outcome is Outcome.FAILED
    assert REFUSED in str(error)
    assert cluster.engine.is_idle


def test_a_record_that_may_be_written_says_so_when_its_leader_refuses_later() -> None:
    cluster = SecureCluster()
    cluster.send_alone(b"v")
    cluster.instead[1] = refusal()
    cluster.disconnect_all()

    cluster.advance(2 * SECOND_US)

    assert cluster.failed[b"v"].outcome is Outcome.UNKNOWN
    # The next one, once the broker has forgiven, takes a sequence that cannot collide.
    cluster.instead.clear()
    cluster.advance(SECOND_US)
    produced = cluster.send_alone(b"w")
    assert (produced.only.producer_epoch, produced.only.base_sequence) in {(0, 1), (1, 0)}
    cluster.answer()
    assert cluster.delivered == [b"w"]


@pure_only("it puts methods of its own into an engine")
def test_tls_that_is_refused_is_told_as_authentication() -> None:
    cluster = SecureCluster(enable_idempotence=False)
    cluster.refuses_connections = True
    original = cluster.engine.disconnected
    cluster.engine.disconnected = cluster.engine.refused  # type: ignore[method-assign]

    error = refused(cluster)
    cluster.engine.disconnected = original  # type: ignore[method-assign]

    assert (error.mechanism, error.code.name, error.detail) == (
        "TLS",
        "SSL_AUTHENTICATION_FAILED",
        "connection refused",
    )


# -- tokens ------------------------------------------------------------------------------------------------------------


def test_no_token_to_be_had_is_told_as_authentication() -> None:
    cluster = SecureCluster(sasl_mechanism="OAUTHBEARER", token=None)
    wait = cluster.engine.send(Record("orders", b"v"), 0, now_us=0)
    cluster.settle()
    assert cluster.tokens_asked == [1]

    cluster.engine.refused(1, "the callback raised ValueError", cluster.now_us)

    with pytest.raises(AuthenticationError, match=r"no OAUTHBEARER with broker b1:9092: .* raised ValueError"):
        cluster.engine.send(Record("orders", b"v"), 0, now_us=cluster.now_us, wait=wait)


def test_a_token_that_never_comes_ends_the_connection_after_the_request_timeout() -> None:
    cluster = SecureCluster(sasl_mechanism="OAUTHBEARER", token=None)
    cluster.engine.send(Record("orders", b"v"), 0, now_us=0)

    cluster.advance(MINUTE_US // 2 + SECOND_US)

    lost = [event for event in cluster.observed if isinstance(event, ConnectionLost)]
    assert [event.reason for event in lost] == ["waiting for an OAuth token timed out"]
    assert cluster.tokens_asked == [1, 2]


def test_a_token_for_a_connection_that_is_gone_is_ignored() -> None:
    cluster = SecureCluster(sasl_mechanism="OAUTHBEARER")
    cluster.send_alone(b"v")

    cluster.engine.token_given(99, BearerToken("late"), cluster.now_us)
    cluster.engine.refused(99, "late", cluster.now_us)
    cluster.engine.token_given(1, BearerToken("unasked"), cluster.now_us)
    cluster.answer()

    assert cluster.delivered == [b"v"]


# -- sessions (KIP-368) ------------------------------------------------------------------------------------------------


@MECHANISMS
def test_a_session_is_renewed_on_the_same_connection_before_it_ends(mechanism: str) -> None:
    cluster = SecureCluster(sasl_mechanism=mechanism, metadata_max_age_ms=1_000, session_lifetime_ms=60_000)
    cluster.send_alone(b"v")
    cluster.answer()
    before = dict(cluster.connections)
    assert [len(sessions) for sessions in cluster.sessions.values()] == [1, 1]

    cluster.advance(50 * SECOND_US)
    assert [len(sessions) for sessions in cluster.sessions.values()] == [1, 1]
    cluster.advance(9 * SECOND_US)

    assert max(len(sessions) for sessions in cluster.sessions.values()) == 2
    cluster.send_alone(b"w")
    cluster.answer()
    assert cluster.delivered == [b"v", b"w"]
    assert cluster.connections.keys() == before.keys()


def test_what_is_in_flight_when_a_session_is_renewed_is_answered() -> None:
    cluster = SecureCluster(sasl_mechanism="OAUTHBEARER", linger_ms=0, partitions=2, session_lifetime_ms=10_000)
    cluster.send(b"v", partition=0)
    cluster.settle()
    connection = cluster.waiting[0].connection
    cluster.advance(10 * SECOND_US)
    cluster.token = None
    cluster.send(b"w", partition=1)
    assert cluster.tokens_asked.count(connection) == 2

    cluster.answer()
    assert cluster.delivered == [b"v"]
    assert cluster.tokens_asked.count(connection) == 2
    cluster.engine.token_given(connection, TOKEN, cluster.now_us)
    cluster.settle()
    cluster.answer()

    assert cluster.delivered == [b"v", b"w"]


@pure_only("it puts methods of its own into an engine")
def test_an_answer_in_the_same_bytes_as_a_refusal_counts() -> None:
    cluster = SecureCluster(linger_ms=0, partitions=2, session_lifetime_ms=10_000)
    cluster.send(b"v", partition=0)
    cluster.settle()
    cluster.advance(10 * SECOND_US)
    held: list[bytes] = []
    receive = cluster.engine.bytes_received

    def hold(connection: int, data: bytes, now_us: int) -> None:
        held.append(data)

    cluster.engine.bytes_received = hold  # type: ignore[method-assign]
    first = cluster.waiting[0]
    cluster.answer()
    cluster.instead[1] = refusal()
    cluster.engine.bytes_received = receive  # type: ignore[method-assign]

    def together(connection: int, data: bytes, now_us: int) -> None:
        receive(connection, b"".join(held) + data, now_us)
        held.clear()

    cluster.engine.bytes_received = together  # type: ignore[method-assign]
    cluster.send(b"w", partition=1)

    assert first.values == [b"v"]
    assert cluster.delivered == [b"v"]


def test_metadata_that_does_not_come_says_how_the_connection_ended() -> None:
    cluster = SecureCluster(enable_idempotence=False)
    cluster.refuses_connections = True
    record: Any = Record("orders", b"v")
    wait = cluster.engine.send(record, 0, now_us=0)
    assert wait is not None
    cluster.advance(SECOND_US)

    error = cluster.engine.give_up(wait, record, now_us=cluster.now_us)

    assert isinstance(error, MetadataTimeoutError)
    assert str(error).endswith("the latest connection: connection refused")
