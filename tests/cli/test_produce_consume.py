"""`acklab produce` and `consume` against a broker that nobody here wrote: librdkafka's mock cluster."""

import json
from collections.abc import Iterator

import pytest
from confluent_kafka import Producer as LibrdkafkaProducer

from tests.cli.command import ROOT, Told, run_process
from tests.librdkafka.reading import read_back

FLIGHTS = ROOT / "scenarios" / "data" / "flights.txt"


@pytest.fixture(scope="module")
def bootstrap() -> Iterator[str]:
    """Servers of a mock cluster of three brokers, which lives as long as its producer."""
    holder = LibrdkafkaProducer({"bootstrap.servers": "127.0.0.1:1", "test.mock.num.brokers": 3, "log_level": 0})
    brokers = holder.list_topics(timeout=30).brokers.values()
    yield ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
    del holder


def consumed(bootstrap: str, topic: str) -> list[dict[str, object]]:
    told = run_process("consume", "-b", bootstrap, "-t", topic, "-e", "-J")
    assert told.status == 0, told.err
    return [json.loads(line) for line in told.out.splitlines()]


def produced(bootstrap: str, topic: str, *words: str, stdin: bytes = b"") -> Told:
    return run_process("produce", "-b", bootstrap, "-t", topic, *words, stdin=stdin)


def test_flights_come_back_as_they_were_sent_each_airport_in_order(bootstrap: str) -> None:
    told = produced(bootstrap, "flights", "-K", ":", str(FLIGHTS))

    assert told.status == 0, told.err
    assert told.out == "produced 300 records to flights\n"
    sent: dict[str, list[str]] = {}
    for line in FLIGHTS.read_text().splitlines():
        key, _, value = line.partition(":")
        sent.setdefault(key, []).append(value)
    read: dict[str, list[str]] = {}
    for record in consumed(bootstrap, "flights"):
        read.setdefault(str(record["key"]), []).append(str(record["value"]))
    assert read == sent


def test_console_producer_s_long_flags_say_the_same(bootstrap: str) -> None:
    told = run_process(
        "produce", "--bootstrap-server", bootstrap, "--topic", "long-flags", "--property", "parse.key=true",
        "--property", "key.separator=|", "--producer-property", "acks=1", stdin=b"a|1\n",
    )  # fmt: skip

    assert told.status == 0, told.err
    assert [(one["key"], one["value"]) for one in consumed(bootstrap, "long-flags")] == [("a", "1")]


def test_bytes_that_are_no_text_arrive_as_they_are(bootstrap: str) -> None:
    told = produced(bootstrap, "no-text", "-K", ":", stdin=b"\xff\xfe:\x80\n")

    assert told.status == 0, told.err
    assert [(one.key, one.value) for one in read_back(bootstrap, "no-text", 1)] == [(b"\xff\xfe", b"\x80")]


def test_line_without_a_separator_asked_for_is_a_value(bootstrap: str) -> None:
    told = produced(bootstrap, "values", "-k", "fixed", "-H", "from=here", "-p", "1", stdin=b"a:1\n\n")

    assert told.status == 0, told.err
    records = consumed(bootstrap, "values")
    assert [(one["key"], one["value"], one["partition"]) for one in records] == [
        ("fixed", "a:1", 1), ("fixed", "", 1),
    ]  # fmt: skip
    assert records[0]["headers"] == [["from", "here"]]


def test_bad_line_on_stdin_tells_how_many_were_sent_before(bootstrap: str) -> None:
    told = produced(bootstrap, "half", "-K", ":", stdin=b"a:1\nb:2\nnokey\nc:3\n")

    assert told.status == 2
    assert told.out == "produced 2 records to half\n"
    assert "stdin, line 3: no ':' between key and value: 'nokey'" in told.err
    assert "2 records had been sent before, nothing was sent after it" in told.err
    assert len(consumed(bootstrap, "half")) == 2


def test_bytes_that_are_no_text_come_back_as_they_were(bootstrap: str) -> None:
    produced(bootstrap, "bytes", "-K", ":", "-p", "0", stdin=b"\xff:\xfe\x00\n")

    (record,) = consumed(bootstrap, "bytes")

    assert str(record["key"]).encode("utf-8", "surrogateescape") == b"\xff"
    assert str(record["value"]).encode("utf-8", "surrogateescape") == b"\xfe\x00"


def test_count_ends_the_reading(bootstrap: str) -> None:
    produced(bootstrap, "many", "-p", "0", stdin=b"1\n2\n3\n")

    told = run_process("consume", "-b", bootstrap, "-t", "many", "-c", "2", "-p", "0")

    assert told.status == 0
    assert told.out == "0\t0\t\t1\n0\t1\t\t2\n"
