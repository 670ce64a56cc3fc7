"""Protobuf at work: generated classes and dicts, the way to the message, and what is no message."""

from typing import Any

import pytest
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import SerializationError, UsageError
from producer.schemas.schema import Schema, SchemaType
from producer.serialization.formats.codec import Codec, codec

SHOP = """
syntax = "proto3";
package shop;
message Customer { string name = 1; }
message Order {
  int64 id = 1;
  Customer who = 2;
  message Line { string what = 1; sint32 count = 2; }
  repeated Line lines = 3;
}
"""
STRICT = 'syntax = "proto2"; message Strict { required int32 id = 1; optional string note = 2; }'
ORDER: dict[str, Any] = {"id": 7, "who": {"name": "me"}, "lines": [{"what": "pen", "count": -2}]}


def of(text: str = SHOP, message: Any = "shop.Order") -> Codec:
    return codec(Schema(SchemaType.PROTOBUF, text), {}, message)


@pytest.mark.parametrize(
    "message, value, indexes",
    [
        ("shop.Order", ORDER, "02 02"),
        ("shop.Customer", {"name": "me"}, "00"),
        ("shop.Order.Line", {"count": 1}, "04 02 00"),
    ],
)
def test_a_dict_becomes_a_message_and_the_way_to_it_is_told(message: str, value: dict[str, Any], indexes: str) -> None:
    made = of(message=message)

    assert made.indexes == bytes.fromhex(indexes)
    written = made.encoder(b"prefix")(value)
    back = made.decode(made.indexes + written[6:], None)
    assert back.DESCRIPTOR.full_name == message
    assert made.encoder(b"prefix")(back) == written


def test_one_codec_reads_whatever_message_of_its_file() -> None:
    line = of(message="shop.Order.Line")
    data = line.indexes + line.encoder(b"")({"what": "pen"})

    assert of().decode(data, None).what == "pen"
    assert of().decode(data[3:], data[:3]).what == "pen"


def test_the_first_message_of_a_file_is_meant_if_none_is_named() -> None:
    assert of(message=None).name == "shop.Customer"
    with pytest.raises(UsageError, match=r"no message 'shop\.Nothing', only shop\.Customer, shop\.Order"):
        of(message="shop.Nothing")


@pytest.mark.parametrize(
    "value, field, why",
    [
        ({"id": "x"}, "id", "does not fit shop.Order"),
        ({"id": 2**63}, "id", "out of range"),
        ({"idd": 7}, "idd", "no field named"),
        ({"who": {"name": 5}}, "who.name", "does not fit"),
        (5, "", "it is a int, must be a message shop.Order or a dict"),
        (Timestamp(seconds=1), "", "it is a google.protobuf.Timestamp, must be a shop.Order"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_named(value: Any, field: str, why: str) -> None:
    with pytest.raises(SerializationError, match=why) as refused:
        of().encoder(b"")(value)

    assert refused.value.field == field


def test_a_required_field_of_proto2_is_asked_for_both_ways() -> None:
    strict = of(STRICT, None)

    with pytest.raises(SerializationError, match="field id must be given: it is required"):
        strict.encoder(b"")({"note": "x"})
    with pytest.raises(SerializationError, match="id is missing"):
        strict.decode(b"\0\x12\x01x", None)


@pytest.mark.parametrize(
    "data, why",
    [
        (b"", "cut off"),
        (b"\x02\x08x", "it is message \\[4\\] of its schema"),
        (b"\x02\x02\xff\xff", "2 bytes are no shop.Order"),
    ],
)
def test_what_is_no_message_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(SerializationError, match=why):
        of().decode(data, None)


@given(st.binary(max_size=100))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    order = of()
    try:
        value = order.decode(data, None)
    except SerializationError:
        return
    assert isinstance(value, Message)


def test_a_generated_class_is_a_message_too() -> None:
    text = (
        'syntax = "proto3"; import "google/protobuf/struct.proto"; message Holder { google.protobuf.Struct inner = 1; }'
    )
    holder = of(text, None)
    struct = Struct()
    struct.update({"a": 1})

    back = holder.decode(holder.indexes + holder.encoder(b"")({"inner": {"a": 1}}), None)

    assert back.inner.SerializeToString() == struct.SerializeToString()
