"""Input becomes records piece by piece: any delimiter, any seam between chunks, no more held than one record."""

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cli.delimiters import delimiter, unescaped
from sim.cli.endings import CommandError
from sim.cli.input_records import CHUNK_BYTES, Input, Line, Reading
from sim.stories.workload import LineError


class Chunks:
    """A stream that gives what it has in chunks of somebody's choice."""

    def __init__(self, chunks: list[bytes]) -> None:
        self._left = list(chunks)

    def read1(self, size: int, /) -> bytes:
        return self._left.pop(0) if self._left else b""


class Endless:
    """A long stream that nobody holds."""

    def __init__(self, chunk: bytes, times: int) -> None:
        self._chunk = chunk
        self._left = times

    def read1(self, size: int, /) -> bytes:
        self._left -= 1
        return self._chunk if self._left >= 0 else b""


def records(chunks: list[bytes], **reading: object) -> list[Line]:
    how = {"delimiter": b"\n", "separator": None, "key": None, "null_marker": None, **reading}
    return list(Input(Chunks(chunks), "stdin", Reading(**how)))  # type: ignore[arg-type]


def values(chunks: list[bytes], **reading: object) -> list[bytes | None]:
    return [one.value for one in records(chunks, **reading)]


def test_lines_are_records_and_the_last_needs_no_newline() -> None:
    assert values([b"a\nb\r\n\nc"]) == [b"a", b"b", b"", b"c"]
    assert values([b"a\n"]) == [b"a"]
    assert values([]) == []


def test_a_carriage_return_belongs_to_the_record_where_newlines_end_none() -> None:
    assert values([b"a\r;b\n;"], delimiter=b";") == [b"a\r", b"b\n"]


@given(
    pieces=st.lists(st.binary(max_size=6).filter(lambda one: b"<>" not in one and not one.endswith(b"<")), max_size=6),
    cuts=st.lists(st.integers(0, 60), max_size=8),
)
def test_seams_between_chunks_change_nothing(pieces: list[bytes], cuts: list[int]) -> None:
    whole = b"".join(one + b"<>" for one in pieces)
    places = sorted({min(cut, len(whole)) for cut in cuts} | {0, len(whole)})
    chunks = [whole[begin:end] for begin, end in pairwise(places)]

    assert values(chunks, delimiter=b"<>") == pieces


def test_a_key_stands_before_the_first_separator() -> None:
    assert records([b"k=>v=>w\n"], separator=b"=>") == [Line(b"k", b"v=>w")]
    assert records([b"v\n"], key=b"fixed") == [Line(b"fixed", b"v")]


def test_what_is_empty_is_null_where_it_is_asked_for() -> None:
    assert records([b":v\nk:\n"], separator=b":", null_marker=b"") == [Line(None, b"v"), Line(b"k", None)]
    assert records([b":v\nk:\n"], separator=b":") == [Line(b"", b"v"), Line(b"k", b"")]


def test_a_record_without_its_separator_is_named() -> None:
    with pytest.raises(LineError, match="stdin, line 2: no ':' between key and value: 'nokey'"):
        records([b"a:1\nnokey\n"], separator=b":")


def test_a_long_stream_is_read_in_constant_memory() -> None:
    chunk = (b"x" * 99 + b"\n") * 655
    stream = Input(Endless(chunk, 400), "stdin", Reading(b"\n", None, None, None))
    tracemalloc.start()
    try:
        count = sum(1 for _ in stream)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert count == 655 * 400
    assert stream.bytes_read == len(chunk) * 400 > 26_000_000
    assert most < 8 * CHUNK_BYTES


def test_a_stream_without_a_delimiter_is_given_up_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.cli.input_records.RECORD_BYTES_MAX", 1 << 20)

    with pytest.raises(CommandError, match=r"stdin: no delimiter b'\\n' within 1 MiB; -D says which it is"):
        list(Input(Endless(b"x" * CHUNK_BYTES, 1_000), "stdin", Reading(b"\n", None, None, None)))


@pytest.mark.parametrize(
    "text, found",
    [
        ("\\n", b"\n"), ("\\t", b"\t"), ("\\r\\n", b"\r\n"), ("\\x1f", b"\x1f"), ("\\x1", b"\x01"), ("\\0", b"\x00"),
        ("\\036", b"\x1e"), ("\\\\n", b"\\n"), (":", b":"), ("→", "→".encode()), ("\udcff", b"\xff"), ("a\\tb", b"a\tb"),
    ],
)  # fmt: skip
def test_escapes_stand_for_bytes(text: str, found: bytes) -> None:
    assert unescaped(text, option="-D") == found


@pytest.mark.parametrize(
    "text, said", [("\\q", r"-D '\\\\q': '\\\\q' is none of"), ("a\\", "is none of"), ("\\xg", "is none of"), ("\\777", "is none of")]
)  # fmt: skip
def test_an_escape_that_is_none_is_named(text: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        unescaped(text, option="-D")


def test_an_empty_delimiter_is_refused() -> None:
    with pytest.raises(CommandError, match="-K is empty"):
        delimiter("", option="-K")
