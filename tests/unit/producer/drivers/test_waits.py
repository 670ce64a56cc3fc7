"""Everything that waits has a bound, and whoever is interrupted leaves nothing behind: on real sockets, with both drivers."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Self

import pytest

from producer import AsyncProducer, Producer
from producer.errors import (
    BufferExhaustedError,
    DeliveryTimeoutError,
    MetadataTimeoutError,
    Outcome,
    ProducerClosedError,
    SendError,
)
from tests.unit.producer.drivers.one_broker import TOPIC, Behaviour, OneBroker

WAIT_S = 30
SOON_S = 10
"""Far less than any default that would hold if the one under test did not."""

HASTY = {
    "linger.ms": 0,
    "request.timeout.ms": 300,
    "delivery.timeout.ms": 1_000,
    "max.block.ms": 300,
    "reconnect.backoff.ms": 10,
    "retry.backoff.ms": 10,
}


def hasty(broker: OneBroker, **properties: Any) -> Producer:
    given = {name.replace("_", "."): value for name, value in properties.items()}
    return Producer({"bootstrap.servers": broker.address} | HASTY | given)


class Stopwatch:
    """How long something took, at most."""

    def __enter__(self) -> Self:
        self._began_s = time.monotonic()
        return self

    def __exit__(self, *raised: object) -> None:
        assert time.monotonic() - self._began_s < SOON_S, "that took as long as if it had no bound"


def eventually(holds: Callable[[], object]) -> None:
    """Wait until something holds that another thread brings about."""
    until_s = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < until_s, "it never did"
        time.sleep(0.001)


# -- brokers that say half of it, nothing, or nonsense -----------------------------------------------------------------


@pytest.mark.parametrize("behaviour", [Behaviour.HALF_AND_CLOSED, Behaviour.GARBAGE], ids=lambda one: one.name.lower())
def test_an_answer_that_is_none_costs_a_connection_and_no_record(behaviour: Behaviour) -> None:
    with OneBroker(behaviour) as broker, hasty(broker) as producer, Stopwatch():
        told = producer.send(TOPIC, b"v").result(WAIT_S)

    # The broker could not know that its first answer was lost; with sequences, a real one would not have appended twice.
    assert (broker.values, told.offset) == ([b"v", b"v"], 1)


@pytest.mark.parametrize("behaviour", [Behaviour.SILENT, Behaviour.HALF_AND_SILENT], ids=lambda one: one.name.lower())
def test_a_broker_that_falls_silent_is_left_after_the_requests_time_and_the_record_goes_on(
    behaviour: Behaviour,
) -> None:
    with OneBroker(behaviour) as broker, hasty(broker) as producer, Stopwatch():
        assert producer.send(TOPIC, b"v").result(WAIT_S).offset == 1


@pytest.mark.parametrize("behaviour", [Behaviour.SILENT, Behaviour.HALF_AND_SILENT], ids=lambda one: one.name.lower())
def test_a_broker_that_is_always_silent_ends_the_record_in_its_time_and_says_that_it_may_be_written(
    behaviour: Behaviour,
) -> None:
    with OneBroker(*[behaviour] * 100) as broker, hasty(broker) as producer, Stopwatch():
        error = producer.send(TOPIC, b"v").exception(WAIT_S)
        broker.behaviours.clear()
        after = producer.send(TOPIC, b"w").result(WAIT_S)

    assert isinstance(error, DeliveryTimeoutError)
    assert error.outcome is Outcome.UNKNOWN
    assert broker.values[after.offset] == b"w"


def test_a_broker_that_accepts_and_never_answers_is_named_after_max_block_ms() -> None:
    with OneBroker(is_mute=True) as broker, Stopwatch():
        with hasty(broker) as producer:
            with pytest.raises(MetadataTimeoutError, match=f"no answer from {broker.address} after 300 ms"):
                producer.send(TOPIC, b"v")
            with pytest.raises(MetadataTimeoutError, match="after 300 ms"):
                producer.partitions_for(TOPIC)
            producer.flush()

        async def story() -> None:
            async with AsyncProducer({"bootstrap.servers": broker.address} | HASTY) as asynchronous:
                with pytest.raises(MetadataTimeoutError, match=f"no answer from {broker.address} after 300 ms"):
                    await asynchronous.send(TOPIC, b"v")
                await asynchronous.flush()

        asyncio.run(asyncio.wait_for(story(), WAIT_S))


# -- flush, close and room with a broker that does not answer ----------------------------------------------------------

PATIENT = {"request_timeout_ms": 60_000, "delivery_timeout_ms": 120_000}


def test_flush_and_close_give_up_in_their_time_and_each_record_is_told() -> None:
    with OneBroker(*[Behaviour.SILENT] * 100) as broker, Stopwatch():
        producer = hasty(broker, **PATIENT)
        sent = producer.send(TOPIC, b"v")
        eventually(lambda: broker.values)
        with pytest.raises(TimeoutError, match=r"not everything was answered within 0\.1 s"):
            producer.flush(0.1)
        producer.close(0.1)

        error = sent.exception(0)
        assert isinstance(error, SendError)
        assert error.outcome is Outcome.UNKNOWN
        with pytest.raises(ProducerClosedError):
            producer.send(TOPIC, b"v")


def test_an_asyncio_producer_gives_up_in_its_time_too() -> None:
    async def story(broker: OneBroker) -> None:
        properties = {"bootstrap.servers": broker.address} | HASTY
        producer = AsyncProducer(properties | {"request.timeout.ms": 60_000, "delivery.timeout.ms": 120_000})
        sent = await producer.send(TOPIC, b"v")
        with pytest.raises(TimeoutError):
            await producer.flush(0.1)
        await producer.close(0.1)
        assert isinstance(sent.exception(), SendError)

    with OneBroker(*[Behaviour.SILENT] * 100) as broker, Stopwatch():
        asyncio.run(asyncio.wait_for(story(broker), WAIT_S))


def test_a_full_buffer_is_waited_for_no_longer_than_max_block_ms() -> None:
    with OneBroker(*[Behaviour.SILENT] * 100) as broker, Stopwatch():
        producer = hasty(broker, **PATIENT, buffer_memory=1_000, batch_size=1_000)
        producer.send(TOPIC, bytes(800))
        with pytest.raises(BufferExhaustedError, match=r"no room for 1000 bytes in buffer.memory of 1000 \(0 free\)"):
            producer.send(TOPIC, bytes(800))
        producer.close(0)


def test_who_waits_behind_one_that_gives_up_is_served_then() -> None:
    with OneBroker(*[Behaviour.SILENT] * 100) as broker, Stopwatch():
        producer = hasty(broker, **PATIENT, max_block_ms=1_000, buffer_memory=3_000, batch_size=1_000)
        producer.send(TOPIC, bytes(1_500))
        refused: list[BaseException] = []

        def send_a_large_one() -> None:
            try:
                producer.send(TOPIC, bytes(2_500))
            except BufferExhaustedError as error:
                refused.append(error)

        sender = threading.Thread(target=send_a_large_one)
        sender.start()
        eventually(lambda: producer._engine._buffer.waiters == 1)
        time.sleep(0.3)
        # There is room for this one, but the first who waits is served first. It gives up before this one would.
        producer.send(TOPIC, bytes(500))
        sender.join(WAIT_S)

        assert len(refused) == 1
        producer.close(0)


def test_the_longest_time_there_is_can_be_waited() -> None:
    with OneBroker() as broker, hasty(broker, max_block_ms=2**63 - 1) as producer, Stopwatch():
        assert producer.send(TOPIC, b"v").result(WAIT_S).offset == 0


# -- Ctrl-C ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def press_ctrl_c() -> Iterator[Callable[[Callable[[], object]], None]]:
    """Interrupt the main thread, as Ctrl-C does, as soon as something holds."""

    def interrupt(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    # Not SIGINT itself, which whoever runs the tests may have other plans for.
    before = signal.signal(signal.SIGUSR1, interrupt)
    threads: list[threading.Thread] = []

    def press(once: Callable[[], object]) -> None:
        def wait_and_press() -> None:
            eventually(once)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

        threads.append(threading.Thread(target=wait_and_press))
        threads[-1].start()

    yield press
    for thread in threads:
        thread.join(WAIT_S)
    signal.signal(signal.SIGUSR1, before)


def waits(producer: Producer) -> bool:
    return bool(producer._changed._waiters)  # type: ignore[attr-defined]


def test_ctrl_c_ends_the_wait_for_metadata_and_nothing_else(press_ctrl_c: Any) -> None:
    with OneBroker(is_mute=True) as broker, Stopwatch():
        producer = hasty(broker, max_block_ms=60_000)
        for call in (lambda: producer.send(TOPIC, b"v"), lambda: producer.partitions_for(TOPIC)):
            press_ctrl_c(lambda: waits(producer))
            with pytest.raises(KeyboardInterrupt):
                call()
            assert not producer._engine._metadata_waits
        broker.is_mute = False

        assert producer.send(TOPIC, b"w").result(WAIT_S).offset == 0
        producer.close()
        assert broker.values == [b"w"]


def test_ctrl_c_ends_the_wait_for_room_and_leaves_no_place_in_the_queue(press_ctrl_c: Any) -> None:
    with OneBroker(*[Behaviour.SILENT] * 100) as broker, Stopwatch():
        room = {"buffer_memory": 1_000, "batch_size": 1_000}
        producer = hasty(broker, max_block_ms=60_000, request_timeout_ms=1_000, delivery_timeout_ms=120_000, **room)
        first = producer.send(TOPIC, bytes(800))
        press_ctrl_c(lambda: waits(producer))
        with pytest.raises(KeyboardInterrupt):
            producer.send(TOPIC, bytes(800))
        assert not producer._engine._buffer.has_waiters
        broker.behaviours.clear()
        producer.purge()

        assert first.exception(WAIT_S) is not None
        # Whoever waited before it would be waited for, for ever.
        assert producer.send(TOPIC, bytes(800)).exception(WAIT_S) is None
        producer.close()


@pytest.mark.parametrize("ends", ["flush", "close"])
def test_ctrl_c_ends_flush_and_close_and_the_producer_can_still_be_closed(press_ctrl_c: Any, ends: str) -> None:
    with OneBroker(Behaviour.SILENT) as broker, Stopwatch():
        producer = hasty(broker, **PATIENT)
        sent = producer.send(TOPIC, b"v")
        press_ctrl_c(lambda: waits(producer))
        with pytest.raises(KeyboardInterrupt):
            producer.flush() if ends == "flush" else producer.close()
        assert not sent.done()
        producer.close(0)

        assert isinstance(sent.exception(0), SendError)
        assert not producer._thread.is_alive()


# -- what holds the producer's thread, or ends it ----------------------------------------------------------------------


def test_close_in_a_delivery_callback_waits_for_nothing() -> None:
    with OneBroker(Behaviour.HONEST, *[Behaviour.SILENT] * 100) as broker, Stopwatch():
        producer = hasty(broker, **PATIENT)
        sent = threading.Event()

        def on_delivery(_metadata: object, _error: object) -> None:
            sent.wait(WAIT_S)
            producer.close()

        producer.send(TOPIC, b"v", on_delivery=on_delivery)
        eventually(lambda: broker.values)
        left = producer.send(TOPIC, b"w")
        sent.set()

        assert isinstance(left.exception(WAIT_S), SendError)
        producer._thread.join(WAIT_S)
        assert not producer._thread.is_alive()


def test_a_callback_that_does_not_return_keeps_nobody_from_closing() -> None:
    with OneBroker() as broker, Stopwatch():
        producer = hasty(broker)
        returns, called = threading.Event(), threading.Event()

        def on_delivery(_metadata: object, _error: object) -> None:
            called.set()
            returns.wait(WAIT_S)

        producer.send(TOPIC, b"v", on_delivery=on_delivery)
        assert called.wait(WAIT_S)
        behind = producer.send(TOPIC, b"w")
        producer.close(0.1)

        assert not behind.done()
        returns.set()
        assert isinstance(behind.exception(WAIT_S), SendError)
        producer._thread.join(WAIT_S)


def test_a_callback_that_exits_takes_no_other_record_with_it() -> None:
    with OneBroker() as broker, hasty(broker, linger_ms=100) as producer, Stopwatch():
        first = producer.send(TOPIC, b"v", on_delivery=lambda *_: sys.exit(3))
        second = producer.send(TOPIC, b"w")

        assert (first.result(WAIT_S).offset, second.result(WAIT_S).offset) == (0, 1)
        assert producer.send(TOPIC, b"x").result(WAIT_S).offset == 2


def fail(*_: object) -> None:
    raise ValueError("the application's own")


def test_a_callback_that_fails_keeps_no_other_one_from_hearing() -> None:
    heard: list[str] = []
    with OneBroker() as broker, hasty(broker, linger_ms=100) as producer, Stopwatch():
        future = producer.send(TOPIC, b"v", on_delivery=lambda *_: heard.append("on_delivery"))
        future.add_done_callback(fail)
        future.add_done_callback(lambda _: heard.append("second"))
        producer.flush(WAIT_S)
        future.add_done_callback(fail)

    async def story(broker: OneBroker) -> None:
        async with AsyncProducer({"bootstrap.servers": broker.address} | HASTY | {"linger.ms": 100}) as producer:
            future = await producer.send(TOPIC, b"v", on_delivery=lambda *_: heard.append("on_delivery"))
            future.add_done_callback(fail)
            future.add_done_callback(lambda _: heard.append("second"))
            await future

    with OneBroker() as broker:
        asyncio.run(asyncio.wait_for(story(broker), WAIT_S))
    assert heard == ["second", "on_delivery"] * 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_that_ends_the_thread_ends_every_future_and_every_wait() -> None:
    def strike(now_us: int) -> None:
        raise AssertionError("a planted bug")

    with OneBroker(*[Behaviour.SILENT] * 100) as broker, Stopwatch():
        producer = hasty(broker, **PATIENT)
        in_flight = producer.send(TOPIC, b"v")
        eventually(lambda: broker.values)
        producer._engine.timer_fired = strike  # type: ignore[method-assign]
        queued = producer.send(TOPIC, b"w")

        errors = [future.exception(WAIT_S) for future in (in_flight, queued)]
        for call in (lambda: producer.send(TOPIC, b"x"), producer.flush, lambda: producer.partitions_for(TOPIC)):
            with pytest.raises(RuntimeError, match="the producer's thread died"):
                call()
        producer.close()

    assert [error.outcome for error in errors if isinstance(error, SendError)][:1] == [Outcome.UNKNOWN]
    assert all("the producer's thread died: AssertionError: a planted bug" in str(error) for error in errors)


# -- what cannot be connected to ---------------------------------------------------------------------------------------

NO_NAMES = [f"{'a' * 64}.example", ".example", "example..org"]


@pytest.mark.parametrize("host", NO_NAMES)
def test_a_host_that_is_no_name_is_a_connection_that_failed(host: str) -> None:
    properties = HASTY | {"bootstrap.servers": f"{host}:9092"}
    with Stopwatch():
        with Producer(properties) as producer, pytest.raises(MetadataTimeoutError, match="the latest connection: "):
            producer.send(TOPIC, b"v")

        async def story() -> None:
            async with AsyncProducer(properties) as asynchronous:
                with pytest.raises(MetadataTimeoutError, match="the latest connection: "):
                    await asynchronous.send(TOPIC, b"v")

        asyncio.run(asyncio.wait_for(story(), WAIT_S))


def test_too_many_open_files_are_a_connection_that_failed_and_is_tried_again() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with OneBroker() as broker, hasty(broker, max_block_ms=WAIT_S * 1_000) as producer, Stopwatch():
        lowest_free = os.open(os.devnull, os.O_RDONLY)
        os.close(lowest_free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))
        try:
            sender = threading.Thread(target=lambda: producer.send(TOPIC, b"v"))
            sender.start()
            eventually(lambda: producer._engine._client.connections.last_loss == "Too many open files")
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        sender.join(WAIT_S)
        producer.flush(WAIT_S)

        assert broker.values == [b"v"]
