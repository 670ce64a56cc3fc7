"""What can be asked of a schema registry: Confluent's REST API as values, one function a question.

A subject is a subject as it stands, with whatever letters it has. Versions are numbers from 1, or `LATEST`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from producer.schemas.schema import Schema

LATEST = "latest"
AVRO = "AVRO"
"""The type that goes without saying."""


class Call(NamedTuple):
    """One request. Two that are equal ask the same."""

    method: str
    path: str
    """As it goes over the wire, quoted, with its query."""
    body: bytes | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def register(subject: str, schema: Schema, *, normalize: bool = False) -> Call:
    """Register a schema, or find it where it is already: answers its id."""
    return Call("POST", _path("subjects", subject, "versions", normalize=normalize or None), _body(schema))


def lookup(subject: str, schema: Schema, *, normalize: bool = False) -> Call:
    """Find a schema under a subject: answers id and version, 40403 if it is not there."""
    return Call("POST", _path("subjects", subject, normalize=normalize or None), _body(schema))


def version_of(subject: str, version: int | str = LATEST, *, deleted: bool = False) -> Call:
    """Read one version of a subject; `deleted`: also one that was deleted softly."""
    return Call("GET", _path("subjects", subject, "versions", str(version), deleted=deleted or None))


def latest_with(subject: str, metadata: Iterable[tuple[str, str]]) -> Call:
    """Read the latest version of a subject that has these metadata, also one that was deleted softly."""
    pairs = list(metadata)
    query = urlencode(
        [("deleted", "true"), *(("key", key) for key, _ in pairs), *(("value", value) for _, value in pairs)]
    )
    return Call("GET", f"{_path('subjects', subject, 'metadata')}?{query}")


def by_id(schema_id: int) -> Call:
    """Read the schema of an id."""
    return Call("GET", _path("schemas", "ids", str(schema_id)))


def by_guid(guid: str) -> Call:
    """Read the schema of a GUID, which is the same in every registry."""
    return Call("GET", _path("schemas", "guids", guid))


def uses_of(schema_id: int) -> Call:
    """List the subjects and versions that an id stands for."""
    return Call("GET", _path("schemas", "ids", str(schema_id), "versions"))


def subjects(prefix: str = "", *, deleted: bool = False) -> Call:
    """List the subjects that begin so; `deleted`: also those that were deleted softly."""
    return Call("GET", _path("subjects", subjectPrefix=prefix or None, deleted=deleted or None))


def versions(subject: str, *, deleted: bool = False) -> Call:
    """List the versions of a subject; `deleted`: also those that were deleted softly."""
    return Call("GET", _path("subjects", subject, "versions", deleted=deleted or None))


def delete_subject(subject: str, *, permanent: bool = False) -> Call:
    """Delete a subject, softly first."""
    return Call("DELETE", _path("subjects", subject, permanent=permanent or None))


def delete_version(subject: str, version: int | str, *, permanent: bool = False) -> Call:
    """Delete one version of a subject, softly first."""
    return Call("DELETE", _path("subjects", subject, "versions", str(version), permanent=permanent or None))


def check(subject: str, schema: Schema, version: int | str = LATEST) -> Call:
    """Ask whether a schema is compatible with a version, and why not."""
    return Call(
        "POST", _path("compatibility", "subjects", subject, "versions", str(version), verbose=True), _body(schema)
    )


def level(subject: str | None = None, *, or_global: bool = False) -> Call:
    """Read the compatibility level of a subject, or of all that have none; `or_global`: the one that holds for a subject without."""
    return Call("GET", _path("config", *([] if subject is None else [subject]), defaultToGlobal=or_global or None))


def set_level(value: str, subject: str | None = None) -> Call:
    """Set the compatibility level of a subject, or of all that have none."""
    return Call("PUT", _path("config", *([] if subject is None else [subject])), _json({"compatibility": value}))


def mode(subject: str | None = None) -> Call:
    """Read the mode of a subject, or of all that have none."""
    return Call("GET", _path("mode", *([] if subject is None else [subject])))


def set_mode(value: str, subject: str | None = None) -> Call:
    """Set the mode of a subject, or of all that have none."""
    return Call("PUT", _path("mode", *([] if subject is None else [subject])), _json({"mode": value}))


def _path(*parts: str, **query: bool | str | None) -> str:
    path = "/" + "/".join(quote(part, safe="") for part in parts)
    given = {
        name: value if isinstance(value, str) else str(value).lower()
        for name, value in query.items()
        if value is not None
    }
    return f"{path}?{urlencode(given)}" if given else path


def _body(schema: Schema) -> bytes:
    said: dict[str, Any] = {"schema": schema.text}
    if schema.type != AVRO:
        said["schemaType"] = str(schema.type)
    if schema.references:
        said["references"] = [reference._asdict() for reference in schema.references]
    return _json(said)


def _json(said: object) -> bytes:
    return json.dumps(said, ensure_ascii=True).encode()
