"""Requests and answers as plain dictionaries, encoded by the message classes of the package kio (used as schema only).

kio's own writers refuse values that a test must be able to send (null where not allowed, negative times, ...), so the
bytes are written here, from the dataclass fields kio generates for each message version.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import struct
import uuid
from typing import Any

from kio.schema.index import api_key_map
from kio.serial import _introspect as look
from kio.static.constants import EntityType

API_KEYS = {name: key for key, name in api_key_map.items()}
NUMBERS = {
    "int8": ">b",
    "int16": ">h",
    "int32": ">i",
    "int64": ">q",
    "uint8": ">B",
    "uint16": ">H",
    "uint32": ">I",
    "uint64": ">Q",
    "float64": ">d",
    "error_code": ">h",
    "timedelta_i32": ">i",
    "timedelta_i64": ">q",
    "datetime_i64": ">q",
}
NIL = uuid.UUID(int=0)


class MalformedError(Exception):
    """The bytes are not what the schema says."""


def uvarint(n: int) -> bytes:
    out = bytearray()
    n &= (1 << 64) - 1
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


class Reader:
    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data, self.at = data, at

    def take(self, n: int) -> bytes:
        if n < 0 or self.at + n > len(self.data):
            raise MalformedError(f"{n} bytes wanted at {self.at}, {len(self.data)} there are")
        self.at += n
        return self.data[self.at - n : self.at]

    def number(self, form: str) -> Any:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def uvarint(self) -> int:
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def varint(self) -> int:
        value = self.uvarint()
        return value >> 1 ^ -(value & 1)


@dataclasses.dataclass(frozen=True)
class Slot:
    name: str
    kind: str  # a kafka type, or "struct"
    struct: Any
    is_array: bool
    nullable: bool
    tag: int | None
    default: Any


@functools.cache
def slots(cls: Any) -> tuple[Slot, ...]:
    out = []
    for field in dataclasses.fields(cls):
        shape = look.classify_field(field)
        is_struct = isinstance(shape, look.EntityField | look.EntityTupleField)
        kind = "struct" if is_struct else field.metadata["kafka_type"]
        tag = look.get_field_tag(field)
        default = field.default
        if default is dataclasses.MISSING:
            default = [] if shape.is_array else {} if is_struct else implicit(kind)
        elif shape.is_array and default is not None:
            default = list(default)
        elif is_struct and default is not None:
            default = {}
        elif kind == "uuid":
            default = NIL
        elif default is not None or kind in NUMBERS:
            default = -1 if default is None else scalar(kind, default)
        out.append(
            Slot(
                field.name,
                kind,
                shape.type_ if is_struct else None,
                shape.is_array,
                look.is_optional(field) and tag is None,
                None if tag is None else int(tag),
                default,
            )
        )
    return tuple(out)


def implicit(kind: str) -> Any:
    if kind in NUMBERS:
        return 0
    return {"string": "", "bytes": b"", "records": None, "uuid": NIL, "bool": False}[kind]


def scalar(kind: str, value: Any) -> Any:
    if kind.startswith("timedelta"):
        return round(value.total_seconds() * 1000)
    if kind.startswith("datetime"):
        return round(value.timestamp() * 1000) if value is not None else -1
    if kind == "error_code":
        return int(value.value) if hasattr(value, "value") else int(value)
    if kind in NUMBERS and kind != "float64":
        return int(value)
    return value


# -- writing ---------------------------------------------------------------------------------------------------------
def write_value(slot: Slot, value: Any, flexible: bool) -> bytes:
    if slot.is_array:
        if value is None:
            return b"\0" if flexible else struct.pack(">i", -1)
        head = uvarint(len(value) + 1) if flexible else struct.pack(">i", len(value))
        return head + b"".join(write_one(slot, one, flexible) for one in value)
    if slot.kind == "struct" and slot.nullable:
        return b"\xff" if value is None else b"\x01" + write_one(slot, value, flexible)
    return write_one(slot, value, flexible)


def write_one(slot: Slot, value: Any, flexible: bool) -> bytes:
    kind = slot.kind
    if kind == "struct":
        return write_struct(slot.struct, value)
    if kind in NUMBERS:
        return struct.pack(NUMBERS[kind], value)
    if kind == "bool":
        return b"\1" if value else b"\0"
    if kind == "uuid":
        return (uuid.UUID(value) if isinstance(value, str) else value or NIL).bytes
    if isinstance(value, str):
        value = value.encode()
    if flexible:
        return b"\0" if value is None else uvarint(len(value) + 1) + value
    form = ">h" if kind == "string" else ">i"
    return struct.pack(form, -1) if value is None else struct.pack(form, len(value)) + value


def write_struct(cls: Any, values: dict[str, Any]) -> bytes:
    known = slots(cls)
    unknown = set(values) - {slot.name for slot in known}
    if unknown:
        raise KeyError(f"{cls.__module__}.{cls.__name__} has no {sorted(unknown)}; it has {[s.name for s in known]}")
    flexible = cls.__flexible__
    out, tagged = [], []
    for slot in known:
        value = values.get(slot.name, slot.default)
        if slot.tag is None:
            out.append(write_value(slot, value, flexible))
        elif slot.name in values:
            tagged.append((slot.tag, write_value(slot, value, flexible)))
    if flexible:
        out.append(uvarint(len(tagged)))
        for tag, data in sorted(tagged):
            out += [uvarint(tag), uvarint(len(data)), data]
    return b"".join(out)


# -- reading ---------------------------------------------------------------------------------------------------------
def read_value(slot: Slot, flexible: bool, r: Reader) -> Any:
    if slot.is_array:
        count = r.uvarint() - 1 if flexible else r.number(">i")
        if count > len(r.data):
            raise MalformedError(f"array of {count} for {slot.name}")
        return None if count < 0 else [read_one(slot, flexible, r) for _ in range(count)]
    if slot.kind == "struct" and slot.nullable and r.number(">b") < 0:
        return None
    return read_one(slot, flexible, r)


def read_one(slot: Slot, flexible: bool, r: Reader) -> Any:
    kind = slot.kind
    if kind == "struct":
        return read_struct(slot.struct, r)
    if kind in NUMBERS:
        return r.number(NUMBERS[kind])
    if kind == "bool":
        return r.take(1) != b"\0"
    if kind == "uuid":
        return str(uuid.UUID(bytes=r.take(16)))
    length = r.uvarint() - 1 if flexible else r.number(">h" if kind == "string" else ">i")
    if length < 0:
        return None
    data = r.take(length)
    return data.decode() if kind == "string" else data


def read_struct(cls: Any, r: Reader) -> dict[str, Any]:
    out: dict[str, Any] = {}
    tags = {}
    for slot in slots(cls):
        if slot.tag is None:
            out[slot.name] = read_value(slot, cls.__flexible__, r)
        else:
            tags[slot.tag] = slot  # an absent tagged field stays absent in the answer: absence is visible in the golden
    if cls.__flexible__:
        for _ in range(r.uvarint()):
            tag, size = r.uvarint(), r.uvarint()
            inner = Reader(r.take(size))
            if tag in tags:
                out[tags[tag].name] = read_value(tags[tag], True, inner)
                if inner.at != size:
                    raise MalformedError(f"tag {tag} has {size - inner.at} bytes too many")
            else:
                out[f"unknown_tag_{tag}"] = inner.data
    return out


# -- messages --------------------------------------------------------------------------------------------------------
@functools.cache
def message(api: str, version: int, kind: str) -> Any:
    module = importlib.import_module(f"kio.schema.{api}.v{version}.{kind}")
    wanted = EntityType.request if kind == "request" else EntityType.response
    return next(v for v in vars(module).values() if getattr(v, "__type__", None) is wanted)


def versions(api: str) -> range:
    import pkgutil

    package = importlib.import_module(f"kio.schema.{api}")
    found = [int(m.name[1:]) for m in pkgutil.iter_modules(package.__path__) if m.name.startswith("v")]
    return range(min(found), max(found) + 1)


def header(api_key: int, version: int, correlation: int, client_id: str | None, flexible: bool) -> bytes:
    name = None if client_id is None else client_id.encode()
    head = struct.pack(">hhi", api_key, version, correlation)
    head += struct.pack(">h", -1) if name is None else struct.pack(">h", len(name)) + name
    return head + (b"\0" if flexible else b"")


def is_flexible(api: str, version: int) -> bool:
    return bool(message(api, version, "request").__flexible__)


def encode(api: str, version: int, values: dict[str, Any], correlation: int, client_id: str | None = "conf") -> bytes:
    cls = message(api, version, "request")
    return header(API_KEYS[api], version, correlation, client_id, cls.__flexible__) + write_struct(cls, values)


def decode(api: str, version: int, frame: bytes) -> dict[str, Any]:
    cls = message(api, version, "response")
    r = Reader(frame, 4)
    if cls.__flexible__ and api != "api_versions":
        for _ in range(r.uvarint()):
            r.uvarint()
            r.take(r.uvarint())
    out = read_struct(cls, r)
    if r.at != len(frame):
        raise MalformedError(f"{len(frame) - r.at} bytes too many")
    return out
