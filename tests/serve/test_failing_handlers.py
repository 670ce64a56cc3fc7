"""A broker that fails on a request is a bug of ours: its client loses its connection, and nobody else notices."""

import pytest

from producer.wire.api import ApiKey
from sim.cluster.broker.request import Request
from sim.cluster.broker.serving import ServingBroker
from sim.cluster.failures import BrokerFailedError
from sim.serve.server import Serving
from sim.serve.stage import Stage
from tests.serve.served import Served, answer, connected, is_ended, metadata_request


def fails(_broker: ServingBroker, _request: Request) -> None:
    raise LookupError("no such thing")


def served_with_a_bug(*, is_strict: bool) -> Served:
    cluster = Served(Stage(brokers=2), Serving(port=0, is_strict=is_strict))
    buggy = cluster.server.simulation.cluster.brokers[1]
    buggy.handlers = {**buggy.handlers, ApiKey.METADATA: fails}
    return cluster


def test_its_connection_ends_and_it_is_counted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with (
        served_with_a_bug(is_strict=False) as cluster,
        connected(cluster.address(1)) as struck,
        connected(cluster.address(2)) as other,
    ):
        struck.sendall(metadata_request())
        assert is_ended(struck)
        other.sendall(metadata_request())
        assert answer(other)

    assert cluster.judgement.handler_failures == 1
    assert "b1 failed on Metadata 9 of 127.0.0.1: LookupError: no such thing" in caplog.text


def test_a_strict_server_ends_with_it() -> None:
    with pytest.raises(BrokerFailedError, match="LookupError: no such thing"):
        ask(served_with_a_bug(is_strict=True))


def ask(served: Served) -> None:
    with served as cluster, connected(cluster.address(1)) as struck:
        struck.sendall(metadata_request())
        assert is_ended(struck)
