"""Our declarations are those of Kafka's own jar: names, versions, nulls, tags and defaults.

The jar of `kafka-clients` carries the definitions that Kafka's code is generated from, one JSON file a message.
"""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from producer.wire.api import AHEAD_OF_KAFKA, SUPPORTED, ApiKey
from producer.wire.compiler.structure import Array, Field, Struct, struct_of
from producer.wire.schema import ZERO_ID, Fixed
from tests.interop.jars import class_path

# What clients do not need: brokers among themselves and with controllers, share groups, Streams groups, and the one that
# lists client metrics before version 1 of ListConfigResources.
NEEDED = {
    *range(4),
    *range(8, 52),
    55,
    57,
    60,
    61,
    *range(64, 67),
    68,
    69,
    71,
    72,
    74,
    75,
    80,
    81,
}

FORMS = {
    "bool": "?",
    "int8": "b",
    "int16": "h",
    "uint16": "H",
    "int32": "i",
    "int64": "q",
    "float64": "d",
    "uuid": "16s",
    "string": "text",
    "bytes": "blob",
    "records": "blob",
}
"""The letters of `struct`, and words for what has a length."""
DEFAULTS: dict[str, Any] = {
    "bool": False,
    "float64": 0.0,
    "uuid": ZERO_ID,
    "string": "",
    "bytes": b"",
    "records": None,
}


class Told(NamedTuple):
    """What is told of one field, in the words of the jar's definition or of ours."""

    path: str
    form: str
    versions: tuple[int, ...]
    nullable: tuple[int, ...]
    tag: int | None
    is_dropped: bool
    """A version without the field drops the value instead of refusing it."""
    default: Any


def definitions() -> dict[int, dict[str, Any]]:
    """The requests and responses in the jar, by API and kind."""
    (jar,) = Path(class_path()).parent.glob("kafka-clients-*.jar")
    found: dict[int, dict[str, Any]] = {}
    with zipfile.ZipFile(jar) as opened:
        for name in opened.namelist():
            if not re.fullmatch(r"common/message/\w+\.json", name):
                continue
            # Comments stand on lines of their own.
            text = re.sub(r"^\s*//.*$", "", opened.read(name).decode(), flags=re.MULTILINE)
            definition = json.loads(text)
            if definition["type"] in {"request", "response"}:
                found.setdefault(definition["apiKey"], {})[definition["type"]] = definition
    return found


@pytest.fixture(scope="module")
def jar() -> dict[int, dict[str, Any]]:
    return definitions()


def span(text: str, highest: int) -> range:
    """The versions that a definition means: "none", "3", "3-5" or "3+"."""
    if text == "none":
        return range(0)
    first, _, last = text.rstrip("+").partition("-")
    return range(int(first), (highest if text.endswith("+") else int(last or first)) + 1)


def plain(name: str) -> str:
    """A name without the way its words are parted."""
    return name.replace("_", "").lower()


# -- what the jar tells ------------------------------------------------------------------------------------------------


def told_by_jar(definition: dict[str, Any]) -> Iterator[Told]:
    valid = span(definition["validVersions"], 0)
    structs = {one["name"]: one["fields"] for one in definition.get("commonStructs", [])}
    yield from _told_by_jar(definition["fields"], structs, "", valid, valid[-1])


def _told_by_jar(
    fields: list[dict[str, Any]], structs: dict[str, Any], path: str, inside: range, highest: int
) -> Iterator[Told]:
    for field in fields:
        of_type = field["type"].removeprefix("[]")
        is_array = field["type"].startswith("[]")
        versions = [one for one in inside if one in span(field["versions"], highest)]
        nullable = [one for one in versions if one in span(field.get("nullableVersions", "none"), highest)]
        form = FORMS.get(of_type, "struct")
        yield Told(
            path=f"{path}{plain(field['name'])}",
            form=f"array of {form}" if is_array else form,
            versions=tuple(versions),
            nullable=tuple(nullable),
            tag=field.get("tag"),
            is_dropped=versions != list(inside) and field.get("ignorable") in {True, "true"},
            default=_default(field, of_type, is_array=is_array),
        )
        if of_type not in FORMS:
            inner = field.get("fields") or structs[of_type]
            within = range(versions[0], versions[-1] + 1)
            yield from _told_by_jar(inner, structs, f"{path}{plain(field['name'])}.", within, highest)


