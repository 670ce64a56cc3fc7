"""The same quota at Apache Kafka and at `acklab serve`, by the same commands: listed alike, and bytes pass at the same rate over a minute."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition

from producer import Producer
from sim.serve.stage import Stage
from tests.cli.command import Told, run_process
from tests.interop.apache_kafka import ApacheKafka
from tests.serve.served import Served

QUOTA_BYTES_PER_S = 50_000
RECORD_BYTES = 5_000
MINUTE_S = 60
READS_S = 40
APART_MAX = 0.1
"""Of the two rates."""
SCRIPT = (
    ("set", "client-id=rated", f"producer_byte_rate={QUOTA_BYTES_PER_S}"),
    ("set", "user=<default>", "request_percentage=100"),
    ("set", "user=alice", "client-id=<default>", "consumer_byte_rate=1000", "controller_mutation_rate=2.5"),
    ("set", "client-id=rated", "producer_byte_rate=0"),
    ("set", "client-id=rated", "producer_byte_rate=1.5"),
    ("set", "ip=127.0.0.1", "producer_byte_rate=1"),
    ("list",),
    ("list", "client-id=rated", "--strict"),
    ("list", "user=alice"),
    ("remove", "user=<default>", "request_percentage"),
    ("remove", "user=alice", "client-id=<default>"),
    ("list",),
)
"""What is asked of both, in this order."""


def answers(bootstrap: str) -> list[tuple[int, str, str]]:
    """What the commands say, but for whom they were asked."""
    told: list[Told] = [run_process("quota", one, "-b", bootstrap, *words) for one, *words in SCRIPT]
    return [(one.status, one.out, one.err.replace(bootstrap, "HOST:PORT")) for one in told]


def bytes_in_a_minute(bootstrap: str) -> int:
    """Send record by record, each when the one before it is acknowledged; count what was."""
    written = 0
    with Producer({"bootstrap.servers": bootstrap, "client.id": "rated", "batch.size": RECORD_BYTES}) as producer:
        producer.send("rated", b"first", partition=0).result(30)
        until_s = time.monotonic() + MINUTE_S
        while time.monotonic() < until_s:
            producer.send("rated", bytes(RECORD_BYTES), partition=0).result(60)
            written += RECORD_BYTES
    return written


def bytes_read(bootstrap: str) -> int:
    """Read what lies there, from the first record on, for so long behind the first one."""
    consumer = Consumer({
        "bootstrap.servers": bootstrap,
        "client.id": "reading",
        "group.id": "reading",
        "max.partition.fetch.bytes": 10 * RECORD_BYTES,
    })  # fmt: skip
    consumer.assign([TopicPartition("read", 0, 0)])
    read, until_s = 0, time.monotonic() + MINUTE_S
    while time.monotonic() < until_s:
        message = consumer.poll(0.2)
        if message is not None and not message.error():
            if not read:
                until_s = time.monotonic() + READS_S
            read += len(message.value() or b"")
    consumer.close()
    return read


def both_at_once(count: Callable[[str], int], *bootstraps: str) -> list[int]:
    """Count at several clusters, at the same time."""
    counted: dict[str, int] = {}

    def work(bootstrap: str) -> None:
        counted[bootstrap] = count(bootstrap)

    threads = [threading.Thread(target=work, args=(one,)) for one in bootstraps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [counted[one] for one in bootstraps]


def filled(bootstrap: str) -> None:
    """Write more than anybody may read, and let readers have the quota."""
    with Producer({"bootstrap.servers": bootstrap}) as producer:
        for future in [producer.send("read", bytes(RECORD_BYTES), partition=0) for _ in range(1_200)]:
            future.result(60)
    run_process("quota", "set", "-b", bootstrap, "client-id=reading", f"consumer_byte_rate={QUOTA_BYTES_PER_S}")


def test_quotas_are_listed_alike_and_bytes_pass_at_the_same_rate(tmp_path: Path) -> None:
    topics = ("rated:1:1", "read:1:1")
    with ApacheKafka(tmp_path / "kafka", brokers=1) as kafka, Served(Stage(brokers=1, topics=topics)) as served:
        both = kafka.bootstrap, served.bootstrap
        for topic in ("rated", "read"):
            kafka.admin.create_topic(topic, partitions=1)
        at_kafka, at_ours = answers(kafka.bootstrap), answers(served.bootstrap)
        written_there, written_here = both_at_once(bytes_in_a_minute, *both)
        for one in both:
            filled(one)
        read_there, read_here = both_at_once(bytes_read, *both)

    assert at_ours == at_kafka
    assert abs(written_here - written_there) <= APART_MAX * written_there
    assert abs(read_here - read_there) <= APART_MAX * read_there
    # Ten seconds' worth passes at once, now and again.
    assert written_there * 1.2 >= MINUTE_S * QUOTA_BYTES_PER_S
    assert read_there <= (READS_S + 20) * QUOTA_BYTES_PER_S
