"""`acklab produce` and `consume` against a broker that nobody here wrote: librdkafka's mock cluster."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, Popen

import pytest
from confluent_kafka import Producer as LibrdkafkaProducer

from sim.cli.options import servers_named
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


def test_bad_line_of_a_file_tells_how_many_were_sent_before(bootstrap: str, tmp_path: Path) -> None:
    file = tmp_path / "half.txt"
    file.write_bytes(b"a:1\nnokey\nb:2\n")

    told = produced(bootstrap, "half-a-file", "-K", ":", str(file))

    assert (told.status, told.out) == (2, "produced 1 records to half-a-file\n")
    assert f"{file}, line 2: no ':' between key and value: 'nokey'; 1 records had been sent before" in told.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_lines_of_a_file_are_sent_while_it_is_still_written(bootstrap: str, tmp_path: Path) -> None:
    pipe = tmp_path / "growing"
    os.mkfifo(pipe)
    words = ["produce", "-b", bootstrap, "-t", "growing", "-p", "0", str(pipe)]

    with Popen([sys.executable, "-m", "sim", *words], cwd=ROOT, stdout=PIPE) as command, pipe.open("wb", 0) as writer:
        # Enough to fill what reads ahead; the file has no end until the first record is read back.
        writer.write(b"x" * 999 + b"\n")
        writer.write((b"y" * 999 + b"\n") * 200)
        first = run_process("consume", "-b", bootstrap, "-t", "growing", "-c", "1", "-p", "0")
        writer.close()
        out, _ = command.communicate(timeout=180)

    assert first.out == f"0\t0\t\t{'x' * 999}\n"
    assert out == b"produced 201 records to growing\n"


def test_partition_that_is_not_there_is_named_at_once(bootstrap: str) -> None:
    told = produced(bootstrap, "four", "-p", "99", stdin=b"1\n")

    assert told.status == 2
    assert "-p 99: topic 'four' has 4 partitions, 0 to 3" in told.err
    assert told.out == "produced 0 records to four\n"


def test_reading_a_partition_that_is_not_there_is_refused_as_writing_to_it_is(bootstrap: str) -> None:
    assert produced(bootstrap, "four", "-p", "3", stdin=b"1\n").status == 0

    told = run_process("consume", "-b", bootstrap, "-t", "four", "-p", "99", "-e")

    assert told.status == 2
    assert "partition 99: topic 'four' has 4 partitions, 0 to 3" in told.err
    assert told.out == ""


def test_tombstones_are_written_as_kcat_and_the_console_producer_write_them(bootstrap: str) -> None:
    assert produced(bootstrap, "gone", "-K", ":", "-Z", "-p", "0", stdin=b"a:\n:1\n").status == 0
    assert (
        produced(bootstrap, "gone", "-K", ":", "--property", "null.marker=-", "-p", "0", stdin=b"b:-\nc:\n").status == 0
    )
    assert produced(bootstrap, "gone", "-Z", "-k", "d", "-p", "0", stdin=b"\n").status == 0

    read = [(one["key"], one["value"]) for one in consumed(bootstrap, "gone")]
    named = run_process("consume", "-b", bootstrap, "-t", "gone", "-c", "2", "-p", "0", "-Z")

    assert read == [("a", None), (None, "1"), ("b", None), ("c", ""), ("d", None)]
    assert named.out == "0\t0\ta\tNULL\n0\t1\tNULL\t1\n"


def test_host_may_stand_without_its_port() -> None:
    assert servers_named("localhost, b2:9093,[::1],::1,[fe80::1%eth0]:9094") == (
        "localhost:9092,b2:9093,[::1]:9092,[::1]:9092,[fe80::1%eth0]:9094"
    )


def test_bytes_that_are_no_text_come_back_as_they_were(bootstrap: str) -> None:
    produced(bootstrap, "bytes", "-K", ":", "-p", "0", stdin=b"\xff:\xfe\x00\n")

    (record,) = consumed(bootstrap, "bytes")

    assert (record["key"], record["value"]) == ({"base64": "/w=="}, {"base64": "/gA="})


def test_count_ends_the_reading(bootstrap: str) -> None:
    produced(bootstrap, "many", "-p", "0", stdin=b"1\n2\n3\n")

    told = run_process("consume", "-b", bootstrap, "-t", "many", "-c", "2", "-p", "0")

    assert told.status == 0
    assert told.out == "0\t0\t\t1\n0\t1\t\t2\n"


def test_records_end_and_keys_stand_apart_by_bytes_of_ones_own(bootstrap: str) -> None:
    told = produced(
        bootstrap, "delimited", "-D", "\\x1e", "-K", "=>", "-p", "0", "-c", "3", stdin=b"a=>1\n\x1eb=>2\x1ec=>3\x1ed=>4"
    )

    assert (told.status, told.out) == (0, "produced 3 records to delimited\n")
    assert [(one["key"], one["value"]) for one in consumed(bootstrap, "delimited")] == [
        ("a", "1\n"), ("b", "2"), ("c", "3"),
    ]  # fmt: skip


def test_headers_may_be_null_empty_and_there_twice(bootstrap: str) -> None:
    words = ["-H", "a=1", "-H", "none", "-H", "empty=", "-H", "a=2=3", "-p", "-1"]
    assert produced(bootstrap, "headed", *words, stdin=b"x\n").status == 0

    (record,) = consumed(bootstrap, "headed")

    assert record["headers"] == [["a", "1"], ["none", None], ["empty", ""], ["a", "2=3"]]


def test_quiet_says_nothing_of_what_went_well_and_servers_may_be_named_one_by_one(bootstrap: str) -> None:
    words = [word for server in bootstrap.split(",") for word in ("-b", server)]

    told = run_process("produce", *words, "-t", "quiet", "-q", stdin=b"1\n2\n")

    assert (told.status, told.out, told.err) == (0, "", "")
    assert len(consumed(bootstrap, "quiet")) == 2
