"""RecordBatch v2 bytes: built here so that they may be malformed, and read back into plain dictionaries."""

from __future__ import annotations

import gzip
import struct
from typing import Any

import cramjam
import crc32c

from tests.conformance.suite.codec import MalformedError, Reader, uvarint

CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
TXN, CONTROL, LOG_APPEND = 0x10, 0x20, 0x08


def varint(n: int) -> bytes:
    return uvarint((n << 1) ^ (n >> 63))


def compress(codec: int, data: bytes) -> bytes:
    if codec == 1:
        return gzip.compress(data, mtime=0)
    if codec == 2:  # xerial framing, as the Java clients write it
        block = bytes(cramjam.snappy.compress_raw(data))
        return b"\x82SNAPPY\0" + struct.pack(">iii", 1, 1, len(block)) + block
    if codec == 3:  # a frame of one independent block, as the Java clients write it: Kafka refuses linked blocks
        block = bytes(cramjam.lz4.compress_block(data, store_size=False))
        size = len(block)
        if size >= len(data):
            block, size = data, len(data) | 0x80000000
        return b"\x04\x22\x4d\x18\x60\x40\x82" + struct.pack("<I", size) + block + b"\0\0\0\0"
    if codec == 4:
        return bytes(cramjam.zstd.compress(data))
    return data


def decompress(codec: int, data: bytes) -> bytes:
    if codec == 1:
        return gzip.decompress(data)
    if codec == 2:
        if not data.startswith(b"\x82SNAPPY\0"):
            return bytes(cramjam.snappy.decompress_raw(data))
        out, at = b"", 16
        while at < len(data):
            size = struct.unpack_from(">i", data, at)[0]
            out += bytes(cramjam.snappy.decompress_raw(data[at + 4 : at + 4 + size]))
            at += 4 + size
        return out
    if codec == 3:
        return bytes(cramjam.lz4.decompress(data))
    if codec == 4:
        return bytes(cramjam.zstd.decompress(data))
    return data


def record(
    value: bytes | None,
    key: bytes | None = None,
    offset_delta: int = 0,
    ts_delta: int = 0,
    headers: list[tuple[bytes, bytes | None]] | None = None,
) -> bytes:
    def blob(data: bytes | None) -> bytes:
        return varint(-1) if data is None else varint(len(data)) + data

    body = b"\0" + varint(ts_delta) + varint(offset_delta) + blob(key) + blob(value) + varint(len(headers or []))
    for name, content in headers or []:
        body += blob(name) + blob(content)
    return varint(len(body)) + body


def batch(
    values: list[Any],
    *,
    ts: int,
    base_offset: int = 0,
    leader_epoch: int = -1,
    magic: int = 2,
    codec: str | int = 0,
    attributes: int = 0,
    pid: int = -1,
    epoch: int = -1,
    seq: int = -1,
    count: int | None = None,
    last_delta: int | None = None,
    max_ts: int | None = None,
    crc: int | None = None,
    deltas: list[int] | None = None,
    payload: bytes | None = None,
    length: int | None = None,
    ts_deltas: list[int] | None = None,
    headers: list[tuple[bytes, bytes | None]] | None = None,
) -> bytes:
    """values: bytes, or (key, value). Every field of the batch header may be overridden; crc is xor-ed when given."""
    number = CODECS[codec] if isinstance(codec, str) else codec
    deltas = list(range(len(values))) if deltas is None else deltas
    steps = [0] * len(values) if ts_deltas is None else ts_deltas
    body = b"".join(
        record(*_pair(value), delta, step, headers) for value, delta, step in zip(values, deltas, steps, strict=True)
    )
    body = compress(number, body) if payload is None else payload
    tail = (
        struct.pack(
            ">hiqqqhii",
            attributes | number,
            len(values) - 1 if last_delta is None else last_delta,
            ts,
            ts + max(steps, default=0) if max_ts is None else max_ts,
            pid,
            epoch,
            seq,
            len(values) if count is None else count,
        )
        + body
    )
    check = crc32c.crc32c(tail) ^ (crc or 0)
    rest = struct.pack(">ibI", leader_epoch, magic, check) + tail
    return struct.pack(">qi", base_offset, len(rest) if length is None else length) + rest


