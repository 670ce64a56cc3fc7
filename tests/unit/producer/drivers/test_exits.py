"""A callback that exits, is interrupted, or says that it was cancelled costs only itself: on real sockets."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from producer import AsyncProducer, Interceptor, Producer
from tests.unit.producer.drivers.one_broker import TOPIC, OneBroker
from tests.unit.producer.drivers.patience import CALM, WAIT_S, Stopwatch, calm


class OwnError(BaseException):
    """Nothing that Python knows."""


EVERY_KIND = [ValueError, asyncio.CancelledError, GeneratorExit, OwnError, SystemExit, KeyboardInterrupt]
every_kind = pytest.mark.parametrize("kind", EVERY_KIND)


def raising(kind: type[BaseException]) -> Callable[..., NoReturn]:
    def callback(*_: object) -> NoReturn:
        raise kind("the application's own")

    return callback


class Exiting(Interceptor):
    def __init__(self, kind: type[BaseException]) -> None:
        self.on_acknowledgement = raising(kind)  # type: ignore[method-assign]


class Hearing(Interceptor):
    def __init__(self, heard: list[str]) -> None:
        self.on_acknowledgement = lambda *_: heard.append("interceptor")  # type: ignore[method-assign]


@every_kind
def test_on_a_thread_it_costs_no_other_callback_and_no_other_record(kind: type[BaseException]) -> None:
    heard: list[str] = []
    interceptors = [Exiting(kind), Hearing(heard)]
    with OneBroker() as broker, Stopwatch():
        properties = {"bootstrap.servers": broker.address} | CALM | {"linger.ms": 100}
        with Producer(properties, interceptors=interceptors) as producer:
            first = producer.send(TOPIC, b"v", on_delivery=lambda *_: heard.append("on_delivery"))
            first.add_done_callback(raising(kind))
            first.add_done_callback(lambda _: heard.append("second"))
            second = producer.send(TOPIC, b"w", on_delivery=raising(kind))
            third = producer.send(TOPIC, b"x")
            producer.flush(WAIT_S)
            offsets = [future.result(WAIT_S).offset for future in (first, second, third)]
            later = producer.send(TOPIC, b"y").result(WAIT_S)

    assert sorted(heard) == ["interceptor"] * 4 + ["on_delivery", "second"]
    assert (offsets, later.offset) == ([0, 1, 2], 3)


@every_kind
def test_every_future_of_a_send_many_ends_and_none_is_kept(kind: type[BaseException]) -> None:
    with OneBroker() as broker, calm(broker) as producer, Stopwatch():
        futures = producer.send_many(TOPIC, [b"%d" % number for number in range(100)], on_delivery=raising(kind))
        futures[50].add_done_callback(raising(kind))
        producer.flush(WAIT_S)

        assert [future.result(WAIT_S).offset for future in futures] == list(range(100))
        assert not producer._answers.outstanding._waiting


@every_kind
def test_on_a_loop_it_costs_nothing_either_but_an_exit_ends_the_loop_when_all_have_heard(
    kind: type[BaseException],
) -> None:
    heard: list[str] = []

    async def begin(broker: OneBroker) -> tuple[AsyncProducer, Any]:
        producer = AsyncProducer({"bootstrap.servers": broker.address} | CALM | {"linger.ms": 50})
        first = await producer.send(TOPIC, b"v", on_delivery=lambda *_: heard.append("on_delivery"))
        first.add_done_callback(raising(kind))
        first.add_done_callback(lambda _: heard.append("second"))
        await producer.send(TOPIC, b"w", on_delivery=raising(kind))
        return producer, await producer.send(TOPIC, b"x")

    async def go_on(producer: AsyncProducer, third: Any) -> tuple[int, int]:
        try:
            # The next one lingers: it needs a timer that is armed, and the connection that was there.
            return (await third).offset, (await producer.send_and_wait(TOPIC, b"y")).offset
        finally:
            await producer.close()

    loop = asyncio.new_event_loop()
    with OneBroker() as broker, Stopwatch():
        producer, third = loop.run_until_complete(begin(broker))
        ends = 0
        rest = loop.create_task(asyncio.wait_for(go_on(producer, third), WAIT_S))
        while not rest.done():
            try:
                loop.run_until_complete(rest)
            except (SystemExit, KeyboardInterrupt):
                ends += 1
                assert heard == ["second", "on_delivery"]
        loop.close()

    assert rest.result() == (2, 3)
    assert heard == ["second", "on_delivery"]
    assert bool(ends) == issubclass(kind, SystemExit | KeyboardInterrupt)
    assert len(broker.values) == 4


def test_a_callback_that_exits_on_the_applications_own_thread_ends_what_the_application_did() -> None:
    heard: list[str] = []
    with OneBroker() as broker, calm(broker) as producer, Stopwatch():
        future = producer.send(TOPIC, b"v")
        future.result(WAIT_S)
        with pytest.raises(SystemExit):
            future.add_done_callback(raising(SystemExit))
        future.add_done_callback(lambda _: heard.append(threading.current_thread().name))

    assert heard == [threading.current_thread().name]
