"""An AsyncProducer that is called amid its own code: by a signal's handler, a finaliser, its own partitioner.

A signal's handler runs between two lines of whatever the loop's thread is at. So a story is run with a handler that strikes
at every nth line of the producer's code, and the next time at others.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import weakref
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import producer as package
from producer import AsyncProducer
from producer.drivers.async_future import AsyncSendFuture
from producer.drivers.send_futures import SendFutures
from producer.errors import ProducerClosedError, ProducerError, PurgedError, ReentrantCallError, SendError
from producer.records import Record, RecordMetadata
from tests.unit.producer.drivers.one_broker import TOPIC, OneBroker
from tests.unit.producer.drivers.patience import CALM, WAIT_S, Stopwatch
from tests.unit.producer.drivers.test_reentry import Calling, Dropped

OURS = str(Path(package.__file__).parent)
OUTER = [b"outer-%d" % number for number in range(12)]
Call = Callable[[AsyncProducer], object]


def stepped(call: Coroutine[Any, Any, Any]) -> Any:
    """Walk into a call as an eager task does, up to where it would wait; what waits is given up."""
    try:
        call.send(None)
    except StopIteration as end:
        return end.value
    call.close()
    return None


GENTLE: dict[str, Call] = {
    "send": lambda producer: stepped(producer.send(TOPIC, b"inner")),
    "send, the long way": lambda producer: stepped(producer.send(TOPIC, b"inner", headers=[("h", b"v")])),
    "send_record": lambda producer: stepped(producer.send_record(Record(TOPIC, b"inner"))),
    "send_many": lambda producer: stepped(producer.send_many(TOPIC, [b"inner"] * 3)),
    "flush": lambda producer: stepped(producer.flush()),
    "partitions_for": lambda producer: stepped(producer.partitions_for(TOPIC)),
    "choose_partition": lambda producer: stepped(producer.choose_partition(Record(TOPIC, b"inner"))),
    "partition_count": lambda producer: producer.partition_count(TOPIC),
    "cluster": lambda producer: producer.cluster(),
    "metrics": lambda producer: producer.metrics(),
}
ENDING: dict[str, Call] = {
    "purge": lambda producer: producer.purge(),
    "close": lambda producer: stepped(producer.close()),
    "close at once": lambda producer: stepped(producer.close(0)),
}
every_call = pytest.mark.parametrize("call", (GENTLE | ENDING).values(), ids=GENTLE | ENDING)


def properties(broker: OneBroker, **more: Any) -> dict[str, Any]:
    return {"bootstrap.servers": broker.address} | CALM | more


@contextmanager
def handled(handler: Callable[[], object]) -> Iterator[None]:
    """Let a signal call that."""
    before = signal.signal(signal.SIGUSR1, lambda *_: handler())
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR1, before)


@contextmanager
def striking(first: int, every: int) -> Iterator[None]:
    """Send this thread a signal at a line of the producer's code, and at every so manyth from there."""
    left = first

    def at_line(_frame: FrameType, what: str, _given: object) -> Any:
        nonlocal left
        if what == "line":
            left -= 1
            if left <= 0:
                left = every
                signal.raise_signal(signal.SIGUSR1)
        return at_line

    def at_call(frame: FrameType, _what: str, _given: object) -> Any:
        return at_line if frame.f_code.co_filename.startswith(OURS) else None

    before = sys.gettrace()
    sys.settrace(at_call)
    try:
        yield
    finally:
        sys.settrace(before)


# -- one point, every call ---------------------------------------------------------------------------------------------


@every_call
@pytest.mark.parametrize("by", ["a signal's handler", "a finaliser", "a weak reference's callback"])
def test_it_is_refused_and_the_call_that_it_came_into_goes_on(by: str, call: Call) -> None:
    raised: list[BaseException] = []
    calling = Calling()

    async def story(broker: OneBroker) -> list[int]:
        async with AsyncProducer(properties(broker, **{"partitioner.class": calling})) as producer:

            def call_inside(*_: object) -> None:
                try:
                    call(producer)
                except ReentrantCallError as error:
                    raised.append(error)

            offsets = [(await producer.send_and_wait(TOPIC, b"first")).offset]
            with handled(call_inside):
                if by == "a signal's handler":
                    calling.once = lambda: signal.raise_signal(signal.SIGUSR1)
                elif by == "a finaliser":
                    calling.once = [Dropped(call_inside)].clear
                else:
                    held = [Dropped(lambda: None)]
                    reference = weakref.ref(held[0], call_inside)
                    calling.once = held.clear
                    assert reference() is not None
                offsets.append((await producer.send_and_wait(TOPIC, b"outer")).offset)
            offsets.append((await producer.send_and_wait(TOPIC, b"later")).offset)
            return offsets

    with OneBroker() as broker, Stopwatch():
        assert asyncio.run(story(broker)) == [0, 1, 2]

    assert len(raised) == 1
    assert "amid another call of this thread" in str(raised[0])
    assert broker.values == [b"first", b"outer", b"later"]


def test_a_handler_that_lets_the_error_through_costs_the_call_that_it_came_into_and_nothing_else() -> None:
    calling = Calling()

    async def story(broker: OneBroker) -> int:
        async with AsyncProducer(properties(broker, **{"partitioner.class": calling})) as producer:
            calling.once = lambda: stepped(producer.send(TOPIC, b"inner"))
            with pytest.raises(Exception, match="amid another call of this thread"):
                await producer.send(TOPIC, b"outer")
            return (await producer.send_and_wait(TOPIC, b"later")).offset

    with OneBroker() as broker, Stopwatch():
        assert asyncio.run(story(broker)) == 0


