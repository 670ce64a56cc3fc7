"""A frame field by field: where each one lies, how many bytes it has, what it is called and what it says; by the declarations that the codec is compiled from."""

from __future__ import annotations

from struct import calcsize, unpack_from
from typing import Any, NamedTuple

from producer.errors import MalformedError
from producer.wire.api import ApiKey, RequestHeader, decode_request_header, is_flexible, read_correlation_id
from producer.wire.compiler.structure import Array, Field, Struct, Wire, struct_of
from producer.wire.compression import Codec
from producer.wire.record_batch import BATCH_OVERHEAD, LENGTH_OVERHEAD, MAGIC, BatchHeader, read_header
from producer.wire.schema import Blob, Fixed, Text
from producer.wire.varint import decode_unsigned, decode_zigzag

_RECORDS = "records"
"""The name of fields that hold whole batches."""
_TIME_BITS = 64
_BATCH_FIELDS = (
    ("base_offset", "q"), ("batch_length", "i"), ("partition_leader_epoch", "i"), ("magic", "b"), ("crc", "I"),
    ("attributes", "h"), ("last_offset_delta", "i"), ("base_timestamp_ms", "q"), ("max_timestamp_ms", "q"),
    ("producer_id", "q"), ("producer_epoch", "h"), ("base_sequence", "i"), ("record_count", "i"),
)  # fmt: skip
"""A batch's header, as `BatchHeader` names it."""


class WireField(NamedTuple):
    """One field of a frame. Those of a frame follow each other without a gap."""

    offset: int
    """From the frame's first byte, that of its length."""
    size_bytes: int
    """With the length that stands before a string or before bytes; none for one that the version holds in no byte."""
    name: str
    """As `topics[0].partitions[1].records`."""
    value: Any


class Annotated(NamedTuple):
    """A whole frame."""

    header: RequestHeader | None
    """Of a request."""
    fields: tuple[WireField, ...]
    message: Any
    """The body, as the codec decodes it."""


def annotated_request(framed: bytes) -> Annotated:
    """Read a request's frame, its length among it. Raises MalformedError."""
    header, body_at = decode_request_header(framed[4:])
    walk = _Walk(framed, header.api_version, is_flexible=is_flexible(header.api_key, header.api_version))
    walk.fixed("length", "i")
    walk.fixed("api_key", "h")
    walk.fixed("api_version", "h")
    walk.fixed("correlation_id", "i")
    # Before KIP-511 and after it, the client's name has a legacy length.
    size = unpack_from(">h", framed, walk.at)[0]
    walk.put("client_id", 2 + max(size, 0), header.client_id)
    if walk.is_flexible:
        walk.tags("header", None)
    assert walk.at == 4 + body_at, "the walk and the codec agree where the body begins"
    return Annotated(header, *walk.whole(ApiKey(header.api_key).message("request")))


def annotated_response(framed: bytes, api_key: int, version: int) -> Annotated:
    """Read a response's frame; of which API and version it is, its request says. Raises MalformedError."""
    read_correlation_id(framed[4:])
    walk = _Walk(framed, version, is_flexible=is_flexible(api_key, version))
    walk.fixed("length", "i")
    walk.fixed("correlation_id", "i")
    if walk.is_flexible and api_key != ApiKey.API_VERSIONS:
        walk.tags("header", None)
    return Annotated(None, *walk.whole(ApiKey(api_key).message("response")))


