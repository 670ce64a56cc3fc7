"""A whole request of any API and version, every field filled: what a client might ask of a cluster that has `orders`."""

from __future__ import annotations

from typing import Any

from producer.wire.api import ApiKey
from producer.wire.compiler.structure import Array, Field, Struct, Wire, struct_of
from producer.wire.record_batch import encode_batch
from producer.wire.schema import Blob, Fixed, Text

TEXTS = {"group_id": "shop", "host": "localhost", "key": "shop", "protocol_type": "consumer", "value": "1"}
NUMBERS = {"acks": -1, "timeout_ms": 100, "session_timeout_ms": 10_000, "max_wait_ms": 5, "partition_max_bytes": 1_000}
RECORDS = encode_batch([(b"key", b"value", (("header", b"x"),), 1_000)])


def sound(key: ApiKey, version: int) -> Any:
    """Give the request; topics go by their names, where names are known."""
    return _struct(struct_of(key.message("request")), version)


def _struct(struct: Struct, version: int) -> Any:
    return struct.value(
        **{one.name: _value(one.wire, one, version) for one in struct.fields if version in one.versions}
    )


def _value(wire: Wire, field: Field, version: int) -> Any:
    match wire:
        case Text():
            return TEXTS.get(field.name, "orders")
        case Blob():
            return RECORDS if field.name == "records" else b"bytes"
        case Array(element):
            return (_value(element, field, version),)
        case Struct():
            return _struct(wire, version)
        case Fixed():
            return _number(field)


def _number(field: Field) -> Any:
    if isinstance(field.wire, Array):
        element = field.wire.element
        return bytes(16) if isinstance(element, Fixed) and element.code == "16s" else 0
    return NUMBERS.get(field.name, field.default)
