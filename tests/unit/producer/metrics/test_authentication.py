"""Who trusted whom, as `successful-`, `failed-authentication` and their like tell it: SASL PLAIN against scripted brokers."""

from typing import Any

import pytest

from producer.errors import AuthenticationError, Code
from producer.metrics import Measured
from producer.records import Record
from producer.wire.api import ApiKey, decode_request_header
from producer.wire.codec import encode
from producer.wire.messages import sasl_authenticate, sasl_handshake
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster

SASL: dict[str, Any] = {
    "security_protocol": "SASL_PLAINTEXT",
    "sasl_mechanism": "PLAIN",
    "sasl_username": "someone",
    "sasl_password": "something",
}


class SaslCluster(ScriptedCluster):
    """Brokers that ask who is there."""

    code = Code.NONE
    session_lifetime_ms = 0

    def _request(self, connection: int, payload: bytes) -> None:
        header, _ = decode_request_header(payload)
        if header.api_key == ApiKey.SASL_HANDSHAKE:
            shaken = sasl_handshake.SaslHandshakeResponse(Code.NONE, ("PLAIN",))
            self._reply(connection, header, encode(shaken, header.api_version))
        elif header.api_key == ApiKey.SASL_AUTHENTICATE:
            told = sasl_authenticate.SaslAuthenticateResponse(
                self.code, "no" if self.code else None, b"", self.session_lifetime_ms
            )
            self._reply(connection, header, encode(told, header.api_version))
        else:
            super()._request(connection, payload)


def measure(cluster: ScriptedCluster) -> Measured:
    return cluster.engine.metrics.measure(cluster.now_us)


def totals(cluster: ScriptedCluster) -> dict[str, float]:
    """The totals that are not zero, without their common words."""
    return {
        name.name.replace("-authentication-", "-").removesuffix("-total"): value
        for name, value in measure(cluster).items()
        if "authentication" in name.name and name.name.endswith("-total") and value
    }


def test_each_connection_that_is_accepted_counts() -> None:
    cluster = SaslCluster(**SASL)
    cluster.send_alone(b"a")
    cluster.answer()

    # The bootstrap server, and the broker.
    assert totals(cluster) == {"successful": 2, "successful-no-reauth": 2}
    assert measure(cluster).value("successful-authentication-rate") == pytest.approx(2 / 30)


def test_a_refusal_counts_each_time_it_is_met(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SaslCluster, "code", Code.SASL_AUTHENTICATION_FAILED)
    cluster = SaslCluster(**SASL)
    record = Record("orders", b"a")
    wait = cluster.engine.send(record, 1, now_us=cluster.now_us)
    cluster.advance(SECOND_US)
    with pytest.raises(AuthenticationError):
        cluster.engine.send(record, 1, now_us=cluster.now_us, wait=wait)

    assert set(totals(cluster)) == {"failed"}
    measured = measure(cluster)
    assert measured.value("failed-authentication-total") == measured.value("connection-close-total")
    assert measured.value("record-error-total") == 1


def test_a_renewed_session_counts_apart_with_the_time_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SaslCluster, "session_lifetime_ms", 10_000)
    cluster = SaslCluster(**SASL, linger_ms=0)
    cluster.send_alone(b"a")
    cluster.answer()
    cluster.advance(11 * SECOND_US)
    cluster.send_alone(b"b")

    told = totals(cluster)
    assert told["successful"] == 2
    assert told["successful-reauthentication"] >= 1
    assert measure(cluster).value("reauthentication-latency-max") == 0, "no time passes on the way"


def test_a_session_that_is_not_renewed_fails_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SaslCluster, "session_lifetime_ms", 10_000)
    cluster = SaslCluster(**SASL, linger_ms=0)
    cluster.send_alone(b"a")
    cluster.answer()
    cluster.advance(11 * SECOND_US)
    monkeypatch.setattr(SaslCluster, "code", Code.SASL_AUTHENTICATION_FAILED)
    cluster.engine.send(Record("orders", b"b"), b"b", now_us=cluster.now_us)
    cluster.settle()

    assert totals(cluster)["failed-reauthentication"] >= 1


@pytest.mark.parametrize("properties", [{}, {"enable_idempotence": False}])
def test_without_security_nobody_is_authenticated(properties: dict[str, Any]) -> None:
    cluster = ScriptedCluster(**properties)
    cluster.send_alone(b"a")

    assert totals(cluster) == {}
