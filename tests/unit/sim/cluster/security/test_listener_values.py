"""Listeners and users as values: what cannot be is refused, and named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from producer.client.sasl.mechanism import PLAIN
from producer.wire.api import ApiKey
from producer.wire.messages.describe_configs import DescribeConfigsRequest, DescribeConfigsResource
from sim.cluster.config import ClusterConfig
from sim.cluster.security.listeners import ClientAuth, Listener, SecurityProtocol, listener_for
from sim.cluster.security.users import Authentication, User
from tests.unit.sim.cluster.security.sasl_client import secure_lab

SASL = SecurityProtocol.SASL_PLAINTEXT


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: Listener(""), r"Listener\.name is empty"),
        (lambda: Listener(port=0), r"Listener\.port is 0"),
        (lambda: Listener(protocol=SASL), r"Listener\.mechanisms is \(\)"),
        (lambda: Listener(mechanisms=(PLAIN,)), r"Listener\.mechanisms is \('PLAIN',\)"),
        (lambda: Listener(protocol=SASL, mechanisms=("GSSAPI",)), r"Listener\.mechanisms is \('GSSAPI',\)"),
        (lambda: Listener(connections_max_reauth_ms=-1), r"connections_max_reauth_ms is -1"),
        (lambda: Listener(client_auth=ClientAuth.REQUIRED), r"client_auth is required, which has no effect"),
        (lambda: ClusterConfig(listeners=()), r"ClusterConfig\.listeners is empty"),
        (lambda: ClusterConfig(listeners=(Listener(), Listener("B"))), r"PLAINTEXT:9092, B:9092"),
        (lambda: ClusterConfig(listeners=(Listener(), Listener(port=9093))), r"PLAINTEXT:9092, PLAINTEXT:9093"),
        (lambda: User("", "x"), r"User\.name is ''"),
        (lambda: User("alice", ""), r"User\.password of alice"),
        (lambda: Authentication(users=(User("a", "x"), User("a", "y"))), r"names 'a' twice"),
        (lambda: Authentication(failed_authentication_delay_us=-1), r"delay_us is -1"),
        (lambda: Authentication(sasl_receive_bytes_max=0), r"bytes_max is 0"),
        (lambda: listener_for((Listener(),), "SASL_SSL"), r"SASL_SSL, and the cluster's listeners speak PLAINTEXT"),
    ],
)
def test_what_cannot_be_is_refused_and_named(make: Callable[[], object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        make()


def test_a_broker_tells_its_listeners_as_its_settings() -> None:
    names = ("listeners", "advertised.listeners", "sasl.enabled.mechanisms", "inter.broker.listener.name")
    wanted = DescribeConfigsRequest((DescribeConfigsResource(4, "2", names),))

    answer = secure_lab().client.connect(2).call(ApiKey.DESCRIBE_CONFIGS, wanted)

    assert {one.name: one.value for one in answer.results[0].configs} == {
        "listeners": "PLAINTEXT://b2:9092,CLIENTS://b2:9094",
        "advertised.listeners": "PLAINTEXT://b2:9092,CLIENTS://b2:9094",
        "sasl.enabled.mechanisms": "OAUTHBEARER,PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
        "inter.broker.listener.name": "PLAINTEXT",
    }
