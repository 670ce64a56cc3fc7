"""Values of any declared message, drawn by Hypothesis, and the same value as kio has it.

kio is generated from Kafka's message definitions. Its fields stand in the same order and have the same names, but for
durations, which are timedeltas there, and times, which are datetimes.
"""

import datetime as dt
import io
import uuid
from dataclasses import fields
from functools import cache
from typing import Any

from hypothesis import strategies as st
from kio.index import load_request_schema, load_response_schema
from kio.schema.errors import ErrorCode as KioErrorCode
from kio.serial import entity_writer
from kio.serial._introspect import EntityField, EntityTupleField, PrimitiveTupleField, classify_field

from producer.wire.api import ApiKey
from producer.wire.compiler.structure import Field, struct_of

EPOCH_START = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
EVERY_MESSAGE = [(api, kind) for api in ApiKey for kind in ("request", "response")]
EVERY_VERSION = [
    (api, kind, version)
    for api, kind in EVERY_MESSAGE
    for version in range(api.versions.lowest, api.versions.highest + 1)
]

# kio holds a duration in a timedelta and a time in a datetime: neither goes as far as the wire does.
PRIMITIVES: dict[str, st.SearchStrategy[Any]] = {
    "bool": st.booleans(),
    "int8": st.integers(-(1 << 7), (1 << 7) - 1),
    "int16": st.integers(-(1 << 15), (1 << 15) - 1),
    "uint16": st.integers(0, (1 << 16) - 1),
    "int32": st.integers(-(1 << 31), (1 << 31) - 1),
    "int64": st.integers(-(1 << 63), (1 << 63) - 1),
    "float64": st.floats(allow_nan=False),
    "uuid": st.just(bytes(16)) | st.binary(min_size=16, max_size=16),
    "string": st.text(max_size=8),
    "bytes": st.binary(max_size=20),
    "records": st.binary(max_size=20),
    "error_code": st.sampled_from([int(known) for known in KioErrorCode]),
    "timedelta_i32": st.integers(0, (1 << 31) - 1),
    "timedelta_i64": st.integers(0, 10**12),
    "datetime_i64": st.sampled_from([0, 1, 1_700_000_000_123, 4_102_444_800_999]),
}
NO_TIME = st.just(-1)


@cache
def kio_schema(api: ApiKey, kind: str, version: int) -> Any:
    return (load_request_schema if kind == "request" else load_response_schema)(api, version)


def present(declared: Any, version: int) -> list[Field]:
    """Our fields that a version has, in the order of the wire."""
    return [field for field in struct_of(declared).fields if version in field.versions]


@cache
def values(api: ApiKey, kind: str, version: int) -> st.SearchStrategy[Any]:
    """Any value of a message whose fields are those of the version."""
    return _values(api.message(kind), kio_schema(api, kind, version), version)


def _values(declared: Any, schema: Any, version: int) -> st.SearchStrategy[Any]:
    drawn: dict[str, Any] = {}
    for ours, theirs in zip(present(declared, version), fields(schema), strict=True):
        words = ours.name.replace("_", "")
        assert theirs.name.replace("_", "") in {words, words.removesuffix("ms")}, f"{declared.__name__}.{ours.name}"
        kind = classify_field(theirs)
        if isinstance(kind, EntityTupleField):
            element = _values(ours.wire.element.value, kind.type_, version)  # type: ignore[union-attr]
            one: st.SearchStrategy[Any] = st.lists(element, max_size=2).map(tuple)
        elif isinstance(kind, EntityField):
            one = _values(ours.wire.value, kind.type_, version)  # type: ignore[union-attr]
        elif isinstance(kind, PrimitiveTupleField):
            one = st.lists(PRIMITIVES[theirs.metadata["kafka_type"]], max_size=3).map(tuple)
        else:
            one = PRIMITIVES[theirs.metadata["kafka_type"]]
            if ours.default == -1 and theirs.default is None:
                one |= NO_TIME
        drawn[ours.name] = st.none() | one if ours.is_nullable(version) else one
    return st.fixed_dictionaries(drawn).map(lambda given: declared(**given))


def to_kio(schema: Any, value: Any, version: int) -> Any:
    """The same value as kio has it."""
    given: dict[str, Any] = {}
    for ours, theirs in zip(present(type(value), version), fields(schema), strict=True):
        content = getattr(value, ours.name)
        kind = classify_field(theirs)
        if content is None:
            given[theirs.name] = None
        elif isinstance(kind, EntityTupleField):
            given[theirs.name] = tuple([to_kio(kind.type_, element, version) for element in content])
        elif isinstance(kind, EntityField):
            given[theirs.name] = to_kio(kind.type_, content, version)
        elif isinstance(kind, PrimitiveTupleField):
            given[theirs.name] = content
        else:
            given[theirs.name] = _scalar(theirs.metadata["kafka_type"], content)
    return schema(**given)


def _scalar(kafka_type: str, value: Any) -> Any:
    match kafka_type:
        case "uuid":
            return uuid.UUID(bytes=value) if any(value) else None
        case "timedelta_i32" | "timedelta_i64":
            return dt.timedelta(milliseconds=value)
        case "datetime_i64":
            return None if value == -1 else EPOCH_START + dt.timedelta(milliseconds=value)
        case "error_code":
            return KioErrorCode(value)
        case _:
            return value


def kio_bytes(entity: Any) -> bytes:
    """What kio writes."""
    buffer = io.BytesIO()
    entity_writer(type(entity))(buffer, entity)
    return buffer.getvalue()
