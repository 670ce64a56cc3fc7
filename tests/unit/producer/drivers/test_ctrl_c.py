"""Ctrl-C ends a wait, and leaves nothing behind: on real sockets."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from producer import Producer
from producer.errors import (
    SendError,
)
from tests.unit.producer.drivers.one_broker import TOPIC, Behaviour, OneBroker
from tests.unit.producer.drivers.patience import WAIT_S, Stopwatch, calm, eventually


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
        producer = calm(broker)
        for call in (lambda: producer.send(TOPIC, b"v"), lambda: producer.partitions_for(TOPIC)):
            press_ctrl_c(lambda: waits(producer))
            with pytest.raises(KeyboardInterrupt):
                call()
            assert not producer._engine._metadata_waits
        broker.is_mute = False
        broker.end_connections()

        assert producer.send(TOPIC, b"w").result(WAIT_S).offset == 0
        producer.close()
        assert broker.values == [b"w"]


def test_ctrl_c_ends_the_wait_for_room_and_leaves_no_place_in_the_queue(press_ctrl_c: Any) -> None:
    with OneBroker(*[Behaviour.SILENT] * 100) as broker, Stopwatch():
        producer = calm(broker, buffer_memory=1_000, batch_size=1_000)
        first = producer.send(TOPIC, bytes(800))
        press_ctrl_c(lambda: waits(producer))
        with pytest.raises(KeyboardInterrupt):
            producer.send(TOPIC, bytes(800))
        assert not producer._engine._buffer.has_waiters
        broker.behaviours.clear()
        producer.purge()
        broker.end_connections()

        assert first.exception(WAIT_S) is not None
        # Whoever waited before it would be waited for, for ever.
        assert producer.send(TOPIC, bytes(800)).exception(WAIT_S) is None
        producer.close()


@pytest.mark.parametrize("ends", ["flush", "close"])
def test_ctrl_c_ends_flush_and_close_and_the_producer_can_still_be_closed(press_ctrl_c: Any, ends: str) -> None:
    with OneBroker(Behaviour.SILENT) as broker, Stopwatch():
        producer = calm(broker)
        sent = producer.send(TOPIC, b"v")
        press_ctrl_c(lambda: waits(producer))
        with pytest.raises(KeyboardInterrupt):
            producer.flush() if ends == "flush" else producer.close()
        assert not sent.done()
        producer.close(0)

        assert isinstance(sent.exception(0), SendError)
        assert not producer._thread.is_alive()
