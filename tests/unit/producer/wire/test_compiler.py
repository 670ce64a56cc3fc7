"""From a declaration to bytes and back: small messages, each byte of which can be told by hand."""

import traceback
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import pytest

from producer.errors import MalformedError, UsageError
from producer.wire.compiler import runtime
from producer.wire.compiler.decoder import write_decoder
from producer.wire.compiler.encoder import write_encoder
from producer.wire.compiler.structure import struct_of
from producer.wire.schema import (
    IGNORABLE,
    ZERO_ID,
    Boolean,
    Bytes,
    Float64,
    Int8,
    Int16,
    Int32,
    Int64,
    Records,
    String,
    Uint16,
    Uuid,
    nullable_since,
    since,
    tag,
    until,
    versions,
)


class Place(NamedTuple):
    x: Int32 = 0
    y: Int32 = 0


class Pair(NamedTuple):
    name: String = ""
    place: Place = Place()


class Everything(NamedTuple):
    boolean: Boolean = False
    int8: Int8 = 0
    int16: Int16 = 0
    uint16: Uint16 = 0
    int32: Int32 = 0
    int64: Int64 = 0
    float64: Float64 = 0.0
    uuid: Uuid = ZERO_ID
    string: String = ""
    bytes_: Bytes = b""
    records: Records | None = None
    place: Place = Place()
    numbers: tuple[Int32, ...] = ()
    small: tuple[Int8, ...] = ()
    names: tuple[String, ...] = ()
    ids: tuple[Uuid, ...] = ()
    places: tuple[Place, ...] = ()
    pairs: tuple[Pair, ...] = ()
    name_or_null: String | None = None
    numbers_or_null: tuple[Int64, ...] | None = None
    names_or_null: tuple[String, ...] | None = None
    places_or_null: tuple[Place, ...] | None = None
    place_or_null: Place | None = None


class Aging(NamedTuple):
    """Fields that came, went, and became nullable."""

    always: Int16 = 0
    came: Annotated[Int32, since(2)] = -1
    came_silently: Annotated[Int32, since(2), IGNORABLE] = -1
    went: Annotated[String, until(1)] = ""
    visited: Annotated[Boolean, versions(1, 2)] = True
    name: Annotated[String | None, nullable_since(2)] = ""
    place: Annotated[Place, since(2)] = Place(-1, -1)


class Tagged(NamedTuple):
    first: Annotated[Int32, tag(0)] = -1
    place: Annotated[Place, since(2), tag(1)] = Place()
    name: Annotated[String | None, tag(2)] = None
    pairs: Annotated[tuple[Pair, ...], tag(3)] = ()


FULL = Everything(
    boolean=True,
    int8=-8,
    int16=-16,
    uint16=0xFFFF,
    int32=-32,
    int64=-64,
    float64=0.5,
    uuid=b"u" * 16,
    string="grün",
    bytes_=b"bytes",
    records=b"records",
    place=Place(1, 2),
    numbers=(1, -2, 3),
    small=(1, 2),
    names=("a", "", "b"),
    ids=(b"i" * 16, ZERO_ID),
    places=(Place(3, 4), Place()),
    pairs=(Pair("p", Place(5, 6)), Pair()),
    name_or_null="n",
    numbers_or_null=(7,),
    names_or_null=("c",),
    places_or_null=(Place(8, 9),),
    place_or_null=Place(10, 11),
)
# Beyond what is cached, and beyond what fits into one byte of a compact length.
LARGE = FULL._replace(
    string="s" * 300,
    bytes_=b"b" * 20_000,
    records=b"r" * 3_000_000,
    numbers=tuple(range(200)),
    small=tuple(range(100)),
    names=tuple(map(str, range(130))),
    ids=(b"i" * 16,) * 130,
    places=(Place(1, 2),) * 130,
    pairs=(Pair("p" * 130),) * 130,
    name_or_null="n" * 130,
    numbers_or_null=tuple(range(17)),
    names_or_null=("c",) * 130,
    places_or_null=(Place(),) * 130,
)
LAYOUTS = pytest.mark.parametrize("is_flexible", [False, True], ids=["legacy", "flexible"])


