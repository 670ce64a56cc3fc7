"""What Apache Kafka's own tools print about records and logs, read back."""

import re
from dataclasses import dataclass

from tests.interop.apache_kafka import ApacheKafka
from tests.interop.jars import run_class


@dataclass(frozen=True, slots=True)
class Consumed:
    """One record as Kafka's console consumer prints it."""

    partition: int
    offset: int
    key: str
    value: str


def console_consume(kafka: ApacheKafka, topic: str, *, count: int) -> list[Consumed]:
    """Read `count` records from the beginning with Kafka's own console consumer."""
    shown = ["print.partition=true", "print.offset=true", "print.key=true", "key.separator=\t"]
    printed = run_class(
        "org.apache.kafka.tools.consumer.ConsoleConsumer",
        *("--bootstrap-server", kafka.bootstrap, "--topic", topic, "--from-beginning"),
        *("--max-messages", str(count), "--timeout-ms", "20000"),
        *(word for one in shown for word in ("--formatter-property", one)),
    )
    records = []
    for line in printed.splitlines():
        partition, offset, key, value = line.split("\t")
        records.append(
            Consumed(int(partition.removeprefix("Partition:")), int(offset.removeprefix("Offset:")), key, value)
        )
    return records


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """One batch on a broker's disk as Kafka's DumpLogSegments prints it."""

    base_offset: int
    last_offset: int
    count: int
    producer_id: int
    base_sequence: int
    codec: str
    is_valid: bool


def stored_batches(kafka: ApacheKafka, broker_id: int, topic: str) -> list[StoredBatch]:
    """Every batch of the topic in one broker's log files, checksums verified by Kafka."""
    files = [str(path) for path in kafka.segments(broker_id, topic)]
    printed = run_class("org.apache.kafka.tools.DumpLogSegments", "--deep-iteration", "--files", ",".join(files))
    batches = []
    for line in printed.splitlines():
        if not line.startswith("baseOffset:"):
            continue
        fields = dict(re.findall(r"(\w+): (\S+)", line))
        batches.append(
            StoredBatch(
                base_offset=int(fields["baseOffset"]),
                last_offset=int(fields["lastOffset"]),
                count=int(fields["count"]),
                producer_id=int(fields["producerId"]),
                base_sequence=int(fields["baseSequence"]),
                codec=fields["compresscodec"],
                is_valid=fields["isvalid"] == "true",
            )
        )
    return batches
