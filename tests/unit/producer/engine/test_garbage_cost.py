"""Nonsense from a broker costs no memory: a length that nothing follows allocates nothing."""

from __future__ import annotations

import contextlib
import tracemalloc

import pytest

from producer.errors import MalformedError
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.frames import FrameReader

INT_MAX = 2**31 - 1


@pytest.mark.parametrize("length", [b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff\x07"], ids=["int32", "varint"])
@pytest.mark.parametrize("api", ApiKey, ids=lambda api: api.name)
def test_a_length_that_nothing_follows_allocates_nothing(api: ApiKey, length: bytes) -> None:
    lowest, highest = api.versions
    response = api.message("response")
    for version in range(lowest, highest + 1):
        # Compiled once, which costs more than any length.
        decode(response, encode(response(), version), version)
    tracemalloc.start()
    try:
        for version in range(lowest, highest + 1):
            for zeros in range(40):
                with contextlib.suppress(MalformedError):
                    decode(response, bytes(zeros) + length + bytes(200), version)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak_bytes < 200_000


@pytest.mark.parametrize("announced", [INT_MAX, 100 * 1024 * 1024, -1])
def test_an_announced_frame_takes_no_more_memory_than_what_came_of_it(announced: int) -> None:
    reader = FrameReader()
    tracemalloc.start()
    try:
        with contextlib.suppress(MalformedError):
            assert reader.feed(announced.to_bytes(4, "big", signed=True) + bytes(1_000)) == []
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak_bytes < 50_000