class _Walk:
    """A position in a frame, and the fields before it."""

    def __init__(self, data: bytes, version: int, *, is_flexible: bool) -> None:
        self.data = data
        self.version = version
        self.is_flexible = is_flexible
        self.at = 0
        self.fields: list[WireField] = []

    def whole(self, message: type[Any]) -> tuple[tuple[WireField, ...], Any]:
        """Read the body; what stands behind it is a field as well, for the codec does not look at it."""
        value = self.struct(struct_of(message), "")
        if self.at < len(self.data):
            self.put("behind the last field", len(self.data) - self.at, self.data[self.at :])
        return tuple(self.fields), value

    # -- one field -----------------------------------------------------------------------------------------------------

    def put(self, name: str, size_bytes: int, value: Any) -> None:
        """Note a field, and go behind it."""
        if self.at + size_bytes > len(self.data):
            raise MalformedError(f"{name} at byte {self.at} ends at {self.at + size_bytes} of {len(self.data)}")
        self.fields.append(WireField(self.at, size_bytes, name, value))
        self.at += size_bytes

    def fixed(self, name: str, code: str) -> Any:
        size = calcsize(f">{code}")
        if self.at + size > len(self.data):
            raise MalformedError(f"{name} at byte {self.at} is cut off")
        value = unpack_from(f">{code}", self.data, self.at)[0]
        self.put(name, size, value)
        return value

    def varint(self, name: str, *, is_signed: bool = False, bits: int = 32) -> int:
        decode = decode_zigzag if is_signed else decode_unsigned
        value, end = decode(self.data, self.at, bits)
        self.put(name, end - self.at, value)
        return value

    def length(self, code: str) -> tuple[int, int]:
        """Read a length without noting it; give it, -1 for null, and how many bytes it takes."""
        if self.is_flexible:
            value, end = decode_unsigned(self.data, self.at)
            return value - 1, end - self.at
        if self.at + calcsize(f">{code}") > len(self.data):
            raise MalformedError(f"a length at byte {self.at} is cut off")
        return unpack_from(f">{code}", self.data, self.at)[0], calcsize(f">{code}")

    # -- what a message is made of -------------------------------------------------------------------------------------

    def struct(self, struct: Struct, path: str) -> Any:
        values: dict[str, Any] = {}
        for field in struct.fields:
            if self.version in field.versions and field.tag is None:
                name = f"{path}{field.name}"
                values[field.name] = self.value(field.wire, name, is_nullable=field.is_nullable(self.version))
        if self.is_flexible:
            values |= self.tags(path.rstrip("."), struct)
        return struct.value(**values)

    def value(self, wire: Wire, name: str, *, is_nullable: bool, is_tagged: bool = False) -> Any:
        match wire:
            case Fixed(code):
                return self.fixed(name, code)
            case Text():
                return self.text(name)
            case Blob():
                return self.blob(name)
            case Array():
                return self.array(wire, name)
            case Struct() if is_nullable:
                present = self.fixed(f"{name} is there", "b")
                # Null is -1 where a structure has its place, and 0 in a tagged field.
                return self.struct(wire, f"{name}.") if present > (0 if is_tagged else -1) else None
            case Struct():
                return self.struct(wire, f"{name}.")

    def text(self, name: str) -> str | None:
        size, taken = self.length("h")
        begin = self.at + taken
        value = None if size < 0 else self.data[begin : begin + size].decode(errors="replace")
        self.put(name, taken + max(size, 0), value)
        return value

    def blob(self, name: str) -> bytes | None:
        size, taken = self.length("i")
        begin = self.at + taken
        value = None if size < 0 else self.data[begin : begin + size]
        if value and name.rpartition(".")[2] == _RECORDS and _is_whole_batches(value):
            self.put(f"{name} length", taken, size)
            end = begin + size
            number = 0
            while self.at < end:
                self.batch(f"{name}[{number}].")
                number += 1
        else:
            self.put(name, taken + max(size, 0), value)
        return value

    def array(self, wire: Array, name: str) -> tuple[Any, ...] | None:
        count, taken = self.length("i")
        self.put(f"{name} count", taken, None if count < 0 else count)
        if count > len(self.data) - self.at:
            raise MalformedError(f"{name} has {count} elements in {len(self.data) - self.at} bytes")
        if count < 0:
            return None
        return tuple([self.value(wire.element, f"{name}[{place}]", is_nullable=False) for place in range(count)])

    def tags(self, path: str, struct: Struct | None) -> dict[str, Any]:
        """Read the tagged fields behind a structure; those that are not known are bytes."""
        known = {} if struct is None else {field.tag: field for field in struct.tagged(self.version)}
        prefix = f"{path}." if path else ""
        values: dict[str, Any] = {}
        for _ in range(self.varint(f"{prefix}tagged fields")):
            tag = self.varint(f"{prefix}tag")
            size = self.varint(f"{prefix}tag {tag} size")
            field: Field | None = known.get(tag)
            if field is None:
                self.put(f"{prefix}tag {tag}", size, self.data[self.at : self.at + size])
            else:
                is_nullable = field.is_nullable(self.version)
                name = f"{prefix}{field.name}"
                values[field.name] = self.value(field.wire, name, is_nullable=is_nullable, is_tagged=True)
        return values

    # -- batches -------------------------------------------------------------------------------------------------------

    def batch(self, path: str) -> None:
        """Read one batch; its records one by one, unless they are compressed."""
        header = read_header(self.data, self.at)
        end = self.at + header.size_bytes
        for name, code in _BATCH_FIELDS:
            self.fixed(f"{path}{name}", code)
        if header.codec is not Codec.NONE:
            self.put(f"{path}records, {header.codec.name.lower()}", end - self.at, self.data[self.at : end])
            return
        for place in range(header.record_count):
            self.record(f"{path}record[{place}].")
        if self.at != end:
            raise MalformedError(f"{path}records end at byte {self.at}, the batch at {end}")

    def record(self, path: str) -> None:
        self.varint(f"{path}length", is_signed=True)
        self.fixed(f"{path}attributes", "b")
        self.varint(f"{path}timestamp_delta_ms", is_signed=True, bits=_TIME_BITS)
        self.varint(f"{path}offset_delta", is_signed=True)
        self.content(f"{path}key")
        self.content(f"{path}value")
        for place in range(self.varint(f"{path}headers count", is_signed=True)):
            self.content(f"{path}headers[{place}].key")
            self.content(f"{path}headers[{place}].value")

    def content(self, name: str) -> None:
        """Read bytes behind a signed varint that says how many; -1 for null."""
        size, begin = decode_zigzag(self.data, self.at)
        value = None if size < 0 else self.data[begin : begin + size]
        self.put(name, begin - self.at + max(size, 0), value)


def _is_whole_batches(data: bytes) -> bool:
    """Whether bytes are batches of this magic and nothing else: a fetch may end amid one."""
    at = 0
    while at < len(data):
        if len(data) - at < BATCH_OVERHEAD:
            return False
        try:
            header: BatchHeader = read_header(data, at)
        except MalformedError:
            return False
        if data[at + 16] != MAGIC or header.batch_length < BATCH_OVERHEAD - LENGTH_OVERHEAD:
            return False
        at += header.size_bytes
    return at == len(data)
