"""`acklab produce --value-schema` and `acklab consume --schema-registry`: values by their schemas, and what becomes of poison."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer as LibrdkafkaProducer

from tests.cli.command import Told
from tests.cli.conftest import Acklab
from tests.unit.producer.serialization.small_registry import SmallRegistry, served

AVRO = {
    "type": "record",
    "name": "Order",
    "fields": [{"name": "id", "type": "int"}, {"name": "who", "type": "string", "default": ""}],
}
PROTO = 'syntax = "proto3"; package shop; message Order { int32 id = 1; string who_is = 2; }'
JSON = {"title": "Order", "type": "object", "properties": {"id": {"type": "integer"}}}


@pytest.fixture(scope="module")
def bootstrap() -> Iterator[str]:
    holder = LibrdkafkaProducer({"bootstrap.servers": "127.0.0.1:1", "test.mock.num.brokers": 1, "log_level": 0})
    brokers = holder.list_topics(timeout=30).brokers.values()
    yield ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
    del holder


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(SmallRegistry()) as one:
        yield one


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    found = {"order.avsc": json.dumps(AVRO), "order.proto": PROTO, "order.json": json.dumps(JSON)}
    for name, text in found.items():
        (tmp_path / name).write_text(text)
    return {Path(name).suffix: str(tmp_path / name) for name in found}


class Commands:
    """The two commands, in this process."""

    def __init__(self, acklab: Acklab, bootstrap: str, folder: Path) -> None:
        self._acklab = acklab
        self._bootstrap = bootstrap
        self._lines = folder / "lines"

    def produce(self, topic: str, lines: bytes, *words: str) -> Told:
        self._lines.write_bytes(lines)
        return self._acklab("produce", "-b", self._bootstrap, "-t", topic, *words, str(self._lines))

    def consume(self, topic: str, *words: str) -> Told:
        return self._acklab("consume", "-b", self._bootstrap, "-t", topic, "-e", *words)

    def read(self, topic: str, *words: str) -> tuple[Told, list[dict[str, Any]]]:
        told = self.consume(topic, "-J", *words)
        return told, [json.loads(line) for line in told.out.splitlines()]


@pytest.fixture
def commands(acklab: Acklab, bootstrap: str, tmp_path: Path) -> Commands:
    return Commands(acklab, bootstrap, tmp_path)


@pytest.mark.parametrize(
    "suffix, value, name",
    [
        (".avsc", {"id": 7, "who": "ü"}, "Order"),
        (".proto", {"id": 7, "who_is": "me"}, "shop.Order"),
        (".json", {"id": 7}, "Order"),
    ],
)
def test_values_go_by_a_file_s_schema_and_come_back_by_its_id(
    commands: Commands, url: str, files: dict[str, str], suffix: str, value: dict[str, Any], name: str
) -> None:
    topic = f"orders{suffix}"
    line = json.dumps(value).encode() + b"\n"

    sent = commands.produce(topic, line * 2, "--value-schema", files[suffix], "--schema-registry", url)
    told, records = commands.read(topic, "--schema-registry", url)

    assert (sent.status, sent.out) == (0, f"produced 2 records to {topic}\n"), sent.err
    assert told.status == 0, told.err
    assert [one["value"] for one in records] == [value, value]
    number = records[0]["value_schema"]["id"]
    assert records[0]["value_schema"] == {"id": number, "name": name}

    by_id = commands.produce(topic, line, "--value-schema", str(number), "-X", f"schema.registry.url={url}")
    assert by_id.status == 0, by_id.err
    lines = commands.consume(topic, "--schema-registry", url).out.splitlines()
    assert [json.loads(one.split("\t")[3]) for one in lines] == [value] * 3


def test_keys_go_by_a_schema_too(commands: Commands, url: str, files: dict[str, str]) -> None:
    words = ("--key-schema", files[".avsc"], "--schema-registry", url, "-K", "|")

    assert commands.produce("keyed", b'{"id":1}|plain\n', *words).status == 0
    told, (record,) = commands.read("keyed", "--schema-registry", url, "--decode", "key")

    assert told.status == 0, told.err
    assert (record["key"], record["value"]) == ({"id": 1, "who": ""}, "plain")


def test_a_line_that_does_not_fit_stops_and_is_named(commands: Commands, url: str, files: dict[str, str]) -> None:
    words = ("--value-schema", files[".avsc"], "--schema-registry", url)

    misfit = commands.produce("misfits", b'{"id":1}\n{"id":"x"}\n', *words)
    no_json = commands.produce("misfits", b"{}x\n", *words)

    assert misfit.status == 1
    assert "value for topic 'misfits': field id is 'x', must be an int" in misfit.err
    assert "(schema: misfits-value version 1, id" in misfit.err
    assert no_json.status == 2
    assert "the value b'{}x' is no JSON, as its schema needs it" in no_json.err


def test_poison_stops_is_passed_over_or_becomes_a_dead_letter(
    commands: Commands, url: str, files: dict[str, str]
) -> None:
    by_schema = ("--value-schema", files[".avsc"], "--schema-registry", url)
    for more, lines in ((by_schema, b'{"id":1}\n'), ((), b"poison\n"), (by_schema, b'{"id":2}\n')):
        assert commands.produce("poisoned", lines, "-p", "0", *more).status == 0

    stopped, before = commands.read("poisoned", "--schema-registry", url, "-p", "0")
    skipped, around = commands.read("poisoned", "--schema-registry", url, "-p", "0", "--unreadable", "skip")
    buried, _ = commands.read("poisoned", "--schema-registry", url, "-p", "0", "--unreadable", "dead")
    _, (letter,) = commands.read("poisoned.dead")

    why = "poisoned-0 at offset 1 is unreadable: it begins with byte 112, must begin with 0 or 1"
    assert (stopped.status, [one["value"]["id"] for one in before]) == (1, [1])
    assert why in stopped.err
    assert (skipped.status, [one["value"]["id"] for one in around]) == (1, [1, 2])
    assert why in skipped.err
    assert "it lies in poisoned.dead, too" in buried.err
    assert letter["value"] == "poison"
    assert ["acklab.dead.letter.offset", "1"] in letter["headers"]


@pytest.mark.parametrize(
    "words, why",
    [
        (("produce", "--value-schema", "x.avsc"), "--value-schema 'x.avsc' needs --schema-registry URL"),
        (
            ("produce", "--schema-registry", "http://127.0.0.1:1"),
            "--schema-registry has no effect without --value-schema",
        ),
        (
            ("produce", "--value-schema", "x.avsc", "--schema-registry", "http://127.0.0.1:1"),
            "cannot be read: No such file",
        ),
        (
            ("produce", "--value-schema", "x.txt", "--schema-registry", "http://127.0.0.1:1"),
            "expected a file that ends in .avsc",
        ),
        (("produce", "-X", "value.serializer=string"), "lines are sent as they are, or by --value-schema"),
        (("consume", "--decode", "both"), "--decode and --unreadable have no effect without --schema-registry"),
        (
            ("consume", "--schema-registry", "http://127.0.0.1:1", "--decode", "all"),
            "--decode 'all': expected value, key, both",
        ),
        (
            ("consume", "--schema-registry", "http://127.0.0.1:1", "--unreadable", "x"),
            "--unreadable 'x': expected stop, skip, dead",
        ),
        (("consume", "--schema-registry", "127.0.0.1:1"), "schema.registry.url is '127.0.0.1:1', must be http"),
    ],
    ids=str,
)
def test_what_cannot_be_right_is_a_usage_error(acklab: Acklab, words: tuple[str, ...], why: str) -> None:
    told = acklab(words[0], "-b", "127.0.0.1:1", "-t", "orders", *words[1:])

    assert told.status == 2
    assert why in told.err
