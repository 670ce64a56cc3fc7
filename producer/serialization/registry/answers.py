"""What a schema registry answers, read with care: whatever it is, it is a value of ours or a SchemaRegistryError."""

from __future__ import annotations

import json
import re
from reprlib import repr as shortened
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.errors import SchemaRegistryError
from producer.schemas.schema import Reference, Schema, SchemaType

if TYPE_CHECKING:
    from producer.serialization.registry.calls import Call

ID_MAX = 2**31 - 1
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Registered(NamedTuple):
    """Where a schema stands in a registry, as far as it says so."""

    schema_id: int
    version: int = 0
    """Of its subject; 0 if it was not told."""
    guid: str = ""
    """The same in every registry; empty for one that has none."""


def registered(call: Call, told: Any) -> Registered:
    """Read id, version and GUID. Raises SchemaRegistryError."""
    number = _field(call, told, "id", int)
    if not 0 < number <= ID_MAX:
        raise _nonsense(call, told, f"its id is {number}, must be 1..{ID_MAX}")
    version = told.get("version")
    guid = told.get("guid")
    return Registered(
        number,
        version if isinstance(version, int) and not isinstance(version, bool) and 0 < version <= ID_MAX else 0,
        guid.lower() if isinstance(guid, str) and _GUID.fullmatch(guid) else "",
    )


def schema(call: Call, told: Any) -> Schema:
    """Read a schema. Raises SchemaRegistryError."""
    text = _field(call, told, "schema", str)
    # Nothing is said of what was always the only one.
    kind = told.get("schemaType") or SchemaType.AVRO
    if kind not in list(SchemaType):
        raise _nonsense(call, told, f"its schemaType is {shortened(kind)}, must be one of {', '.join(SchemaType)}")
    given = told.get("references") or []
    if not isinstance(given, list):
        raise _nonsense(call, told, "its references are no list")
    return Schema(SchemaType(kind), text, tuple(_reference(call, told, one) for one in given))


def sent(call: Call) -> Schema | None:
    """Read the schema that a call of ours carries; None if it carries none."""
    return None if call.body is None else schema(call, json.loads(call.body))


def subject_of(call: Call, told: Any) -> str:
    """Read the subject. Raises SchemaRegistryError."""
    return str(_field(call, told, "subject", str))


def _reference(call: Call, told: Any, one: Any) -> Reference:
    if not isinstance(one, dict):
        raise _nonsense(call, told, f"a reference is {shortened(one)}")
    name, subject, version = (one.get(word) for word in ("name", "subject", "version"))
    if not isinstance(name, str) or not isinstance(subject, str) or type(version) is not int:
        raise _nonsense(call, told, f"a reference is {shortened(one)}")
    return Reference(name, subject, version)


def _field(call: Call, told: Any, name: str, kind: type) -> Any:
    found = told.get(name) if isinstance(told, dict) else None
    if not isinstance(found, kind) or isinstance(found, bool):
        raise _nonsense(call, told, f"it has no {name}")
    return found


def _nonsense(call: Call, told: Any, why: str) -> SchemaRegistryError:
    return SchemaRegistryError(str(call), status=200, detail=f"answered {shortened(told)}, and {why}")