def _pair(value: Any) -> tuple[bytes | None, bytes | None]:
    """A record's value and key."""
    return (value[1], value[0]) if isinstance(value, tuple) else (value, None)


def old_batch(magic: int, value: bytes, ts: int) -> bytes:
    """One message of format 0 or 1."""
    import zlib

    body = struct.pack(">bb", magic, 0) + (struct.pack(">q", ts) if magic else b"")
    body += struct.pack(">i", -1) + struct.pack(">i", len(value)) + value
    message = struct.pack(">I", zlib.crc32(body)) + body
    return struct.pack(">qi", 0, len(message)) + message


def control_batch(ts: int, pid: int, epoch: int, commit: bool = True, **how: Any) -> bytes:
    return batch(
        [(struct.pack(">hh", 0, int(commit)), struct.pack(">hi", 0, 0))],
        ts=ts,
        pid=pid,
        epoch=epoch,
        attributes=TXN | CONTROL,
        **how,
    )


def text(data: bytes | None) -> str | None:
    if data is None:
        return None
    try:
        word = data.decode("ascii")
        if word.isprintable():
            return word if len(word) <= 64 else f"{word[:8]}...({len(word)} bytes)"
    except UnicodeDecodeError:
        pass
    return "0x" + data.hex() if len(data) <= 48 else f"0x{data[:8].hex()}...({len(data)} bytes)"


def read_batches(data: bytes) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    at = 0
    while at < len(data):
        if len(data) - at < 12 or len(data) - at < 12 + struct.unpack_from(">i", data, at + 8)[0]:
            out.append({"partial_batch": True})
            break
        base, size = struct.unpack_from(">qi", data, at)
        out.append(read_batch(base, data[at + 12 : at + 12 + size]))
        at += 12 + size
    return out


def read_batch(base: int, rest: bytes) -> dict[str, Any]:
    r = Reader(rest)
    epoch, magic, crc = r.number(">i"), r.number(">b"), r.number(">I")
    if magic != 2:
        return {"base_offset": base, "magic": magic}
    good = crc32c.crc32c(rest[r.at :]) == crc
    attributes, last, first_ts, max_ts, pid, pepoch, seq, count = struct.unpack(">hiqqqhii", r.take(40))
    found: dict[str, Any] = {
        "base_offset": base,
        "partition_leader_epoch": epoch,
        "magic": magic,
        "crc_ok": good,
        "compression": attributes & 7,
        "log_append_time": bool(attributes & LOG_APPEND),
        "transactional": bool(attributes & TXN),
        "control": bool(attributes & CONTROL),
        "has_delete_horizon": bool(attributes & 0x40),
        "last_offset_delta": last,
        "base_timestamp": first_ts,
        "max_timestamp": max_ts,
        "producer_id": pid,
        "producer_epoch": pepoch,
        "base_sequence": seq,
        "count": count,
    }
    try:
        body = Reader(decompress(attributes & 7, rest[r.at :]))
        records = []
        for _ in range(count):
            inner = Reader(body.take(body.varint()))
            inner.take(1)
            one: dict[str, Any] = {"timestamp_delta": inner.varint(), "offset_delta": inner.varint()}
            for name in ("key", "value"):
                size = inner.varint()
                one[name] = text(None if size < 0 else inner.take(size))
            heads = []
            for _ in range(inner.varint()):
                pair = []
                for _ in range(2):
                    size = inner.varint()
                    pair.append(text(None if size < 0 else inner.take(size)))
                heads.append(pair)
            if heads:
                one["headers"] = heads
            records.append(one)
        found["records"] = records
    except (MalformedError, ValueError, OSError, cramjam.DecompressionError) as problem:
        found["records"] = f"unreadable: {type(problem).__name__}"
    return found
