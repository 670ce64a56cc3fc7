"""Each codec gives back what it took, gives the same bytes each time, and cannot be made to blow up."""

import gzip
import zlib
from time import process_time

import cramjam
import lz4.frame
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import MalformedError, UsageError
from producer.wire.compression import Codec, compress, decompress

SQUEEZING = [codec for codec in Codec if codec is not Codec.NONE]
LONG = bytes(range(256)) * 1_000


@pytest.mark.parametrize("codec", Codec)
@pytest.mark.parametrize("data", [b"", b"a", b"hello " * 500, LONG], ids=len)
def test_what_goes_in_comes_out(codec: Codec, data: bytes) -> None:
    assert decompress(codec, compress(codec, data), len(data)) == data


@pytest.mark.parametrize("codec", SQUEEZING)
def test_one_byte_more_than_allowed_is_malformed_and_names_the_codec(codec: Codec) -> None:
    with pytest.raises(MalformedError, match=codec.name.lower()):
        decompress(codec, compress(codec, LONG), len(LONG) - 1)


def test_too_much_uncompressed_is_malformed() -> None:
    with pytest.raises(MalformedError, match="none"):
        decompress(Codec.NONE, b"abc", 2)


@pytest.mark.parametrize("codec", SQUEEZING)
def test_a_bomb_is_refused(codec: Codec) -> None:
    bomb = compress(codec, bytes(20_000_000))

    with pytest.raises(MalformedError, match=codec.name.lower()):
        decompress(codec, bomb, 1_000)


def test_a_zstd_bomb_that_does_not_tell_its_size_is_refused() -> None:
    squeezer = zstandard.ZstdCompressor().compressobj()
    bomb = squeezer.compress(bytes(50_000_000)) + squeezer.flush()

    with pytest.raises(MalformedError, match="zstd"):
        decompress(Codec.ZSTD, bomb, 1_000)


@pytest.mark.parametrize("codec", SQUEEZING)
def test_each_truncation_is_malformed(codec: Codec) -> None:
    data = b"hello " * 500
    whole = compress(codec, data)

    for size in range(1, len(whole)):
        if codec is Codec.SNAPPY and 16 <= size < 20:
            # Snappy's frame has no end: a cut between header and block, or in a block's length, is one that nobody can see.
            assert decompress(codec, whole[:size], 10_000) == b""
            continue
        with pytest.raises(MalformedError):
            decompress(codec, whole[:size], 10_000)


@pytest.mark.parametrize("codec", SQUEEZING)
@given(data=st.binary(max_size=60))
def test_garbage_is_malformed_or_bytes(codec: Codec, data: bytes) -> None:
    try:
        plain = decompress(codec, data, 1 << 20)
    except MalformedError:
        return
    assert len(plain) <= 1 << 20


@pytest.mark.parametrize("codec", SQUEEZING)
@given(data=st.data())
def test_a_flipped_bit_is_malformed_or_bytes(codec: Codec, data: st.DataObject) -> None:
    whole = bytearray(compress(codec, b"hello " * 50))
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8

    try:
        plain = decompress(codec, bytes(whole), 1 << 16)
    except MalformedError:
        return
    assert len(plain) <= 1 << 16


def test_garbage_behind_the_last_member_of_gzip_is_left_alone_as_in_java() -> None:
    assert decompress(Codec.GZIP, compress(Codec.GZIP, b"hello") + b"garbage", 1_000) == b"hello"
    with pytest.raises(MalformedError):
        decompress(Codec.GZIP, compress(Codec.GZIP, b"hello") + b"\x1f\x8bgarbage", 1_000)


def test_lz4_blocks_that_depend_on_each_other_are_refused_as_in_java() -> None:
    linked = lz4.frame.compress(b"hello" * 50_000, block_linked=True, block_size=lz4.frame.BLOCKSIZE_MAX64KB)

    with pytest.raises(MalformedError, match="depend on each other"):
        decompress(Codec.LZ4, linked, 1_000_000)


def test_what_follows_the_frame_is_read_as_far_as_java_reads_it() -> None:
    def behind(codec: Codec, rest: bytes) -> bytes:
        return decompress(codec, compress(codec, b"hello") + rest, 1_000)

    assert behind(Codec.LZ4, b"garbage") == b"hello"
    assert behind(Codec.LZ4, compress(Codec.LZ4, b" again")) == b"hello"
    assert behind(Codec.SNAPPY, b"abc") == b"hello"
    assert behind(Codec.SNAPPY, compress(Codec.SNAPPY, b" again")) == b"hello again"
    assert behind(Codec.ZSTD, compress(Codec.ZSTD, b" again")) == b"hello again"
    assert decompress(Codec.ZSTD, b"", 1_000) == b""
    with pytest.raises(MalformedError):
        behind(Codec.SNAPPY, b"garbage")
    with pytest.raises(MalformedError):
        behind(Codec.ZSTD, b"garbage")
    with pytest.raises(MalformedError):
        decompress(Codec.ZSTD, compress(Codec.ZSTD, b"hello" * 3_000) * 2, 20_000)


def test_gzip_is_a_gzip_file_without_a_time_in_it() -> None:
    squeezed = compress(Codec.GZIP, b"hello")

    assert gzip.decompress(squeezed) == b"hello"
    assert squeezed[4:8] == bytes(4)


def test_gzip_members_one_behind_the_other_are_one_stream() -> None:
    assert decompress(Codec.GZIP, gzip.compress(b"one ") + gzip.compress(b"two"), 7) == b"one two"


def test_gzip_members_without_end_cost_no_more_than_their_bytes() -> None:
    members = compress(Codec.GZIP, b"") * 100_000 + compress(Codec.GZIP, b"last")

    begun_s = process_time()
    assert decompress(Codec.GZIP, members) == b"last"
    # Copying what follows each of them took ten times as long.
    assert process_time() - begun_s < 2


def test_snappy_is_read_with_and_without_its_frame() -> None:
    raw = bytes(cramjam.snappy.compress_raw(LONG))

    assert decompress(Codec.SNAPPY, raw, len(LONG)) == LONG
    assert compress(Codec.SNAPPY, LONG).startswith(b"\x82SNAPPY\x00\x00\x00\x00\x01\x00\x00\x00\x01")


def test_lz4_blocks_are_independent_as_kafka_demands() -> None:
    assert not lz4.frame.get_frame_info(compress(Codec.LZ4, LONG))["block_linked"]


def test_lz4_level_9_is_the_fast_one_as_in_java() -> None:
    assert compress(Codec.LZ4, LONG, 9) == compress(Codec.LZ4, LONG, None)
    assert compress(Codec.LZ4, LONG, 9) == lz4.frame.compress(LONG, compression_level=0, block_linked=False)
    assert compress(Codec.LZ4, LONG, 17) == lz4.frame.compress(LONG, compression_level=12, block_linked=False)


def test_levels_reach_gzip_and_zstd() -> None:
    assert compress(Codec.GZIP, LONG, 1) != compress(Codec.GZIP, LONG, 9)
    assert zlib.decompress(compress(Codec.GZIP, LONG, 1), 31) == LONG
    assert compress(Codec.ZSTD, LONG, -5) != compress(Codec.ZSTD, LONG, 19)


@pytest.mark.parametrize("codec, level", [(Codec.GZIP, 10), (Codec.ZSTD, 1_000)])
def test_a_level_that_the_codec_has_not_is_the_callers_error(codec: Codec, level: int) -> None:
    with pytest.raises(UsageError, match=str(level)):
        compress(codec, b"hello", level)
