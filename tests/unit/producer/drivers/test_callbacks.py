"""What holds the thread or the loop of a producer, or ends it: callbacks of the application's, and bugs of ours."""

from __future__ import annotations

import asyncio
import sys
import threading

import pytest

from producer import AsyncProducer
from producer.errors import (
    Outcome,
    SendError,
)
from tests.builds import pure_only
from tests.unit.producer.drivers.one_broker import TOPIC, Behaviour, OneBroker
from tests.unit.producer.drivers.patience import CALM, WAIT_S, Stopwatch, calm, eventually


def test_close_in_a_delivery_callback_waits_for_nothing() -> None:
    with OneBroker(Behaviour.HONEST, *[Behaviour.SILENT] * 100) as broker, Stopwatch():
        producer = calm(broker)
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
        producer = calm(broker)
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
    with OneBroker() as broker, calm(broker, linger_ms=100) as producer, Stopwatch():
        first = producer.send(TOPIC, b"v", on_delivery=lambda *_: sys.exit(3))
        second = producer.send(TOPIC, b"w")

        assert (first.result(WAIT_S).offset, second.result(WAIT_S).offset) == (0, 1)
        assert producer.send(TOPIC, b"x").result(WAIT_S).offset == 2


def fail(*_: object) -> None:
    raise ValueError("the application's own")


def test_a_callback_that_fails_keeps_no_other_one_from_hearing() -> None:
    heard: list[str] = []
    with OneBroker() as broker, calm(broker, linger_ms=100) as producer, Stopwatch():
        future = producer.send(TOPIC, b"v", on_delivery=lambda *_: heard.append("on_delivery"))
        future.add_done_callback(fail)
        future.add_done_callback(lambda _: heard.append("second"))
        producer.flush(WAIT_S)
        future.add_done_callback(fail)

    async def story(broker: OneBroker) -> None:
        async with AsyncProducer({"bootstrap.servers": broker.address} | CALM | {"linger.ms": 100}) as producer:
            future = await producer.send(TOPIC, b"v", on_delivery=lambda *_: heard.append("on_delivery"))
            future.add_done_callback(fail)
            future.add_done_callback(lambda _: heard.append("second"))
            await future

    with OneBroker() as broker:
        asyncio.run(asyncio.wait_for(story(broker), WAIT_S))
    assert heard == ["second", "on_delivery"] * 2


@pure_only("it puts a method of its own into an engine")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_that_ends_the_thread_ends_every_future_and_every_wait() -> None:
    def strike(now_us: int, seen_us: int | None = None) -> None:
        raise AssertionError("a planted bug")

    with OneBroker(*[Behaviour.SILENT] * 100) as broker, Stopwatch():
        producer = calm(broker)
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
