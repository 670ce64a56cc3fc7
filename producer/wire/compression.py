"""The five codecs of a record batch, each way: what a broker accepts, the same bytes every time, and no zip bombs."""

from __future__ import annotations

import zlib
from enum import IntEnum
from struct import Struct

import cramjam
import lz4.frame
import zstandard

from producer.errors import MalformedError, UsageError
from producer.wire.varint import decode_unsigned

DECOMPRESSED_BYTES_MAX = 128 * 1024 * 1024
"""What one batch may grow to unless the caller says otherwise."""


class Codec(IntEnum):
    """The low three bits of a batch's attributes."""

    NONE = 0
    GZIP = 1
    SNAPPY = 2
    LZ4 = 3
    ZSTD = 4


_INT32 = Struct(">i")
_GZIP_FORMAT = 31
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_BITE_BYTES = 4_096
_LZ4_LEVEL_DEFAULT = 9
_LZ4_LEVEL_FAST = 0
_LZ4_LEVELS_HIGH = (3, 12)
_LZ4_FLAGS_AT = 4
_LZ4_INDEPENDENT = 0x20
_ZSTD_LEVEL_DEFAULT = 3
_ZSTD_BITE_BYTES = 1_024
"""Fed in bites: four bytes can grow to 128 KiB (an RLE block), so a bite overshoots by 32 MiB at most."""

_XERIAL_MAGIC = b"\x82SNAPPY\x00"
_XERIAL_HEADER = _XERIAL_MAGIC + _INT32.pack(1) + _INT32.pack(1)
_XERIAL_BLOCK_BYTES = 32 * 1024


def compress(codec: Codec, data: bytes, level: int | None = None) -> bytes:
    """Compress with the level of compression.<codec>.level, None for Kafka's default; equal input gives equal output.

    Raises UsageError for a level the codec does not have.
    """
    if codec is Codec.NONE:
        return data
    try:
        if codec is Codec.GZIP:
            # zlib writes the gzip header itself, without time or name in it.
            squeezer = zlib.compressobj(-1 if level is None else level, zlib.DEFLATED, _GZIP_FORMAT)
            return squeezer.compress(data) + squeezer.flush()
        if codec is Codec.SNAPPY:
            return _compress_xerial(data)
        if codec is Codec.LZ4:
            return _compress_lz4(data, level)
        # A compressor must not be shared by threads, and it lets go of the GIL: so a new one each time.
        return zstandard.ZstdCompressor(level=_ZSTD_LEVEL_DEFAULT if level is None else level).compress(data)
    except (ValueError, zlib.error, OverflowError) as error:
        msg = f"{codec.name.lower()} level {level}: {error}"
        raise UsageError(msg) from error


def _compress_lz4(data: bytes, level: int | None) -> bytes:
    # In Java the default, 9, selects the *fast* compressor and any other level the high one (Lz4BlockOutputStream).
    lowest, highest = _LZ4_LEVELS_HIGH
    is_fast = level is None or level == _LZ4_LEVEL_DEFAULT
    strength = _LZ4_LEVEL_FAST if is_fast else min(max(level or 0, lowest), highest)
    # Kafka refuses linked blocks.
    squeezed: bytes = lz4.frame.compress(data, compression_level=strength, block_linked=False)
    return squeezed


def _compress_xerial(data: bytes) -> bytes:
    """Frame snappy as snappy-java (xerial) does: a header, then blocks behind their length, big endian."""
    parts = [_XERIAL_HEADER]
    for start in range(0, len(data), _XERIAL_BLOCK_BYTES):
        block = bytes(cramjam.snappy.compress_raw(data[start : start + _XERIAL_BLOCK_BYTES]))
        parts += (_INT32.pack(len(block)), block)
    return b"".join(parts)


def decompress(codec: Codec, data: bytes, size_max: int = DECOMPRESSED_BYTES_MAX) -> bytes:
    """Decompress to at most `size_max` bytes. Raises MalformedError, naming the codec, for bad data or more bytes."""
    if codec is Codec.NONE:
        if len(data) > size_max:
            raise _too_large(codec, size_max)
        return data
    try:
        if codec is Codec.GZIP:
            return _decompress_gzip(data, size_max)
        if codec is Codec.SNAPPY:
            return _decompress_snappy(data, size_max)
        if codec is Codec.LZ4:
            return _decompress_lz4(data, size_max)
        return _decompress_zstd(data, size_max)
    except (zlib.error, RuntimeError, zstandard.ZstdError, cramjam.DecompressionError, ValueError, EOFError) as error:
        msg = f"{codec.name.lower()} in {len(data)} bytes: {error}"
        raise MalformedError(msg) from error


