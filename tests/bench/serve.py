"""`acklab serve` beside librdkafka's mock cluster, three brokers each: start, produce, fetch, one record's round trip, idleness; and many partitions.

The clients are confluent-kafka's, in another process; processor seconds and peak memory are the server's alone. A start is from the
process to the answer of the first Metadata request. Of "starts", a million take as many seconds as one takes microseconds.
"""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.bench.case import Case, Measured, Skip
from tests.bench.mock_cluster import PARTITIONS, TOPIC

Serve = Callable[[], tuple[str, ...]]
START_S_MAX = 120
END_S_MAX = 30
ANSWER_S_MAX = 60
VALUE = b"v" * 1_000
RECORDS = 24_000
"""As much as the mock keeps: 5 MB a partition."""
MEGABYTES = len(VALUE) * RECORDS // 1_000_000
ROUND_TRIPS = 1_000
IDLE_S = 10
MANY_BROKERS, MANY_PARTITIONS = 10, 1_000
NEWEST_WITHOUT_TAGS = 8


class Server(NamedTuple):
    """A cluster that answers."""

    bootstrap: str
    pid: int
    started_s: float
    """From its process's beginning to its first answer."""

    def cpu_s(self) -> float:
        """Processor seconds of all its threads so far."""
        tasks = Path(f"/proc/{self.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9

    def peak_kb(self) -> int:
        """The most memory that it had."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


def acklab(brokers: int = 3, partitions: int = PARTITIONS) -> tuple[str, ...]:
    topic = f"{TOPIC}:{partitions}:{min(3, brokers)}"
    return ("-m", "sim", "serve", "--port", "0", "--json", "--brokers", str(brokers), "--topic", topic)


def mock() -> tuple[str, ...]:
    return ("-m", "tests.bench.mock_cluster")


@contextmanager
def answering(serve: Serve) -> Iterator[Server]:
    """Start a cluster, and end it. Raises Skip where nothing says what a process has used."""
    if not Path("/proc/self/schedstat").exists():
        raise Skip("what another process uses is read in /proc, which only Linux has")
    began_s = time.perf_counter()
    process = subprocess.Popen([sys.executable, *serve()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        said = process.stdout.readline().strip()
        bootstrap = json.loads(said)["bootstrap"] if said.startswith("{") else said
        ask(bootstrap)
        yield Server(bootstrap, process.pid, time.perf_counter() - began_s)
    finally:
        process.terminate()
        process.communicate(timeout=END_S_MAX)


def ask(bootstrap: str) -> None:
    """Ask the first broker for the metadata of all topics, and wait for the answer."""
    host, port = bootstrap.partition(",")[0].rsplit(":", 1)
    body = struct.pack(">ibbb", -1, 1, 0, 0)
    head = struct.pack(">hhih", 3, NEWEST_WITHOUT_TAGS, 1, -1)
    with socket.create_connection((host, int(port)), ANSWER_S_MAX) as client:
        client.sendall(struct.pack(">i", len(head) + len(body)) + head + body)
        with client.makefile("rb") as stream:
            (size,) = struct.unpack(">i", stream.read(4))
            assert TOPIC.encode() in stream.read(size)


def starting(serve: Serve) -> Measured:
    with answering(serve) as server:
        return Measured(1, server.started_s, server.cpu_s(), server.peak_kb())


def idling(serve: Serve) -> Measured:
    """Processor time while nobody asks for anything, in millionths of a core."""
    with answering(serve) as server:
        before_s = server.cpu_s()
        time.sleep(IDLE_S)
        used_s = server.cpu_s() - before_s
        return Measured(max(1, round(used_s * 1e6)), IDLE_S, used_s, server.peak_kb())


def producing(serve: Serve) -> Measured:
    with answering(serve) as server:
        before_s, began_s = server.cpu_s(), time.perf_counter()
        produce(server.bootstrap)
        return Measured(MEGABYTES, time.perf_counter() - began_s, server.cpu_s() - before_s, server.peak_kb())


def produce(bootstrap: str) -> None:
    from confluent_kafka import Producer

    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5, "acks": "all", "enable.idempotence": True})
    for number in range(RECORDS):
        producer.produce(TOPIC, VALUE, partition=number % PARTITIONS)
    assert producer.flush(ANSWER_S_MAX) == 0


def fetching(serve: Serve) -> Measured:
    from confluent_kafka import Consumer, TopicPartition

    with answering(serve) as server:
        produce(server.bootstrap)
        consumer = Consumer({"bootstrap.servers": server.bootstrap, "group.id": "none", "enable.auto.commit": False})
        consumer.assign([TopicPartition(TOPIC, number, 0) for number in range(PARTITIONS)])
        before_s, began_s = server.cpu_s(), time.perf_counter()
        got = 0
        while got < RECORDS:
            messages = consumer.consume(RECORDS, timeout=1)
            assert messages, f"{got} of {RECORDS} records, and no more"
            got += len(messages)
        elapsed_s = time.perf_counter() - began_s
        measured = Measured(MEGABYTES, elapsed_s, server.cpu_s() - before_s, server.peak_kb())
        consumer.close()
    return measured


def answered(serve: Serve) -> Measured:
    """One record after the other, each when the one before is acknowledged; the time that 99 of 100 stay below."""
    from confluent_kafka import Producer

    with answering(serve) as server:
        producer = Producer({"bootstrap.servers": server.bootstrap, "linger.ms": 0, "acks": "all"})
        before_s, taken_s = server.cpu_s(), []
        for number in range(ROUND_TRIPS):
            began_s = time.perf_counter()
            producer.produce(TOPIC, VALUE, partition=number % PARTITIONS)
            assert producer.flush(ANSWER_S_MAX) == 0
            taken_s.append(time.perf_counter() - began_s)
        used_s = (server.cpu_s() - before_s) / ROUND_TRIPS
        return Measured(1, sorted(taken_s)[ROUND_TRIPS * 99 // 100], used_s, server.peak_kb())


def cases() -> Iterator[Case]:
    for what, unit, run in (
        ("starts", "starts", starting),
        ("idle", "millionths of a core", idling),
        ("produces", "MB", producing),
        ("is read", "MB", fetching),
        ("acknowledges, 99th percentile", "round trips", answered),
    ):
        yield Case(f"acklab serve {what}", unit, partial(run, acklab))
        yield Case(f"librdkafka's mock {what}", unit, partial(run, mock), is_foreign=True)
    for brokers, partitions in (
        (1, 1),
        (MANY_BROKERS, 1),
        (MANY_BROKERS, MANY_PARTITIONS),
        (MANY_BROKERS, 10 * MANY_PARTITIONS),
    ):
        serve = partial(acklab, brokers, partitions)
        name = f"acklab serve, {brokers} brokers, {partitions:,} partitions"
        yield Case(f"{name}, starts", "starts", partial(starting, serve))
        yield Case(f"{name}, idle", "millionths of a core", partial(idling, serve))


CASES = tuple(cases())