@every_call
def test_a_handler_of_the_loop_s_own_may_call_whatever_it_likes(call: Call) -> None:
    async def story(broker: OneBroker) -> None:
        async with AsyncProducer(properties(broker)) as producer:
            loop, called = asyncio.get_running_loop(), asyncio.Event()

            def handler() -> None:
                call(producer)
                called.set()

            loop.add_signal_handler(signal.SIGUSR1, handler)
            try:
                await producer.send_and_wait(TOPIC, b"first")
                signal.raise_signal(signal.SIGUSR1)
                await asyncio.wait_for(called.wait(), WAIT_S)
            finally:
                loop.remove_signal_handler(signal.SIGUSR1)

    with OneBroker() as broker, Stopwatch():
        asyncio.run(story(broker))
    assert broker.values[0] == b"first"


# -- every point -------------------------------------------------------------------------------------------------------


TAKEN_MAX = 60
"""A handler that sent wherever it may would send more than any broker takes."""


class Struck:
    """What a handler has done that called a producer wherever it struck."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.producer: AsyncProducer | None = None
        self.futures: list[Any] = []
        self.refused = self.taken = 0

    def __call__(self) -> None:
        if self.producer is None or self.taken == TAKEN_MAX:
            return
        try:
            given = self.call(self.producer)
        except ReentrantCallError:
            self.refused += 1
        except ProducerError:
            self.taken += 1  # closed by now
        else:
            self.taken += 1
            if isinstance(given, AsyncSendFuture):
                self.futures.append(given)
            elif isinstance(given, SendFutures):
                self.futures += list(given)


async def outer_story(broker: OneBroker, struck: Struck) -> list[Any]:
    """A producer from its first line to its last. Gives what became of each record, and of those of the handler."""
    async with asyncio.timeout(WAIT_S):
        producer = struck.producer = AsyncProducer(properties(broker, **{"linger.ms": 1}))
        futures: list[Any] = []
        try:
            for value in OUTER[:4]:
                futures.append(await producer.send(TOPIC, value))  # noqa: PERF401 - those before a refusal count
            futures += await producer.send_many(TOPIC, OUTER[4:8])
            await producer.flush()
            for value in OUTER[8:]:
                futures.append(await producer.send(TOPIC, value, headers=[("h", b"v")]))
            await asyncio.gather(*futures)
        except (PurgedError, ProducerClosedError, SendError):
            pass
        await producer.close()
        return [await asyncio.gather(*some, return_exceptions=True) for some in (futures, struck.futures)]


def struck_at(call: Call, first: int, every: int) -> tuple[Struck, list[Any], list[bytes | None]]:
    struck = Struck(call)
    with OneBroker() as broker, handled(struck), striking(first, every):
        told = asyncio.run(outer_story(broker, struck))
    return struck, told, broker.values


# What takes real time is not shrunk.
anywhere = settings(max_examples=6, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])


@pytest.mark.parametrize("call", GENTLE.values(), ids=GENTLE)
@anywhere
@given(first=st.integers(1, 3_000), every=st.integers(7, 199))
def test_wherever_a_signal_strikes_each_record_is_written_once_and_in_order(call: Call, first: int, every: int) -> None:
    struck, (outer, inner), values = struck_at(call, first, every)

    assert struck.refused + struck.taken
    assert [value for value in values if value != b"inner"] == OUTER
    assert all(isinstance(one, RecordMetadata) for one in (*outer, *inner))
    assert len(outer) == len(OUTER)
    # One that was refused has left nothing behind; one that waited and was given up may be queued all the same.
    assert values.count(b"inner") >= len(inner)


@pytest.mark.parametrize("call", ENDING.values(), ids=ENDING)
@anywhere
@given(first=st.integers(1, 3_000), every=st.integers(7, 199))
def test_wherever_a_signal_s_handler_purges_or_closes_each_record_has_one_end(
    call: Call, first: int, every: int
) -> None:
    struck, (outer, _), values = struck_at(call, first, every)

    assert struck.refused + struck.taken
    written = [one for one in outer if isinstance(one, RecordMetadata)]
    assert all(isinstance(one, (RecordMetadata, ProducerError)) for one in outer)
    # In order and once each, as far as they went.
    assert values == [value for value in OUTER if value in values]
    assert len(written) <= len(values)


def test_refused_and_taken_are_both_met_on_the_way() -> None:
    """Else the two properties above would say nothing of one of them."""
    struck, _, _ = struck_at(GENTLE["metrics"], 1, 97)

    assert struck.refused > 20
    assert struck.taken > 5


# -- who waits ---------------------------------------------------------------------------------------------------------


def test_a_task_that_a_collector_takes_amid_a_call_leaves_its_place_in_the_queue_behind_the_call() -> None:
    calling = Calling()

    async def story(broker: OneBroker) -> int:
        async with AsyncProducer(properties(broker, **{"partitioner.class": calling})) as producer:
            await producer.send_and_wait(TOPIC, b"first")
            waits = producer.partitions_for("elsewhere")
            waits.send(None)
            held = [waits]
            del waits
            calling.once = held.clear
            assert producer._engine._metadata_waits
            offset = (await producer.send_and_wait(TOPIC, b"outer")).offset
            assert not producer._engine._metadata_waits
            return offset

    with OneBroker() as broker, Stopwatch():
        assert asyncio.run(story(broker)) == 1
    assert broker.values == [b"first", b"outer"]
