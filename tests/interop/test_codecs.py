"""What `acklab produce` writes, Apache Kafka stores as valid batches and its own consumer reads back, and so do we."""

import json
from collections import Counter
from pathlib import Path

import pytest
from kafka.partitioner.default import murmur2

from tests.interop.apache_kafka import ApacheKafka
from tests.interop.command import acklab
from tests.interop.printed import Consumed, console_consume, stored_batches
from tests.interop.side_by_side import Stage

PARTITIONS = 3
KEYS = ("ATL", "ORD", "DFW", "LAX", "Zürich", "東京", "x" * 300)
RECORDS_PER_WAY = 40

# acks, enable.idempotence: every pair that Kafka allows. Fire-and-forget comes last: a broker that has not heard yet
# that it leads a new topic refuses, the others try again, and fire-and-forget loses (seen in 2 of 25 new topics).
WAYS = {
    "idempotent": ("all", "true"),
    "all": ("all", "false"),
    "leader": ("1", "false"),
    "fire-and-forget": ("0", "false"),
}

Line = tuple[str, str]


def lines_of(way: str) -> list[Line]:
    """Keyed records, a key of its own for each way so that order per key can be told afterwards."""
    return [
        (f"{way}/{KEYS[number % len(KEYS)]}", f"{number} " + "delayed at the gate " * (number % 9))
        for number in range(RECORDS_PER_WAY)
    ]


def partition_of(key: str) -> int:
    """Where Kafka's own rule puts a key; the hash is kafka-python's."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % PARTITIONS)


def by_key(records: list[Line]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, value in records:
        found.setdefault(key, []).append(value)
    return found


CODECS = pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])


@CODECS
def test_every_codec_acks_and_idempotence_is_read_back_by_kafka(
    kafka: ApacheKafka, topic: str, codec: str, tmp_path: Path
) -> None:
    sent: list[Line] = []
    for way, (acks, idempotence) in WAYS.items():
        lines = lines_of(way)
        source = tmp_path / f"{way}.txt"
        source.write_text("".join(f"{key}:{value}\n" for key, value in lines), encoding="utf-8")
        words = ["-X", f"acks={acks}", "-X", f"enable.idempotence={idempotence}", "-z", codec]
        done = acklab("produce", "-b", kafka.bootstrap, "-t", topic, "-K", ":", *words, str(source))
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"produced {len(lines)} records" in done.stdout
        sent += lines

    # Kafka's own consumer: the same keys and values, on the partitions of Kafka's own hash, in the order sent.
    read = console_consume(kafka, topic, count=len(sent))
    assert by_key([(one.key, one.value) for one in read]) == by_key(sent)
    assert {(one.key, one.partition) for one in read} == {(key, partition_of(key)) for key, _ in sent}

    # Kafka's own log reader, on each replica: checksums, counts, codec, sequences only where asked for.
    for broker_id in kafka.broker_ids:
        batches = stored_batches(kafka, broker_id, topic)
        assert sum(batch.count for batch in batches) == len(sent)
        assert all(batch.is_valid for batch in batches)
        assert all(batch.last_offset - batch.base_offset + 1 == batch.count for batch in batches)
        assert {batch.codec for batch in batches} == {codec}
        numbered = sum(batch.count for batch in batches if batch.producer_id >= 0)
        assert numbered == RECORDS_PER_WAY

    # Our own reader: the same records at the same offsets.
    done = acklab("consume", "-b", kafka.bootstrap, "-t", topic, "-o", "beginning", "-e", "-J")
    assert done.returncode == 0, done.stdout + done.stderr
    ours = [json.loads(line) for line in done.stdout.splitlines()]
    assert Counter(Consumed(one["partition"], one["offset"], one["key"], one["value"]) for one in ours) == Counter(read)
    assert {one["topic"] for one in ours} == {topic}


@CODECS
def test_every_codec_ends_as_with_javas_producer(stage: Stage, codec: str) -> None:
    both = stage.start({"compression.type": codec}, partitions=PARTITIONS)

    for number in range(RECORDS_PER_WAY):
        both.send(key=KEYS[number % len(KEYS)], value_bytes=number * 100)

    both.judge()
    both.assert_alike()
    assert both.ours.producer.acknowledged == both.sent
