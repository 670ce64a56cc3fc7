"""What clients send as JSON: a schema to register or to find, settings, a mode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.schemas.schema import Reference, Schema, SchemaType
from sim.registry.core.entries import Config
from sim.registry.core.errors import RegistryCode, RegistryError, invalid_schema
from sim.registry.core.records import extras_of
from sim.registry.core.registering import UNSAID, Candidate
from sim.registry.core.settings import level_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.registry.rest.messages import Asked

_INT_MIN, _INT_MAX = -(1 << 31), (1 << 31) - 1


def candidate(asked: Asked, subject: str) -> Candidate:
    """Read a schema that is meant for a subject. Raises RegistryError 400, 422, 42201."""
    told = asked.json()
    text = _text(told, "schema")
    schema = None
    if text is not None and text.strip():
        schema = Schema(_type(told), text, _references(told))
    return Candidate(
        subject,
        schema,
        extras_of(told),
        _number(told, "id", UNSAID),
        _number(told, "version", 0),
        asked.flag("normalize"),
    )


def _type(told: Mapping[str, Any]) -> SchemaType:
    word = _text(told, "schemaType") or SchemaType.AVRO
    try:
        return SchemaType(word)
    except ValueError:
        raise invalid_schema(f"schemaType is {word!r}, must be one of {', '.join(SchemaType)}") from None


def _references(told: Mapping[str, Any]) -> tuple[Reference, ...]:
    given = told.get("references")
    if given is None:
        return ()
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise _bad("references", given, "a list of objects")
    return tuple([
        Reference(_text(one, "name") or "", _text(one, "subject") or "", _number(one, "version", -1)) for one in given
    ])  # fmt: skip


def config(asked: Asked) -> Config:
    """Read settings. Raises RegistryError 400, 422, 42203."""
    told = asked.json()
    level = _text(told, "compatibility")
    normalize = told.get("normalize")
    if not (normalize is None or isinstance(normalize, bool)):
        raise _bad("normalize", normalize, "a boolean")
    return Config(None if level is None else level_named(level), normalize, _text(told, "alias"))


def mode(asked: Asked) -> str:
    """Read a mode's name. Raises RegistryError 400, 422, 42204 without one."""
    word = _text(asked.json(), "mode")
    if word is None:
        raise RegistryError(RegistryCode.INVALID_MODE, "Invalid mode: none is given")
    return word


def _text(told: Mapping[str, Any], name: str) -> str | None:
    found = told.get(name)
    if not (found is None or isinstance(found, str)):
        raise _bad(name, found, "a string")
    return found


def _number(told: Mapping[str, Any], name: str, default: int) -> int:
    found = told.get(name)
    if found is None:
        return default
    if isinstance(found, bool) or not isinstance(found, int) or not _INT_MIN <= found <= _INT_MAX:
        raise _bad(name, found, "a number of 32 bits")
    return found


def _bad(name: str, found: object, wanted: str) -> RegistryError:
    given = repr(found)
    shown = given if len(given) <= 80 else f"{given[:80]}…"
    return RegistryError(RegistryCode.BAD_REQUEST, f"{name} is {shown}, must be {wanted}")