def _too_large(codec: Codec, size_max: int) -> MalformedError:
    return MalformedError(f"{codec.name.lower()}: more than {size_max} bytes decompressed")


def _cut_off(codec: Codec, size: int) -> MalformedError:
    return MalformedError(f"{codec.name.lower()}: cut off after {size} bytes")


def _decompress_gzip(data: bytes, size_max: int) -> bytes:
    parts: list[bytes] = []
    room = size_max
    position = 0
    # A gzip stream is one or more members, one behind the other (RFC 1952); what follows and is none is left alone, as in Java.
    while data.startswith(_GZIP_MAGIC, position) or not parts:
        opener = zlib.decompressobj(_GZIP_FORMAT)
        while not opener.eof:
            # In bites, as each member gives back what it left: the whole rest, a million times, would be hours of copying.
            bite = data[position : position + _GZIP_BITE_BYTES]
            if not bite:
                raise _cut_off(Codec.GZIP, len(data))
            part = opener.decompress(bite, room + 1)
            room -= len(part)
            if room < 0:
                raise _too_large(Codec.GZIP, size_max)
            parts.append(part)
            position += len(bite) - len(opener.unused_data)
    return b"".join(parts)


def _decompress_snappy(data: bytes, size_max: int) -> bytes:
    if not data.startswith(_XERIAL_MAGIC):
        return _decompress_snappy_block(data, size_max, size_max)
    parts: list[bytes] = []
    room = size_max
    position = len(_XERIAL_HEADER)
    if len(data) < position:
        raise _cut_off(Codec.SNAPPY, len(data))
    # Less than a block's length at the end is nobody's, and another header begins another stream (SnappyInputStream).
    while position + 4 <= len(data):
        if data.startswith(_XERIAL_MAGIC, position):
            position += len(_XERIAL_HEADER)
            continue
        size: int = _INT32.unpack_from(data, position)[0]
        position += 4
        if size < 0 or position + size > len(data):
            raise _cut_off(Codec.SNAPPY, len(data))
        part = _decompress_snappy_block(data[position : position + size], room, size_max)
        room -= len(part)
        parts.append(part)
        position += size
    return b"".join(parts)


def _decompress_snappy_block(block: bytes, room: int, size_max: int) -> bytes:
    # A block begins with the size of what comes out; without this look, four bytes can ask for 4 GiB.
    size, _ = decode_unsigned(block, 0)
    if size > room:
        raise _too_large(Codec.SNAPPY, size_max)
    return bytes(cramjam.snappy.decompress_raw(block))


def _decompress_lz4(data: bytes, size_max: int) -> bytes:
    if len(data) > _LZ4_FLAGS_AT and not data[_LZ4_FLAGS_AT] & _LZ4_INDEPENDENT:
        # As Java's Lz4BlockInputStream, whose every block stands for itself.
        msg = "lz4: blocks that depend on each other"
        raise MalformedError(msg)
    opener = lz4.frame.LZ4FrameDecompressor()
    plain: bytes = opener.decompress(data, max_length=size_max + 1)
    if len(plain) > size_max:
        raise _too_large(Codec.LZ4, size_max)
    if not opener.eof:
        raise _cut_off(Codec.LZ4, len(data))
    # Nobody looks at what follows the end of the frame (Lz4BlockInputStream).
    return plain


def _decompress_zstd(data: bytes, size_max: int) -> bytes:
    """Decompress frames, one behind the other; nothing at all is no record."""
    decompressor = zstandard.ZstdDecompressor()
    parts: list[bytes] = []
    room = size_max
    position = 0
    while position < len(data):
        opener = decompressor.decompressobj()
        while not opener.eof:
            bite = data[position : position + _ZSTD_BITE_BYTES]
            if not bite:
                raise _cut_off(Codec.ZSTD, len(data))
            part = opener.decompress(bite)
            room -= len(part)
            if room < 0:
                raise _too_large(Codec.ZSTD, size_max)
            parts.append(part)
            position += len(bite) - len(opener.unused_data)
    return b"".join(parts)
