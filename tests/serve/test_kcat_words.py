"""`acklab produce` and `consume` before a served cluster, with the words that kcat's users know."""

import json
import re
import time
from collections.abc import Iterator

import pytest

from producer import Producer
from sim.serve.stage import Stage
from tests.cli.command import Told, run_process
from tests.serve.served import Served

BEGUN_MS = int(time.time() * 1_000) - 60_000
"""The first record's time; each is a second later than the one before."""


@pytest.fixture(scope="module")
def bootstrap() -> Iterator[str]:
    """Ten records in the first partition of `orders`, a second apart; `empty` has none."""
    with Served(Stage(topics=("orders:2:3", "empty:1:3", "paid:2:3"))) as served:
        with Producer({"bootstrap.servers": served.bootstrap}) as producer:
            for number in range(10):
                producer.send(
                    "orders",
                    b"value-%d" % number if number != 4 else None,
                    key=b"key-%d" % number if number % 2 == 0 else None,
                    partition=0,
                    headers=[("n", b"%d" % number), ("none", None)],
                    timestamp_ms=BEGUN_MS + 1_000 * number,
                )
        yield served.bootstrap


def consumed(bootstrap: str, *words: str, topic: str = "orders") -> Told:
    return run_process("consume", "-b", bootstrap, "-t", topic, *words)


def offsets(bootstrap: str, *words: str) -> list[int]:
    told = consumed(bootstrap, "-p", "0", "-f", "%o\\n", *words)
    assert (told.status, told.err) == (0, ""), told.err
    return [int(line) for line in told.out.split()]


def named(words: tuple[str, ...]) -> str:
    """A test's name: the same in every process, whenever that begins."""
    return re.sub(r"\d{13}", lambda moment: f"begin+{int(moment[0]) - BEGUN_MS}", " ".join(words))


@pytest.mark.parametrize(
    "words, found",
    [
        (("-o", "-3", "-e"), [7, 8, 9]),
        (("-o", "-100", "-e"), [*range(10)]),
        (("-o", "-3", "-c", "2"), [7, 8]),
        (("-o", "8", "-e"), [8, 9]),
        (("-o", "beginning", "-c", "2"), [0, 1]),
        (("-o", f"s@{BEGUN_MS + 7_000}", "-e"), [7, 8, 9]),
        (("-o", f"s@{BEGUN_MS + 6_001}", "-e"), [7, 8, 9]),
        (("-o", f"s@{BEGUN_MS + 3_600_000}", "-e"), []),
        (("-o", f"e@{BEGUN_MS + 2_000}"), [0, 1]),
        (("-o", f"s@{BEGUN_MS + 2_000}", "-o", f"e@{BEGUN_MS + 5_000}"), [2, 3, 4]),
        (("-o", f"e@{BEGUN_MS + 3_600_000}"), [*range(10)]),
        (("-o", f"e@{BEGUN_MS}"), []),
        (("-o", "-2", "-o", f"e@{BEGUN_MS + 9_000}"), [8]),
    ],
    ids=lambda one: named(one) if isinstance(one, tuple) else "",
)
def test_reading_begins_and_ends_where_it_is_said(bootstrap: str, words: tuple[str, ...], found: list[int]) -> None:
    assert offsets(bootstrap, *words) == found


def test_an_empty_topic_has_no_last_records_and_ends_at_once(bootstrap: str) -> None:
    for words in (("-o", "-5", "-e"), ("-o", f"e@{BEGUN_MS}"), ("-e",)):
        told = consumed(bootstrap, *words, topic="empty")

        assert (told.status, told.out, told.err) == (0, "", "")


def test_a_format_prints_what_it_says(bootstrap: str) -> None:
    told = consumed(bootstrap, "-p", "0", "-o", "3", "-c", "2", "-Z", "-f", "%t[%p]@%o %T %k=%s (%K,%S) %h\\n")

    assert told.out == (
        f"orders[0]@3 {BEGUN_MS + 3_000} NULL=value-3 (-1,7) n=3,none=NULL\n"
        f"orders[0]@4 {BEGUN_MS + 4_000} key-4=NULL (5,-1) n=4,none=NULL\n"
    )


def test_delimiters_print_keys_and_values_alone(bootstrap: str) -> None:
    assert consumed(bootstrap, "-p", "0", "-c", "2", "-K", ":").out == "key-0:value-0\n:value-1\n"
    assert consumed(bootstrap, "-p", "0", "-c", "2", "-D", ";").out == "value-0;value-1;"
    assert consumed(bootstrap, "-p", "0", "-c", "1", "-K", "\\t", "-D", "\\x00", "-q", "-u").out == "key-0\tvalue-0\0"