def _default(field: dict[str, Any], of_type: str, *, is_array: bool) -> Any:
    given = field.get("default")
    if given == "null":
        return None
    if is_array:
        return ()
    if of_type not in FORMS:
        return "all its fields at their defaults"
    if given is None:
        return DEFAULTS.get(of_type, 0)
    if of_type == "bool":
        return str(given).lower() == "true"
    return given if of_type == "string" else int(str(given), 0)


# -- what we tell ------------------------------------------------------------------------------------------------------


def told_by_us(api: ApiKey, kind: str) -> Iterator[Told]:
    lowest, highest = api.versions
    yield from _told_by_us(struct_of(api.message(kind)), "", range(lowest, highest + 1))


def _told_by_us(struct: Struct, path: str, inside: range) -> Iterator[Told]:
    for field in struct.fields:
        versions = [one for one in inside if one in field.versions]
        element = field.wire.element if isinstance(field.wire, Array) else field.wire
        form = element.code if isinstance(element, Fixed) else type(element).__name__.lower()
        yield Told(
            path=f"{path}{plain(field.name)}",
            form=f"array of {form}" if isinstance(field.wire, Array) else form,
            versions=tuple(versions),
            nullable=tuple([one for one in versions if field.is_nullable(one)]),
            tag=field.tag,
            is_dropped=versions != list(inside) and field.is_ignorable,
            default=_our_default(field),
        )
        if isinstance(element, Struct):
            within = range(versions[0], versions[-1] + 1)
            yield from _told_by_us(element, f"{path}{plain(field.name)}.", within)


def _our_default(field: Field) -> Any:
    if isinstance(field.wire, Struct) and field.default == field.wire.default:
        return "all its fields at their defaults"
    return field.default


# -- the claims --------------------------------------------------------------------------------------------------------


def test_every_api_that_clients_need_is_declared(jar: dict[int, dict[str, Any]]) -> None:
    assert {int(api) for api in ApiKey} == NEEDED
    assert set(jar) >= NEEDED


@pytest.mark.parametrize("api", ApiKey)
def test_the_table_says_what_kafkas_definitions_say(jar: dict[int, dict[str, Any]], api: ApiKey) -> None:
    for kind in ("request", "response"):
        definition = jar[api][kind]
        versions = span(definition["validVersions"], 0)
        flexible = span(definition["flexibleVersions"], versions[-1])

        assert definition["name"] == api.message(kind).__name__
        assert (versions[0], versions[-1]) == api.versions
        assert [one for one in versions if one in flexible] == [one for one in versions if one >= api.flexible_since]


@pytest.mark.parametrize("kind", ["request", "response"])
@pytest.mark.parametrize("api", ApiKey)
def test_each_field_is_the_one_of_kafkas_definition(jar: dict[int, dict[str, Any]], api: ApiKey, kind: str) -> None:
    assert list(told_by_us(api, kind)) == list(told_by_jar(jar[api][kind]))


@pytest.mark.parametrize("api", SUPPORTED)
def test_what_kafka_calls_unstable_is_not_spoken_here_but_for_what_is_said_to_be_ahead(
    jar: dict[int, dict[str, Any]], api: ApiKey
) -> None:
    stable = api.versions.highest - (jar[api]["request"].get("latestVersionUnstable") is True)

    assert SUPPORTED[api].highest <= stable or AHEAD_OF_KAFKA[api] == stable + 1
