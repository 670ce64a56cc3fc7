"""A served cluster's quotas: `acklab quota` changes them, and a client of another make is told to wait, and waits."""

import time
from typing import Any

import pytest
from confluent_kafka import Producer

from sim.serve.attempt import Fate
from sim.serve.stage import Stage
from tests.cli.command import Told, run_process
from tests.serve.served import Served


def quota(served: Served, command: str, *words: str) -> Told:
    return run_process("quota", command, "-b", f"127.0.0.1:{served.address(1)[1]}", *words)


def test_quotas_are_set_listed_and_removed() -> None:
    with Served(Stage(brokers=1)) as served:
        made = quota(served, "set", "client-id=noisy", "producer_byte_rate=1048576", "request_percentage=12.5")
        quota(served, "set", "user=<default>", "client-id=noisy", "consumer_byte_rate=5")
        listed = quota(served, "list")
        strict = quota(served, "list", "client-id=noisy", "--strict", "--json")
        one = quota(served, "remove", "client-id=noisy", "request_percentage")
        every = quota(served, "remove", "client-id=noisy")
        after = quota(served, "list")

    assert (made.status, made.out) == (
        0,
        "client-id=noisy is allowed producer_byte_rate=1048576 request_percentage=12.5\n",
    )
    assert listed.out.splitlines() == [
        "client-id=noisy producer_byte_rate=1048576",
        "client-id=noisy request_percentage=12.5",
        "client-id=noisy user=<default> consumer_byte_rate=5",
    ]
    assert '"limits": {"producer_byte_rate": 1048576.0, "request_percentage": 12.5}' in strict.out
    assert "consumer_byte_rate" not in strict.out
    assert one.out == "client-id=noisy has no request_percentage\n"
    assert every.out == "client-id=noisy has no producer_byte_rate\n"
    assert after.out == "client-id=noisy user=<default> consumer_byte_rate=5\n"


@pytest.mark.parametrize(
    ("command", "words", "complaint"),
    [
        ("set", ["producer_byte_rate=1"], "nobody is named"),
        ("set", ["client-id=noisy"], "is given no limit"),
        ("set", ["client-id=noisy", "producer_byte_rate=fast"], "'producer_byte_rate=fast' sets no limit"),
        ("set", ["client-id=a", "client-id=b", "producer_byte_rate=1"], "client-id is named twice"),
        ("remove", ["client-id=noisy", "producer_byte_rate=1"], "'producer_byte_rate=1' names no limit"),
        ("list", ["noisy"], "'noisy' is no part of an entity"),
    ],
)
def test_what_says_nothing_is_refused_before_anybody_is_asked(command: str, words: list[str], complaint: str) -> None:
    told = run_process("quota", command, "-b", "127.0.0.1:1", *words)

    assert told.status == 2
    assert complaint in told.err


def test_what_the_cluster_refuses_is_told_in_its_words() -> None:
    with Served(Stage(brokers=1)) as served:
        zero = quota(served, "set", "client-id=noisy", "producer_byte_rate=0")
        other = quota(served, "set", "ip=127.0.0.1", "producer_byte_rate=5")
        asked = quota(served, "set", "client-id=noisy", "producer_byte_rate=5", "--validate-only")
        listed = quota(served, "list")

    assert (zero.status, other.status) == (1, 1)
    assert "INVALID_REQUEST: Quota producer_byte_rate must be greater than 0" in zero.err
    assert "INVALID_REQUEST: Invalid configuration key producer_byte_rate" in other.err
    assert asked.out == "client-id=noisy could be allowed producer_byte_rate=5\n"
    assert listed.out == ""


def test_a_strike_changes_them_as_an_admin_does() -> None:
    with Served(Stage(brokers=1)) as served:
        fate = served.strike("quota client-id=noisy producer_byte_rate=1000").fate
        listed = quota(served, "list")

    assert fate is Fate.FIRED
    assert listed.out == "client-id=noisy producer_byte_rate=1000\n"


def test_a_foreign_producer_is_told_to_wait_and_all_of_it_is_written() -> None:
    throttled: list[Any] = []
    told: list[Any] = []
    with Served(Stage(brokers=1)) as served:
        quota(served, "set", "client-id=noisy", "producer_byte_rate=20000")
        producer = Producer({
            "bootstrap.servers": served.bootstrap,
            "client.id": "noisy",
            "linger.ms": 0,
            "batch.num.messages": 1,
            "throttle_cb": throttled.append,
        })  # fmt: skip
        began = time.monotonic()
        for _ in range(12):
            producer.produce("orders", bytes(20_000), partition=0, on_delivery=lambda error, _: told.append(error))
            producer.poll(0)
        producer.flush(60)
        took = time.monotonic() - began

    assert told == [None] * 12
    assert throttled
    assert max(event.throttle_time for event in throttled) > 0.2
    # 240,000 bytes at 20,000 a second, of which ten seconds' worth passes at once.
    assert took > 1
    assert sum(event.throttle_time for event in throttled) < 10