def codec(
    message: type[Any], version: int = 2, *, is_flexible: bool
) -> tuple[Callable[[Any], bytes], Callable[[bytes], Any]]:
    title = f"{message.__name__.upper()} request version {version}"
    encoder = write_encoder(message, version, is_flexible=is_flexible, title=title)
    decoder = write_decoder(message, version, is_flexible=is_flexible, title=title)
    return encoder.run("encode", f"{title}, encode"), decoder.run("decode", f"{title}, decode")


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


# -- nonsense ----------------------------------------------------------------------------------------------------------


@LAYOUTS
def test_a_message_that_is_cut_off_is_malformed_at_each_byte(is_flexible: bool) -> None:
    encode, decode = codec(Everything, is_flexible=is_flexible)
    whole = encode(FULL)

    for size in range(len(whole)):
        with pytest.raises(MalformedError, match="EVERYTHING request version 2") as error:
            decode(whole[:size])
        assert f" {size}" in str(error.value)


@LAYOUTS
def test_bytes_behind_the_last_field_are_not_looked_at(is_flexible: bool) -> None:
    encode, decode = codec(Everything, is_flexible=is_flexible)

    assert decode(encode(FULL) + b"\x01\x02\x03") == FULL


class Names(NamedTuple):
    names: tuple[String, ...] = ()


class Numbers(NamedTuple):
    numbers: tuple[Int32, ...] = ()


class NumbersOrNull(NamedTuple):
    numbers: tuple[Int32, ...] | None = ()


class Blob(NamedTuple):
    content: Bytes = b""


class Name(NamedTuple):
    name: String = ""


class NameOrNull(NamedTuple):
    name: String | None = ""


@pytest.mark.parametrize("message", [Names, Numbers, NumbersOrNull])
@pytest.mark.parametrize("claimed", [0x7FFFFFFF, 0x10000000])
def test_a_lying_length_costs_nothing(message: type[Any], claimed: int) -> None:
    legacy, compact = codec(message, is_flexible=False)[1], codec(message, is_flexible=True)[1]

    with pytest.raises(MalformedError, match=str(claimed)):
        legacy(claimed.to_bytes(4, "big"))
    with pytest.raises(MalformedError, match=str(0x0FFFFFFE)):
        compact(b"\xff\xff\xff\x7f")


def test_bytes_that_are_said_to_be_longer_than_all_there_is_are_malformed() -> None:
    with pytest.raises(MalformedError, match="cut off: its lengths lead to byte 2147483651"):
        codec(Blob, is_flexible=False)[1](b"\x7f\xff\xff\xff")
    with pytest.raises(MalformedError, match="a length of 268435454"):
        codec(Blob, is_flexible=True)[1](b"\xff\xff\xff\x7f")


@pytest.mark.parametrize("message", [Names, Numbers, Blob, Name])
@LAYOUTS
def test_null_where_it_is_not_allowed_is_malformed(message: type[Any], is_flexible: bool) -> None:
    _, decode = codec(message, is_flexible=is_flexible)

    with pytest.raises(MalformedError, match="null before byte"):
        decode(b"\x00" if is_flexible else b"\xff" * 4)


@pytest.mark.parametrize("message", [NumbersOrNull, NameOrNull])
def test_any_negative_length_is_null_where_null_is_allowed_as_in_kafka(message: type[Any]) -> None:
    assert codec(message, is_flexible=False)[1](b"\xff\xfe\xff\xfe") == message(None)
    # A varint is an int of 32 bits in Java.
    assert codec(message, is_flexible=True)[1](b"\xff\xff\xff\xff\x0f\x00") == message(None)


def test_a_varint_that_does_not_end_is_malformed() -> None:
    _, decode = codec(Name, is_flexible=True)

    with pytest.raises(MalformedError, match="more than five bytes"):
        decode(b"\xff" * 8)


def test_a_string_longer_than_kafka_allows_is_malformed() -> None:
    _, decode = codec(Name, is_flexible=True)

    with pytest.raises(MalformedError, match="a string of 40000 bytes"):
        decode(bytes.fromhex("c1b802") + b"s" * 40_000)


@LAYOUTS
def test_what_is_no_utf_8_is_read_as_kafka_reads_it(is_flexible: bool) -> None:
    _, decode = codec(Name, is_flexible=is_flexible)

    assert decode((b"\x03" if is_flexible else b"\x00\x02") + b"a\xff" + b"\x00") == Name("a\ufffd")


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
