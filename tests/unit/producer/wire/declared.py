"""Small declarations for the tests of the compiler, and what is written of them."""

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import pytest

from producer.wire.compiler.decoder import write_decoder
from producer.wire.compiler.encoder import write_encoder
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


class Names(NamedTuple):
    names: tuple[String, ...] = ()


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
