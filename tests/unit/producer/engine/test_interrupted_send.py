"""Ctrl-C in the middle of `send`, at any line of it: the producer goes on, and no key is written with another's value.

Python runs a signal's handler in the main thread between any two steps of whatever is at work there, and what the handler
raises goes through it. So each test raises at each line of the engine in turn, lets the engine mend, and goes on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import producer
from producer.events import BatchDelivered
from producer.records import Record
from tests.builds import pure_only
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster

pytestmark = pure_only("it interrupts at each line, and compiled code has none")

ENGINE = str(Path(producer.__file__).parent)
ROUNDS_MAX = 400
PLAIN = range(50, 60)
"""Records that `append` can take: they have no headers."""


class CtrlC(BaseException):
    """What a signal's handler raises."""


def record(number: int, size: int = 0) -> Record:
    headers = (("number", b"%d" % number),) if number % 3 == 0 and number not in PLAIN else ()
    return Record("orders", b"%d " % number + bytes(size), b"%d" % number, 0, headers)


class Interrupted:
    """One engine, and one call of it that is interrupted at its nth line."""

    def __init__(self, prepare: Callable[[Interrupted], None], **properties: Any) -> None:
        given = {"buffer_memory": 4_000, "batch_size": 1_000, "linger_ms": 5} | properties
        self.cluster = ScriptedCluster(observes=False, **given)
        self.written: list[tuple[bytes | None, bytes | None, Any]] = []
        self.sent: list[int] = []
        self.send(0)
        self.cluster.advance(SECOND_US)
        self.answer_all()
        prepare(self)

    def call_until(self, line: int, call: Callable[[], object]) -> bool:
        """Make the call, and interrupt it at that line. Returns whether it got there."""
        lines = 0

        def count(frame: FrameType, event: str, _: object) -> Any:
            nonlocal lines
            if not frame.f_code.co_filename.startswith(ENGINE):
                return None
            if event == "line":
                lines += 1
                if lines == line:
                    raise CtrlC
            return count

        before = sys.gettrace()
        sys.settrace(count)
        try:
            call()
        except CtrlC:
            return True
        finally:
            sys.settrace(before)
        return False

    def send(self, number: int, size: int = 0) -> None:
        engine, wait = self.cluster.engine, None
        for _ in range(ROUNDS_MAX):
            wait = engine.send(record(number, size), number, now_us=self.cluster.now_us, wait=wait)
            self.cluster.settle()
            if wait is None:
                self.sent.append(number)
                return
            self.answer_all()
            self.cluster.advance(10_000)
        raise AssertionError(f"record {number} waits for ever")

    def answer_all(self) -> None:
        while self.cluster.waiting:
            request = self.cluster.waiting[0]
            base_offset = len(self.written)
            self.written += [(one.key, one.value, one.headers) for one in request.records]
            self.cluster.answer(request, base_offset=base_offset)

    def finish(self) -> None:
        """Send more, end everything, and look whether all is as if nothing had happened but for one record, perhaps."""
        for number in range(100, 120):
            self.send(number, size=150)
        for _ in range(100):
            self.answer_all()
            self.cluster.advance(SECOND_US // 10)
        engine = self.cluster.engine
        told = [
            (token, answer.metadata.base_offset + place)
            for answer in self.cluster.answers
            if isinstance(answer, BatchDelivered)
            for place, token in enumerate(answer.tokens)
        ]
        assert engine.is_idle
        assert engine._buffer.free_bytes == engine._buffer.total_bytes
        assert not engine._buffer.has_waiters
        assert not engine._metadata_waits
        for key, value, headers in self.written:
            number = int(key or b"")
            assert value is not None
            assert value.startswith(b"%d " % number), f"{key!r} has the value {value[:20]!r}"
            assert headers == record(number).headers
        for token, offset in told:
            assert self.written[offset][0] == b"%d" % token
        numbers = [token for token, _ in told]
        assert [number for number in numbers if number in self.sent] == self.sent
        assert set(numbers) - set(self.sent) <= set(range(50, 100))


def lines_of(
    prepare: Callable[[Interrupted], None], call: Callable[[Interrupted], object], **properties: Any
) -> Iterator[Interrupted]:
    """Interrupt a call at its first line, its second, and so on; each on an engine of its own."""
    for line in range(1, 2_000):
        one = Interrupted(prepare, **properties)
        if not one.call_until(line, lambda one=one: call(one)):  # type: ignore[misc]
            assert line > 10, "hardly a line was interrupted"
            return
        one.cluster.engine.mend()
        yield one
    raise AssertionError("the call has no end")


def nothing(_: Interrupted) -> None:
    """The record opens a batch."""


def a_record(one: Interrupted) -> None:
    """The record goes into a batch that is there."""
    one.cluster.engine.send(record(1), 1, now_us=one.cluster.now_us)
    one.sent.append(1)


def a_full_batch(one: Interrupted) -> None:
    """The record seals one batch, and opens another."""
    for number in (1, 2, 3):
        one.cluster.engine.send(record(number, 270), number, now_us=one.cluster.now_us)
        one.sent.append(number)


def a_full_buffer(one: Interrupted) -> None:
    """The record has to wait."""
    for number in (1, 2, 3, 4):
        one.cluster.engine.send(record(number, 800), number, now_us=one.cluster.now_us)
        one.sent.append(number)


def send(one: Interrupted) -> object:
    return one.cluster.engine.send(record(51, 270), 51, now_us=one.cluster.now_us)


def send_with_headers(one: Interrupted) -> object:
    return one.cluster.engine.send(record(60, 100), 60, now_us=one.cluster.now_us)


def send_to_another_topic(one: Interrupted) -> object:
    return one.cluster.engine.send(Record("unheard-of", b"v"), 51, now_us=one.cluster.now_us)


def append(one: Interrupted) -> object:
    one.cluster.engine._keyed.partition_for(b"51", 1)
    return one.cluster.engine.append("orders", b"51", b"51 ", 51, one.cluster.now_us // 1_000)


def append_run(one: Interrupted) -> object:
    engine = one.cluster.engine
    keys, values = [b"%d" % number for number in PLAIN], [b"%d " % number for number in PLAIN]
    (run,) = engine.runs("orders", keys, values, list(PLAIN))
    return engine.append_run("orders", run, 0, one.cluster.now_us // 1_000)


@pytest.mark.parametrize(
    "prepare,call",
    [
        (nothing, send),
        (nothing, send_with_headers),
        (nothing, send_to_another_topic),
        (a_record, send),
        (a_record, send_with_headers),
        (a_record, append),
        (a_record, append_run),
        (a_full_batch, send),
        (a_full_buffer, send),
    ],
    ids=lambda one: one.__name__,
)
def test_an_interruption_at_any_line_costs_nothing_but_perhaps_the_record_itself(
    prepare: Callable[[Interrupted], None], call: Callable[[Interrupted], object]
) -> None:
    for one in lines_of(prepare, call):
        one.finish()


@pytest.mark.parametrize("prepare", [nothing, a_record, a_full_batch], ids=lambda one: one.__name__)
def test_what_was_queued_leaves_in_its_time_and_a_batch_that_stayed_empty_does_not(
    prepare: Callable[[Interrupted], None],
) -> None:
    for one in lines_of(prepare, send):
        engine = one.cluster.engine
        queued = [token for queue in engine._accumulator.waiting() for batch in queue.batches for token in batch.tokens]

        assert engine.is_idle is not bool(queued)
        one.cluster.settle()
        one.cluster.advance(SECOND_US)

        assert sum(len(request.records) for request in one.cluster.waiting) == len(queued)
        one.finish()
