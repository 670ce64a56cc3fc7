"""From a declaration to bytes and back: small messages, each byte of which can be told by hand."""

import traceback
from typing import Annotated, NamedTuple

import pytest

from producer.errors import MalformedError, UsageError
from producer.wire.compiler import runtime
from producer.wire.compiler.decoder import write_decoder
from producer.wire.compiler.encoder import write_encoder
from producer.wire.compiler.structure import struct_of
from producer.wire.schema import (
    Bytes,
    Int32,
    String,
    nullable_since,
    tag,
)
from tests.unit.producer.wire.declared import FULL, LARGE, LAYOUTS, Aging, Everything, Names, Pair, Place, Tagged, codec


def test_every_form_on_the_wire_is_kafkas() -> None:
    encode, _ = codec(Everything, is_flexible=False)

    start = "01f8fff0ffffffffffe0ffffffffffffffc03fe0000000000000" + "75" * 16
    lengths = "00056772c3bc6e" + "000000056279746573" + "000000077265636f726473"
    arrays = "00000003" + "00000001fffffffe00000003" + "000000020102" + "00000003" + "000161" + "0000" + "000162"
    ids = "00000002" + "69" * 16 + "00" * 16
    structs = "00000002" + "0000000300000004" + "0000000000000000"
    pairs = "00000002" + "0001700000000500000006" + "00000000000000000000"
    nullable = (
        "00016e" + "000000010000000000000007" + "00000001000163" + "000000010000000800000009" + "010000000a0000000b"
    )
    place = "0000000100000002"
    assert encode(FULL).hex() == start + lengths + place + arrays + ids + structs + pairs + nullable


def test_flexible_lengths_are_compact_and_each_structure_ends_in_its_tags() -> None:
    encode, _ = codec(Everything, is_flexible=True)

    start = "01f8fff0ffffffffffe0ffffffffffffffc03fe0000000000000" + "75" * 16
    lengths = "066772c3bc6e" + "066279746573" + "087265636f726473"
    arrays = "04" + "00000001fffffffe00000003" + "030102" + "04" + "0261" + "01" + "0262"
    ids = "03" + "69" * 16 + "00" * 16
    structs = "03" + "000000030000000400" + "000000000000000000"
    pairs = "03" + "0270" + "00000005000000060000" + "01" + "00000000000000000000"
    nullable = "026e" + "020000000000000007" + "020263" + "02000000080000000900" + "010000000a0000000b00"
    place = "000000010000000200"
    assert encode(FULL).hex() == start + lengths + place + arrays + ids + structs + pairs + nullable + "00"


@LAYOUTS
@pytest.mark.parametrize("value", [Everything(), FULL, LARGE], ids=["empty", "full", "large"])
def test_what_is_written_comes_back(value: Everything, is_flexible: bool) -> None:
    encode, decode = codec(Everything, is_flexible=is_flexible)

    again = decode(encode(value))

    assert again == value
    assert type(again) is Everything
    assert type(again.place) is Place


@LAYOUTS
def test_null_is_written_where_it_is_allowed(is_flexible: bool) -> None:
    encode, decode = codec(Everything, is_flexible=is_flexible)

    nulls = Everything()

    null_tail = "00" * 4 + "ff00" if is_flexible else "ffff" + "ff" * 12 + "ff"
    assert encode(nulls).hex().endswith(null_tail)
    assert decode(encode(nulls)).place_or_null is None


def test_neighbours_of_a_fixed_size_are_one_call() -> None:
    encoder = write_encoder(Everything, 0, is_flexible=False, title="it").text
    decoder = write_decoder(Everything, 0, is_flexible=True, title="it").text

    assert "pack_tbhHiqdu(boolean, int8, int16, uint16, int32, int64, float64, uuid)" in encoder
    assert "boolean, int8, int16, uint16, int32, int64, float64, uuid, n = unpack_tbhHiqduB(data, at)" in decoder


# -- versions ----------------------------------------------------------------------------------------------------------


@LAYOUTS
def test_a_field_that_the_version_lacks_is_read_as_its_default(is_flexible: bool) -> None:
    encode, decode = codec(Aging, 0, is_flexible=is_flexible)

    assert decode(encode(Aging(7, went="w"))) == Aging(7, went="w")
    assert decode(encode(Aging(7, came_silently=3))) == Aging(7)


@pytest.mark.parametrize(
    "value, version, said",
    [
        (Aging(came=5), 1, r"AGING request version 1 has no way to say came=5"),
        (Aging(went="w"), 2, r"version 2 has no way to say went='w'"),
        (Aging(visited=False), 0, r"version 0 has no way to say visited=False"),
        (Aging(visited=False), 3, r"version 3 has no way to say visited=False"),
        (Aging(name=None), 1, r"version 1 has no way to say name=None"),
        (Aging(place=Place(1, 2)), 1, r"version 1 has no way to say place=Place\(x=1, y=2\)"),
    ],
)
@LAYOUTS
def test_what_a_version_has_no_field_for_is_refused(value: Aging, version: int, said: str, is_flexible: bool) -> None:
    encode, _ = codec(Aging, version, is_flexible=is_flexible)

    with pytest.raises(UsageError, match=said):
        encode(value)


