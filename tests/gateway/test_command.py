"""`acklab gateway`: killed in mid-stream it loses nothing that was acknowledged, a signal ends it in good order, and mistakes are named."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from confluent_kafka import Producer

from sim.serve.stage import Stage
from tests.gateway.command import GatewayProcess
from tests.gateway.test_clients import LIMIT_S, read_directly
from tests.serve.served import Served

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Message

CERTIFICATES = Path(__file__).parent.parent / "certificates"
RECORDS = 3_000


def test_killed_in_mid_stream_it_loses_and_doubles_nothing_that_was_acknowledged() -> None:
    acknowledged: dict[int, None] = {}
    failed: list[KafkaError] = []

    def told(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            failed.append(error)
        else:
            acknowledged[int(message.value() or b"")] = None

    with Served(Stage(topics=("orders:1:3",))) as cluster, GatewayProcess(cluster.bootstrap) as gate:
        producer = Producer({"bootstrap.servers": gate.bootstrap, "enable.idempotence": True, "linger.ms": 0})
        kills = 0
        for number in range(RECORDS):
            producer.produce("orders", str(number).encode(), on_delivery=told)
            producer.poll(0)
            if number in (RECORDS // 3, RECORDS // 2):
                while not acknowledged:
                    producer.poll(0.01)
                gate.kill()
                kills += 1
                gate.begin()
        assert producer.flush(LIMIT_S) == 0
        stored = [int(value or b"") for value in read_directly(cluster, "orders", RECORDS)]

    assert kills == 2
    assert failed == []
    assert sorted(acknowledged) == list(range(RECORDS))
    assert stored == list(range(RECORDS))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_good_order(number: signal.Signals) -> None:
    with GatewayProcess("127.0.0.1:1") as gate:
        status, told = gate.end(number)

    assert (status, told) == (0, {"format": "acklab-gateway-ended-1", "refused_sessions": 0})


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["-b", "nowhere"], "--upstream 'nowhere': must be HOST:PORT"),
        (["-b", "h:99999"], "h:99999"),
        (["-b", "h:1", "--tls-client-ca", "ca.pem"], "--tls-certificate"),
        (["-b", "h:1", "--tls-certificate", "missing.pem"], "missing.pem: No such file"),
        (["-b", "h:1", "--tls-certificate", str(CERTIFICATES / "ca.pem")], "ca.pem"),
        (["-b", "h:1", "--upstream-ca", "missing.pem"], "missing.pem: No such file"),
        ([], "upstream"),
    ],
)
def test_what_cannot_be_is_named(words: list[str], named: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "sim", "gateway", *words], capture_output=True, text=True, timeout=60, check=False
    )

    assert ended.returncode == 2
    assert named in ended.stderr
