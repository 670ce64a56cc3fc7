"""A signal's handler that comes into an AsyncProducer just where somebody begins to wait or to listen: nobody is forgotten."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from producer import AsyncProducer
from producer.drivers.async_future import AsyncSendFuture
from producer.errors import ProducerClosedError
from tests.unit.producer.drivers.one_broker import TOPIC, OneBroker
from tests.unit.producer.drivers.patience import Stopwatch
from tests.unit.producer.drivers.test_async_reentry import ENDING, Call, handled, properties, striking

LINES_OF_LISTENING = 5
"""So many at least are run when somebody begins to listen to a future that has no answer."""


@contextmanager
def striking_at(function: Callable[..., object]) -> Iterator[None]:
    """Send this thread a signal where one of the producer's functions begins, the first time."""

    def at_call(frame: FrameType, _what: str, _given: object) -> None:
        if frame.f_code is getattr(function, "__code__", None):
            sys.settrace(before)
            signal.raise_signal(signal.SIGUSR1)

    before = sys.gettrace()
    sys.settrace(at_call)
    try:
        yield
    finally:
        sys.settrace(before)


@pytest.mark.parametrize("call", [ENDING["close"], ENDING["close at once"]], ids=["close", "close at once"])
def test_a_handler_that_closes_between_an_offer_and_its_wait_ends_the_wait(call: Call) -> None:
    async def story(broker: OneBroker) -> None:
        producer = AsyncProducer(properties(broker))
        with (
            handled(lambda: call(producer)),
            striking_at(AsyncProducer._walk),
            pytest.raises(ProducerClosedError),
        ):
            # Its partitions are not known, so it has to wait for them.
            await producer.send(TOPIC, b"outer")
        await producer.close()

    with OneBroker() as broker, Stopwatch():
        asyncio.run(story(broker))
    assert broker.values == []


@pytest.mark.parametrize("line", range(1, 13))
def test_who_begins_to_listen_while_a_handler_brings_the_answer_hears_of_it_once(line: int) -> None:
    async def story(broker: OneBroker) -> None:
        async with AsyncProducer(properties(broker, **{"linger.ms": 60_000})) as producer:
            await producer.partitions_for(TOPIC)
            future = await producer.send(TOPIC, b"v")
            heard: list[AsyncSendFuture] = []
            with handled(producer.purge), striking(line, 1_000):
                future.add_done_callback(heard.append)
            assert future.done() or line > LINES_OF_LISTENING
            producer.purge()
            assert heard == [future]

    with OneBroker() as broker, Stopwatch():
        asyncio.run(story(broker))