def test_a_refusal_names_the_way_to_the_field() -> None:
    class Outer(NamedTuple):
        inner: tuple[Aging, ...] = ()

    encode, _ = codec(Outer, 0, is_flexible=False)

    with pytest.raises(UsageError, match=r"OUTER request version 0 has no way to say inner\.came=5"):
        encode(Outer((Aging(came=5),)))


@pytest.mark.parametrize(
    "value",
    [
        FULL._replace(int8=300),
        FULL._replace(string="s" * 40_000),
        FULL._replace(uuid=7),  # type: ignore[arg-type]
        FULL._replace(names=None),  # type: ignore[arg-type]
    ],
)
@LAYOUTS
def test_a_value_that_the_type_does_not_hold_is_the_callers_error(value: Everything, is_flexible: bool) -> None:
    encode, _ = codec(Everything, is_flexible=is_flexible)

    with pytest.raises(UsageError, match="EVERYTHING request version 2"):
        encode(value)


# -- tags --------------------------------------------------------------------------------------------------------------


def test_tagged_fields_stand_behind_the_others_where_they_differ_from_the_default() -> None:
    encode, decode = codec(Tagged, is_flexible=True)

    assert encode(Tagged()).hex() == "00"
    assert encode(Tagged(place=Place(1, 2))).hex() == "01" + "0109" + "000000010000000200"
    value = Tagged(7, Place(1, 2), "n", (Pair("p"),))
    assert encode(value).hex() == (
        "04" + "000400000007" + "0109000000010000000200" + "0202026e" + "030d" + "020270" + "00000000000000000000"
    )
    assert decode(encode(value)) == value


def test_unknown_tags_are_skipped() -> None:
    _, decode = codec(Tagged, is_flexible=True)
    _, decode_place = codec(Place, is_flexible=True)

    assert decode(bytes.fromhex("02" + "000400000007" + "8f01036f6464")) == Tagged(7)
    assert decode_place(bytes.fromhex("0000000100000002" + "02" + "0103aabbcc" + "850100")) == Place(1, 2)
    # More tagged fields than fit into one byte of a count, as Kafka reads them.
    assert decode_place(bytes(8) + b"\x81\x00" + b"\x01\x00") == Place()
    assert decode(b"\x81\x00" + b"\x63\x00") == Tagged()


def test_a_tag_of_another_version_is_refused_as_kafka_does() -> None:
    _, decode = codec(Tagged, 1, is_flexible=True)

    with pytest.raises(MalformedError, match="tag 1"):
        decode(bytes.fromhex("01" + "0109" + "000000010000000200"))


def test_a_tagged_field_that_is_longer_than_the_rest_is_malformed() -> None:
    _, decode = codec(Place, is_flexible=True)

    with pytest.raises(MalformedError, match="a tagged field of 9 bytes"):
        decode(bytes(8) + b"\x01\x05\x09ab")


# -- the source, the caches, the declarations --------------------------------------------------------------------------


def test_a_traceback_shows_the_compiled_line() -> None:
    encode, _ = codec(Names, is_flexible=False)

    with pytest.raises(UsageError) as error:
        encode((7,))

    shown = "".join(traceback.format_exception(error.value))
    assert "<NAMES request version 2, encode>" in shown
    assert "parts = [pack_i(len(names))]" in shown


def test_full_caches_start_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "_CACHED_MAX", 8)
    encode, decode = codec(Everything, is_flexible=True)

    for number in range(100):
        value = FULL._replace(string=str(number), numbers=(number,), name_or_null=None, bytes_=bytes(number + 20_000))
        assert decode(encode(value)) == value


def test_the_names_of_fields_do_not_meet_those_of_the_source() -> None:
    class Awkward(NamedTuple):
        value: Int32 = 0
        at: String = ""
        data: tuple[Place, ...] = ()
        len: Int32 = 0
        parts: Bytes = b""
        size: Annotated[Int32, tag(0)] = 0
        malformed: String | None = None
        pack_i: tuple[String, ...] = ()

    given = Awkward(1, "a", (Place(1, 2),), 3, b"p", 4, "m", ("x",))
    encode, decode = codec(Awkward, is_flexible=True)

    assert decode(encode(given)) == given


def test_a_declaration_that_says_too_little_is_our_bug() -> None:
    class Bare(NamedTuple):
        number: int = 0

    class Empty(NamedTuple):
        number: Int32

    class Contradicting(NamedTuple):
        name: Annotated[String, nullable_since(2)] = ""

    with pytest.raises(TypeError, match=r"Bare\.number: .*int.* is no form on the wire"):
        struct_of(Bare)
    with pytest.raises(TypeError, match="Empty: no default for number"):
        struct_of(Empty)
    with pytest.raises(TypeError, match=r"Contradicting\.name: null is allowed since 2"):
        struct_of(Contradicting)
