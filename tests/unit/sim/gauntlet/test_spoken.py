"""What is said to a client program comes to it as it was meant, and what it says is understood, or refused with the line."""

from __future__ import annotations

import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.records import Record
from sim.gauntlet.programs import conversation
from sim.gauntlet.spoken import SpokenError, heard, send_line
from sim.serve.inputs import Answered, CallEnded

TEXT = st.none() | st.binary(max_size=40)
NAMES = st.from_regex(r"[a-z][a-z-]{0,10}", fullmatch=True)


@given(
    key=TEXT,
    value=TEXT,
    partition=st.none() | st.integers(0, 99),
    timestamp_ms=st.none() | st.integers(0, 2**52),
    headers=st.lists(st.tuples(NAMES, st.binary(max_size=20)), max_size=3),
)
def test_a_program_is_asked_for_the_record_that_was_meant(
    key: bytes | None,
    value: bytes | None,
    partition: int | None,
    timestamp_ms: int | None,
    headers: list[tuple[str, bytes]],
) -> None:
    line = send_line(7, Record("orders", value, key, partition, tuple(headers), timestamp_ms))

    before, sys.stdin = sys.stdin, io.StringIO(f"{line}\nflush\nclose\nnever read\n")
    try:
        asked, *words = conversation.told()
    finally:
        sys.stdin = before
    assert asked == conversation.Send(7, "orders", key, value, partition, timestamp_ms, headers)
    assert words == ["flush", "close"]


def test_what_a_program_says_comes_back_as_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    conversation.acknowledged(3, 1, 12, None)
    conversation.failed(4, ValueError("too\tlarge\nby far"), is_certain=True)
    conversation.failed(5, "local: timed out", code=-192)
    conversation.failed(6, "not enough", code=19)
    conversation.done("begin")
    conversation.refused("commit", ValueError("not\nnow"), "abortable", 47)
    conversation.closed()

    assert [heard("billing", line) for line in capsys.readouterr().out.splitlines()] == [
        Answered("billing", 3, "acknowledged", 1, 12, -1, 0, ""),
        Answered("billing", 4, "failed", -1, -1, -1, -1, "ValueError: too large by far"),
        Answered("billing", 5, "unknown", -1, -1, -1, -1, "local: timed out"),
        Answered("billing", 6, "unknown", -1, -1, -1, 19, "not enough"),
        CallEnded("billing", "begin", "done", 0, ""),
        CallEnded("billing", "commit", "abortable", 47, "ValueError: not now"),
        None,
    ]


@pytest.mark.parametrize(
    "line",
    [
        "hello",
        "acknowledged\t1",
        "acknowledged\tx\t0\t0\t0",
        "failed\t1\tperhaps\t0\twhy",
        "failed\t1\tunknown\tx\twhy",
        "done\tprepare",
        "refused\tcommit\tperhaps\t0\twhy",
        "refused\tcommit\tfatal",
        "",
    ],
)
def test_a_line_that_is_none_is_refused_and_named(line: str) -> None:
    with pytest.raises(SpokenError) as raised:
        heard("billing", line)

    assert repr(line) in str(raised.value)
