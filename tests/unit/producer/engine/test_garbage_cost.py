"""Nonsense from a broker costs no memory: a length that nothing follows allocates nothing."""

from __future__ import annotations

import contextlib

import pytest

from producer.errors import MalformedError
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.frames import FrameReader
from tests.memory import peak_bytes_of

INT_MAX = 2**31 - 1


@pytest.mark.parametrize("length", [b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff\x07"], ids=["int32", "varint"])
@pytest.mark.parametrize("api", ApiKey, ids=lambda api: api.name)
def test_a_length_that_nothing_follows_allocates_nothing(api: ApiKey, length: bytes) -> None:
    lowest, highest = api.versions
    response = api.message("response")
    for version in range(lowest, highest + 1):
        # Compiled once, which costs more than any length.
        decode(response, encode(response(), version), version)

    def read_nonsense() -> None:
        for version in range(lowest, highest + 1):
            for zeros in range(40):
                with contextlib.suppress(MalformedError):
                    decode(response, bytes(zeros) + length + bytes(200), version)

    assert peak_bytes_of(read_nonsense) < 50_000


def test_what_is_taken_each_time_is_found() -> None:
    assert peak_bytes_of(lambda: bytes(60_000)) >= 60_000


@pytest.mark.parametrize("announced", [INT_MAX, 100 * 1024 * 1024, -1])
def test_an_announced_frame_takes_no_more_memory_than_what_came_of_it(announced: int) -> None:
    def read_announcement() -> None:
        with contextlib.suppress(MalformedError):
            assert FrameReader().feed(announced.to_bytes(4, "big", signed=True) + bytes(1_000)) == []

    assert peak_bytes_of(read_announcement) < 50_000
