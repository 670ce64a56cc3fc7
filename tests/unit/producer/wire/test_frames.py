"""Frames come out whole and in order, however the stream cuts them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import MalformedError
from producer.wire.frames import FrameReader, frame


@given(st.lists(st.binary(max_size=50), max_size=20), st.data())
def test_frames_survive_any_cut(payloads: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(map(frame, payloads))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    reader = FrameReader()

    out: list[bytes] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        out += reader.feed(stream[start:end])

    assert out == payloads
    assert reader.held_bytes == 0


def test_one_byte_at_a_time_is_enough() -> None:
    reader = FrameReader()

    out = [whole for byte in frame(b"hello") + frame(b"") for whole in reader.feed(bytes([byte]))]

    assert out == [b"hello", b""]


def test_a_frame_of_the_largest_size_is_read() -> None:
    assert FrameReader(frame_bytes_max=5).feed(frame(b"12345")) == [b"12345"]


@pytest.mark.parametrize("length", [-1, -(1 << 31), 6, (1 << 31) - 1])
def test_a_length_out_of_range_is_malformed_and_named(length: int) -> None:
    with pytest.raises(MalformedError, match=str(length)):
        FrameReader(frame_bytes_max=5).feed(length.to_bytes(4, "big", signed=True))


def test_frames_before_nonsense_are_given_and_then_it_is_named() -> None:
    reader = FrameReader()

    assert reader.feed(frame(b"one") + frame(b"two") + b"\xff\xff\xff\xfe") == [b"one", b"two"]
    assert reader.is_malformed
    with pytest.raises(MalformedError, match="a frame of -2 bytes"):
        reader.feed(b"")


@pytest.mark.parametrize(
    "record", [b"\x15\x03\x03\x00\x02\x02\x50", b"\x16\x03\x03\x00\x7a"], ids=["alert", "handshake"]
)
def test_a_peer_that_speaks_tls_is_named_rather_than_a_length(record: bytes) -> None:
    with pytest.raises(MalformedError, match=r"speaks TLS: security\.protocol must be SSL or SASL_SSL"):
        FrameReader().feed(record)


def test_a_large_frame_in_small_chunks_is_held_in_chunks() -> None:
    reader = FrameReader()
    whole = frame(bytes(1_000_000))

    for start in range(0, len(whole) - 100, 100):
        assert reader.feed(whole[start : start + 100]) == []

    # Joined at each chunk, this would copy five gigabytes.
    assert reader.held_bytes == len(whole) // 100 * 100
    assert reader.feed(whole[reader.held_bytes :]) == [whole[4:]]
