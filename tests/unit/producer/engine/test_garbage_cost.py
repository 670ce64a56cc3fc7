"""Nonsense from a broker costs no memory: a length that nothing follows allocates nothing."""

from __future__ import annotations

import contextlib
import tracemalloc
from typing import Any

import pytest

from producer.errors import MalformedError
from producer.wire import api_versions, init_producer_id, produce, sasl_authenticate, sasl_handshake
from producer.wire.api import SUPPORTED, ApiKey
from producer.wire.frames import FrameReader
from producer.wire.metadata import decode_response as decode_metadata

INT_MAX = 2**31 - 1
DECODERS = [
    (ApiKey.API_VERSIONS, api_versions.decode_response),
    (ApiKey.METADATA, decode_metadata),
    (ApiKey.INIT_PRODUCER_ID, init_producer_id.decode_response),
    (ApiKey.PRODUCE, produce.decode_response),
    (ApiKey.SASL_HANDSHAKE, sasl_handshake.decode_response),
    (ApiKey.SASL_AUTHENTICATE, sasl_authenticate.decode_response),
]


@pytest.mark.parametrize("length", [b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff\x07"], ids=["int32", "varint"])
@pytest.mark.parametrize(("api", "decode"), DECODERS, ids=[api.name for api, _ in DECODERS])
def test_a_length_that_nothing_follows_allocates_nothing(api: ApiKey, decode: Any, length: bytes) -> None:
    lowest, highest = SUPPORTED[api]
    tracemalloc.start()
    try:
        for version in range(lowest, highest + 1):
            for zeros in range(40):
                with contextlib.suppress(MalformedError):
                    decode(bytes(zeros) + length + bytes(200), version)
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
