"""Kafka's plain serializers and deserializers: strings, numbers, UUIDs, bytes, nothing at all; and JSON.

The bytes are those of `org.apache.kafka.common.serialization`: numbers big-endian, strings and UUIDs as UTF-8. A null is a
null in all of them.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any
from uuid import UUID  # noqa: TID251 - the type: none is drawn here

from producer.errors import SerializationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.serialization.serializer import HeaderList


class Plain:
    """One kind of value, both ways: bytes follow from the value alone."""

    def __init__(self, name: str, encode: Callable[[Any], bytes], decode: Callable[[bytes], Any]) -> None:
        """`encode` and `decode` raise SerializationError for what is not of their kind, and never see a null."""
        self.name = name
        self._encode = encode
        self._decode = decode

    def serialize(self, _topic: str, _headers: HeaderList, data: Any) -> bytes | None:
        """Give the value's bytes. Raises SerializationError."""
        return None if data is None else self._encode(data)

    def deserialize(self, _topic: str, _headers: HeaderList, data: bytes | None) -> Any:
        """Give the value. Raises SerializationError."""
        return None if data is None else self._decode(data)

    def __repr__(self) -> str:
        return f"<serializer {self.name}>"


def _bytes(given: Any) -> bytes:
    if isinstance(given, bytes):
        return given
    if isinstance(given, bytearray | memoryview):
        return bytes(given)
    raise _misfit(given, "bytes")


def _string(given: Any) -> bytes:
    if not isinstance(given, str):
        raise _misfit(given, "a str")
    try:
        return given.encode()
    except UnicodeEncodeError as error:
        raise _misfit(given, "text that can be written as UTF-8") from error


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise _poison(data, f"no UTF-8: {error.reason} at byte {error.start}") from error


def _boolean(given: Any) -> bytes:
    if given is True:
        return b"\1"
    if given is False:
        return b"\0"
    raise _misfit(given, "a bool")


def _truth(data: bytes) -> bool:
    if data not in {b"\0", b"\1"}:
        raise _poison(data, "must be one byte, 0 or 1")
    return data == b"\1"


def _uuid(given: Any) -> bytes:
    if not isinstance(given, UUID):
        raise _misfit(given, "a uuid.UUID")
    return str(given).encode()


def _identity(data: bytes) -> UUID:
    try:
        return UUID(data.decode())
    except ValueError as error:
        raise _poison(data, "no UUID's text") from error


def _nothing(given: Any) -> bytes:
    raise _misfit(given, "None")


def _no_bytes(data: bytes) -> Any:
    raise _poison(data, "must be null")


def _json(given: Any) -> bytes:
    try:
        return json.dumps(given, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise SerializationError(f"it cannot be written as JSON: {error}", value=given) from error


def read_json(data: bytes) -> Any:
    """Give what JSON text says. Raises SerializationError."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _poison(data, f"no JSON: {error}") from error


def _integer(name: str, form: str, bits: int) -> Plain:
    pack, unpack, size = struct.Struct(form).pack, struct.Struct(form).unpack, bits // 8
    least, most = -(1 << bits - 1), (1 << bits - 1) - 1

    def encode(given: Any) -> bytes:
        # True counts as 1 in Python, and nobody means it.
        if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= most:
            raise _misfit(given, f"an int of {least}..{most}")
        return pack(given)

    def decode(data: bytes) -> int:
        if len(data) != size:
            raise _poison(data, f"must be {size} bytes")
        return int(unpack(data)[0])

    return Plain(name, encode, decode)


def _real(name: str, form: str, size: int) -> Plain:
    pack, unpack = struct.Struct(form).pack, struct.Struct(form).unpack

    def encode(given: Any) -> bytes:
        if not isinstance(given, float | int) or isinstance(given, bool):
            raise _misfit(given, "a float")
        try:
            return pack(given)
        except (OverflowError, struct.error) as error:
            raise _misfit(given, f"a float that {size} bytes have room for") from error

    def decode(data: bytes) -> float:
        if len(data) != size:
            raise _poison(data, f"must be {size} bytes")
        return float(unpack(data)[0])

    return Plain(name, encode, decode)


def _misfit(given: object, rule: str) -> SerializationError:
    from reprlib import repr as shortened

    return SerializationError(f"{shortened(given)} is a {type(given).__name__}, must be {rule}", value=given)


def _poison(data: bytes, why: str) -> SerializationError:
    from reprlib import repr as shortened

    return SerializationError(f"{len(data)} bytes {shortened(data)}: {why}", value=data)


BYTES = Plain("bytes", _bytes, lambda data: data)

PLAIN = {
    one.name: one
    for one in (
        BYTES,
        Plain("string", _string, _text),
        _integer("short", ">h", 16),
        _integer("integer", ">i", 32),
        _integer("long", ">q", 64),
        _real("float", ">f", 4),
        _real("double", ">d", 8),
        Plain("boolean", _boolean, _truth),
        Plain("uuid", _uuid, _identity),
        Plain("void", _nothing, _no_bytes),
        Plain("json", _json, read_json),
    )
}
"""Those that need to know nothing, by name."""