def test_json_has_the_time_and_what_kind_of_time_it_is(bootstrap: str) -> None:
    told = json.loads(consumed(bootstrap, "-p", "0", "-o", "4", "-c", "1", "-J").out)

    assert told == {
        "topic": "orders", "partition": 0, "offset": 4, "timestamp_ms": BEGUN_MS + 4_000, "timestamp_type": "CreateTime",
        "headers": [["n", "4"], ["none", None]], "key": "key-4", "value": None,
    }  # fmt: skip


def test_metadata_is_listed_for_people_and_for_programs(bootstrap: str) -> None:
    told = run_process("consume", "-b", bootstrap, "-L")
    one = json.loads(run_process("consume", "-b", bootstrap, "-L", "-J", "-t", "orders").out)

    assert told.status == 0, told.err
    lines = told.out.splitlines()
    assert lines[0].startswith("cluster acklab, controller ")
    assert [line for line in lines if line.startswith("broker ")] == [
        f"broker {number} at {server}" for number, server in enumerate(bootstrap.split(","), start=1)
    ]
    assert "topic empty, 1 partition" in lines
    assert "topic orders, 2 partitions" in lines
    assert "  partition 0, leader 1, replicas 1,2,3, in sync 1,2,3" in lines
    assert one["format"] == "acklab-metadata-1"
    assert [(topic["topic"], len(topic["partitions"])) for topic in one["topics"]] == [("orders", 2)]


def test_a_topic_that_is_not_there_is_told_with_its_error_and_not_created(bootstrap: str) -> None:
    for _ in range(2):
        told = run_process("consume", "-b", bootstrap, "-L", "-t", "nobodys")

        assert told.status == 1
        assert "topic nobodys, 0 partitions: UNKNOWN_TOPIC_OR_PARTITION\n" in told.out


def test_a_partition_that_is_not_there_is_told_at_once_both_ways(bootstrap: str) -> None:
    for words in (("-o", "-5"), ("-o", f"s@{BEGUN_MS}"), ("-o", f"e@{BEGUN_MS}"), ("-e",)):
        read = consumed(bootstrap, "-p", "9", *words)

        assert (read.status, read.out) == (2, "")
        assert "partition 9: topic 'orders' has 2 partitions, 0 to 1" in read.err
    written = run_process("produce", "-b", bootstrap, "-t", "orders", "-p", "9", stdin=b"x\n")
    assert written.status == 2
    assert "-p 9: topic 'orders' has 2 partitions, 0 to 1" in written.err


def test_a_host_without_its_port_and_several_servers_are_taken(bootstrap: str) -> None:
    words = [word for server in bootstrap.split(",") for word in ("-b", server)]

    assert run_process("consume", *words, "-t", "orders", "-p", "0", "-c", "1", "-D", "").out == "value-0"


@pytest.mark.parametrize(
    "words, said",
    [
        (("-t", "orders", "-J", "-f", "%s"), "-J and -f: records are printed in one form"),
        (("-t", "orders", "-J", "-K", ":"), "-J and -K: records are printed in one form"),
        (("-t", "orders", "-f", "%q"), "-f '%q': '%q' is none of"),
        (("-t", "orders", "-o", "stored"), "-o stored: offsets are stored by groups"),
        ((), "-t is missing: which topic is to be read? -L lists them"),
    ],
)
def test_what_cannot_be_meant_is_told_before_anybody_is_asked(words: tuple[str, ...], said: str) -> None:
    told = run_process("consume", "-b", "127.0.0.1:1", *words)

    assert told.status == 2
    assert said in told.err


def test_a_transaction_holds_all_of_the_input_or_none_of_it(bootstrap: str) -> None:
    words = ("produce", "-b", bootstrap, "-t", "paid", "-X", "transactional.id=shop", "-K", ":")

    whole = run_process(*words, stdin=b"a:1\nb:2\n")
    half = run_process(*words, stdin=b"c:3\nnokey\n")

    assert (whole.status, whole.out) == (0, "produced 2 records to paid, in a transaction that was committed\n"), (
        whole.err
    )
    assert half.status == 2
    assert "in a transaction that was aborted" in half.out
    read = consumed(bootstrap, "-e", "--isolation", "read_committed", "-K", "=", topic="paid")
    assert sorted(read.out.split()) == ["a=1", "b=2"]
