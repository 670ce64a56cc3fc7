"""`acklab gateway`: killed in mid-stream it loses nothing that was acknowledged, a signal ends it in good order, and mistakes are named."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition

from producer.governance.protection.key_file import save_keys
from producer.governance.protection.local_keys import LocalKeyService
from sim.serve.stage import Stage
from tests.gateway.command import GatewayProcess
from tests.gateway.test_clients import LIMIT_S, read_directly
from tests.serve.served import Served

if TYPE_CHECKING:
    from confluent_kafka import Message

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


def test_a_policy_and_an_audit_are_those_of_the_files(tmp_path: Path) -> None:
    policy, keys, audit = tmp_path / "policy.yaml", tmp_path / "keys.json", tmp_path / "audit.jsonl"
    policy.write_text(
        "version: 1\ntopics:\n  - match: orders\n    required: [tenant_id]\n    tenant: {field: tenant_id}\n"
        "    protect: {card: {by: encrypt}}\n"
    )
    service = LocalKeyService()
    service.add_tenant("acme")
    save_keys(service, keys)
    told: list[KafkaError | None] = []
    words = ("--policy", str(policy), "--keys", str(keys), "--audit", str(audit))
    with Served(Stage(brokers=1, topics=("orders:1:1",))) as cluster, GatewayProcess(cluster.bootstrap, *words) as gate:
        producer = Producer({"bootstrap.servers": gate.bootstrap, "linger.ms": 0})
        for value in ('{"tenant_id": "acme", "card": "4111"}', '{"card": "4222"}'):
            producer.produce("orders", value, on_delivery=lambda error, _: told.append(error))
            producer.flush(LIMIT_S)
        read = Consumer({"bootstrap.servers": gate.bootstrap, "group.id": "none"})
        read.assign([TopicPartition("orders", 0, 0)])
        (message,) = read.consume(1, LIMIT_S)
        read.close()
        (stored,) = read_directly(cluster, "orders", 1)
        gate.end()

    assert [None if error is None else error.code() for error in told] == [None, KafkaError.INVALID_RECORD]
    assert b"4111" not in (stored or b"")
    assert json.loads(message.value() or b"") == {"tenant_id": "acme", "card": "4111"}
    verified = subprocess.run(
        [sys.executable, "-m", "sim", "audit", "verify", str(audit)],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert (verified.returncode, b"4111" in audit.read_bytes()) == (0, False)
    outcomes = [
        line["outcome"] for line in map(json.loads, audit.read_text().splitlines()) if line["kind"] == "outcome"
    ]
    assert outcomes == ["acknowledged", "refused"]


def test_a_dead_letter_is_in_its_topic_by_the_gateway_s_own_producer_when_its_client_hears(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        "version: 1\ntopics:\n  - match: orders\n    on_violation: dead_letter\n    required: [tenant_id]\n"
    )
    told: list[KafkaError | None] = []
    stage = Stage(brokers=1, topics=("orders:1:1", "orders.dead:1:1"))
    words = ("--policy", str(policy), "-X", "linger.ms=0")
    with Served(stage) as cluster, GatewayProcess(cluster.bootstrap, *words) as gate:
        producer = Producer({"bootstrap.servers": gate.bootstrap, "linger.ms": 0})
        producer.produce("orders", b'{"card": "4222"}', on_delivery=lambda error, _: told.append(error))
        producer.flush(LIMIT_S)
        letters = read_directly(cluster, "orders.dead", 1)

    assert [None if error is None else error.code() for error in told] == [KafkaError.INVALID_RECORD]
    assert letters == [b'{"card": "4222"}']


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
        (["-b", "h:1", "--policy", "missing.yaml"], "missing.yaml: cannot be read: No such file"),
        (["-b", "h:1", "--policy", __file__], "test_command.py"),
        (["-b", "h:1", "--keys", "missing.json"], "missing.json: cannot be read: No such file"),
        (["-b", "h:1", "-X", "acks"], "-X 'acks': expected name=value"),
        (["-b", "h:1", "--audit", str(Path(__file__).parent)], "gateway"),
        ([], "upstream"),
    ],
)
def test_what_cannot_be_is_named(words: list[str], named: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "sim", "gateway", *words], capture_output=True, text=True, timeout=180, check=False
    )

    assert ended.returncode == 2
    assert named in ended.stderr
