"""Real time against a broker that hangs: `python -m tests.unit.producer.drivers.endurance [SECONDS] [DROPPED]`.

Producers of both drivers, acks=all and acks=0, send for SECONDS (600) to a broker in a process of its own that answers until
the first Produce request of a connection, then reads no more and never ends its side. Then DROPPED (1,000) producers of
each kind are made and dropped, every other one closed before. Prints what the process holds on the way; exit status 1 if
the second half of either part ever held more than its first half did, but for a little.
"""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from producer import AsyncProducer, Producer
from producer.errors import ProducerError
from producer.facades import confluent, kafka_python
from tests.unit.producer.drivers.holdings import holdings
from tests.unit.producer.drivers.one_broker import TOPIC, OneBroker

LOOKS = 40
"""How often each part is looked at."""
SLACK_DESCRIPTORS = 8
SLACK_THREADS = 4
SLACK_KB = 8_192
PAUSE_S = 0.02
DEPARTURE_S = 15
VALUE = bytes(10_000)
PATIENCE = {
    "linger.ms": 0,
    "request.timeout.ms": 1_000,
    "delivery.timeout.ms": 3_000,
    "max.block.ms": 100,
    "buffer.memory": 4_000_000,
    "reconnect.backoff.ms": 20,
}


class Look(NamedTuple):
    """What the process holds at one moment."""

    threads: int
    descriptors: int
    resident_kb: int


def look(told: str) -> Look:
    status = Path("/proc/self/status").read_text()
    resident_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    held = Look(*holdings(), resident_kb)
    print(
        f"{told:>12}  {held.threads:5} threads  {held.descriptors:5} descriptors  {held.resident_kb:8,} KB", flush=True
    )
    return held


def is_flat(looks: list[Look]) -> bool:
    half = len(looks) // 2
    first, second = (Look(*map(max, zip(*part, strict=True))) for part in (looks[:half], looks[half:]))
    return (
        second.threads <= first.threads + SLACK_THREADS
        and second.descriptors <= first.descriptors + SLACK_DESCRIPTORS
        and second.resident_kb <= first.resident_kb + SLACK_KB
    )


# -- a hung broker -----------------------------------------------------------------------------------------------------


def send_on_a_thread(address: str, acks: str, is_over: threading.Event) -> None:
    with Producer(PATIENCE | {"bootstrap.servers": address, "acks": acks}) as producer:
        while not is_over.wait(PAUSE_S):
            with suppress(ProducerError):
                producer.send(TOPIC, VALUE)
        producer.close(0)


def send_on_a_loop(address: str, acks: str, is_over: threading.Event) -> None:
    async def send() -> None:
        async with AsyncProducer(PATIENCE | {"bootstrap.servers": address, "acks": acks}) as producer:
            while not is_over.is_set():
                await asyncio.sleep(PAUSE_S)
                with suppress(ProducerError):
                    await producer.send(TOPIC, VALUE)
            await producer.close(0)

    asyncio.run(send())


def hang(address: str, duration_s: float) -> bool:
    is_over = threading.Event()
    senders = [
        threading.Thread(target=send, args=(address, acks, is_over))
        for send in (send_on_a_thread, send_on_a_loop)
        for acks in ("all", "0")
    ]
    for sender in senders:
        sender.start()
    looks = []
    for number in range(LOOKS):
        time.sleep(duration_s / LOOKS)
        looks.append(look(f"{(number + 1) * duration_s / LOOKS:.0f} s"))
    is_over.set()
    for sender in senders:
        sender.join()
    return is_flat(looks)


# -- made and dropped --------------------------------------------------------------------------------------------------


def use_ours(address: str, closes: bool) -> None:
    producer = Producer(PATIENCE | {"bootstrap.servers": address})
    if closes:
        producer.close(0)


def use_async(address: str, closes: bool) -> None:
    async def use() -> None:
        producer = AsyncProducer(PATIENCE | {"bootstrap.servers": address})
        await asyncio.sleep(0)
        if closes:
            await producer.close(0)

    LOOP.run_until_complete(use())
    LOOP.run_until_complete(asyncio.sleep(0))


def use_confluent(address: str, closes: bool) -> None:
    producer = confluent.Producer({"bootstrap.servers": address})
    producer.produce(TOPIC, b"v")
    if closes:
        producer.close(0)


def use_kafka_python(address: str, closes: bool) -> None:
    producer = kafka_python.KafkaProducer(bootstrap_servers=address)
    if closes:
        producer.close(0)


LOOP = asyncio.new_event_loop()


def drop(use: Callable[[str, bool], None], address: str, count: int) -> bool:
    looks = []
    for number in range(count):
        use(address, number % 2 == 0)
        if (number + 1) % max(1, count // LOOKS) == 0:
            leave_time()
            looks.append(look(f"{use.__name__[4:]} {number + 1}"))
    return is_flat(looks)


def leave_time() -> None:
    """Wait until those that were dropped are gone, but no longer than they may take."""
    until_s = time.monotonic() + DEPARTURE_S
    while holdings().threads and time.monotonic() < until_s:
        LOOP.run_until_complete(asyncio.sleep(PAUSE_S))
    # On a loop there are no threads to count: its connections have a second for their last words.
    LOOP.run_until_complete(asyncio.sleep(PAUSE_S))


def main(duration_s: float = 600, dropped: int = 1_000) -> int:
    with subprocess.Popen(
        [sys.executable, "-m", __spec__.name, "broker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as broker:
        assert broker.stdin is not None
        assert broker.stdout is not None
        address = broker.stdout.readline().strip()
        held: dict[str, Any] = {"hung": hang(address, duration_s)}
        for use in (use_ours, use_async, use_confluent, use_kafka_python):
            held[use.__name__[4:]] = drop(use, address, dropped)
        broker.stdin.close()
    print(", ".join(f"{name}: {'flat' if flat else 'NOT FLAT'}" for name, flat in held.items()))
    return int(not all(held.values()))


def serve() -> int:
    """Hang, on every connection, until stdin ends. It never ends its side, so it needs a descriptor for each."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with OneBroker(hears_produce=False, hears_ends=False) as broker:
        print(broker.address, flush=True)
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(serve() if sys.argv[1:] == ["broker"] else main(*map(int, sys.argv[1:])))
