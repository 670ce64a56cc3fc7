"""A producer that is called amid a call of the same thread: by a signal's handler, a finaliser, its own partitioner."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest

from producer import Partitioner, Producer
from producer.errors import ProducerClosedError, ReentrantCallError
from producer.records import Record
from tests.unit.producer.drivers.one_broker import TOPIC, OneBroker
from tests.unit.producer.drivers.patience import CALM, WAIT_S, Stopwatch, calm, eventually

CALLS: dict[str, Callable[[Producer], object]] = {
    "send": lambda producer: producer.send(TOPIC, b"inner"),
    "send, the long way": lambda producer: producer.send(TOPIC, b"inner", headers=[("h", b"v")]),
    "send_record": lambda producer: producer.send_record(Record(TOPIC, b"inner")),
    "send_many": lambda producer: producer.send_many(TOPIC, [b"inner"] * 3),
    "flush": lambda producer: producer.flush(),
    "partitions_for": lambda producer: producer.partitions_for(TOPIC),
    "partition_count": lambda producer: producer.partition_count(TOPIC),
    "cluster": lambda producer: producer.cluster(),
    "metrics": lambda producer: producer.metrics(),
    "learn": lambda producer: producer.learn(TOPIC),
    "await_change": lambda producer: producer.await_change(producer.changes, WAIT_S),
    "purge": lambda producer: producer.purge(),
    "close": lambda producer: producer.close(),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


class Dropped:
    def __init__(self, finalise: Callable[[], object]) -> None:
        self.finalise = finalise

    def __del__(self) -> None:
        self.finalise()


class Calling(Partitioner):
    """It is asked amid `send`, and has something done there once."""

    def __init__(self) -> None:
        self.once: Callable[[], object] | None = None

    def partition(self, _record: Record, _partitions: Any) -> int:
        once, self.once = self.once, None
        if once is not None:
            once()
        return 0


@every_call
@pytest.mark.parametrize("by", ["a signal's handler", "a finaliser"])
def test_it_is_refused_and_the_call_that_it_came_into_goes_on(by: str, call: Callable[[Producer], object]) -> None:
    raised: list[BaseException] = []
    calling = Calling()

    def call_inside(*_: object) -> None:
        try:
            call(producer)
        except ReentrantCallError as error:
            raised.append(error)

    def interrupt() -> None:
        before = signal.signal(signal.SIGUSR1, call_inside)
        signal.raise_signal(signal.SIGUSR1)
        signal.signal(signal.SIGUSR1, before)

    with OneBroker() as broker, Stopwatch():
        properties = {"bootstrap.servers": broker.address} | CALM | {"partitioner.class": calling}
        with Producer(properties) as producer:
            producer.send(TOPIC, b"first").result(WAIT_S)
            if by == "a finaliser":
                calling.once = [Dropped(call_inside)].clear
            else:
                calling.once = interrupt
            assert producer.send(TOPIC, b"outer").result(WAIT_S).offset == 1
            assert producer.send(TOPIC, b"later").result(WAIT_S).offset == 2

    assert len(raised) == 1
    assert "amid another call of this thread" in str(raised[0])
    assert broker.values == [b"first", b"outer", b"later"]


def test_a_handler_that_lets_the_error_through_costs_the_call_that_it_came_into_and_nothing_else() -> None:
    calling = Calling()
    with OneBroker() as broker, Stopwatch():
        properties = {"bootstrap.servers": broker.address} | CALM | {"partitioner.class": calling}
        with Producer(properties) as producer:
            calling.once = lambda: producer.send(TOPIC, b"inner")
            with pytest.raises(Exception, match="amid another call of this thread"):
                producer.send(TOPIC, b"outer")
            assert producer.send(TOPIC, b"later").result(WAIT_S).offset == 0


def test_a_handler_may_close_what_waits_in_send() -> None:
    def close(*_: object) -> None:
        producer.close(0)

    before = signal.signal(signal.SIGUSR1, close)
    try:
        with OneBroker(is_mute=True) as broker, Stopwatch():
            producer = calm(broker)

            def interrupt() -> None:
                eventually(lambda: producer._changed._waiters)  # type: ignore[attr-defined]
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

            thread = threading.Thread(target=interrupt)
            thread.start()
            with pytest.raises(ProducerClosedError):
                producer.send(TOPIC, b"v")
            thread.join(WAIT_S)
            assert not producer._thread.is_alive()
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_a_future_may_be_listened_to_by_whoever_comes_into_listening_to_another() -> None:
    heard: list[int] = []
    with OneBroker() as broker, calm(broker) as producer, Stopwatch():
        futures = [producer.send(TOPIC, b"v") for _ in range(2)]

        class Callbacks(list[Any]):
            def append(self, callback: Any) -> None:
                futures[1].add_done_callback(lambda future: heard.append(future.result().offset))
                super().append(callback)

        futures[0]._callbacks = Callbacks()
        futures[0].add_done_callback(lambda future: heard.append(future.result().offset))
        producer.flush(WAIT_S)

    assert sorted(heard) == [0, 1]
