"""The same quota at Apache Kafka and at `acklab serve`, by the same commands: listed alike, and bytes pass at the same rate over a minute."""

import threading
import time
from pathlib import Path

from producer import Producer
from sim.serve.stage import Stage
from tests.cli.command import Told, run_process
from tests.interop.apache_kafka import ApacheKafka
from tests.serve.served import Served

QUOTA_BYTES_PER_S = 50_000
RECORD_BYTES = 5_000
MINUTE_S = 60
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


def both_at_once(*bootstraps: str) -> list[int]:
    written: dict[str, int] = {}

    def work(bootstrap: str) -> None:
        written[bootstrap] = bytes_in_a_minute(bootstrap)

    threads = [threading.Thread(target=work, args=(one,)) for one in bootstraps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [written[one] for one in bootstraps]


def test_quotas_are_listed_alike_and_bytes_pass_at_the_same_rate(tmp_path: Path) -> None:
    with ApacheKafka(tmp_path / "kafka", brokers=1) as kafka, Served(Stage(brokers=1, topics=("rated:1:1",))) as served:
        kafka.admin.create_topic("rated", partitions=1)
        at_kafka, at_ours = answers(kafka.bootstrap), answers(served.bootstrap)
        theirs, ours = both_at_once(kafka.bootstrap, served.bootstrap)

    assert at_ours == at_kafka
    assert abs(ours - theirs) <= APART_MAX * theirs
    # Ten seconds' worth passes at once, and what the clock cuts off is less than another ten.
    assert theirs * 1.2 >= MINUTE_S * QUOTA_BYTES_PER_S
