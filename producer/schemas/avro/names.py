"""Names of Avro: which are allowed, and what a short one stands for."""

from __future__ import annotations

import re

from producer.schemas.avro.types import PRIMITIVES
from producer.schemas.schema import InvalidSchemaError

_PART = r"[A-Za-z_][A-Za-z0-9_]*"
_NAME = re.compile(_PART)
_FULL_NAME = re.compile(rf"{_PART}(\.{_PART})*")


def checked_name(value: object, place: str) -> str:
    """Give the name of a field or symbol. Raises InvalidSchemaError."""
    if not isinstance(value, str) or _NAME.fullmatch(value) is None:
        raise InvalidSchemaError(
            f"{place}: {value!r} is no name: letters, digits and '_', and no digit at its beginning"
        )
    return value


def defined_name(definition: dict[str, object], namespace: str, place: str) -> str:
    """Give the full name of a type that is defined within a namespace. Raises InvalidSchemaError."""
    if "name" not in definition:
        raise InvalidSchemaError(f"{place}: a {definition.get('type')} without a name")
    name = definition["name"]
    own = definition.get("namespace")
    if own is not None and not isinstance(own, str):
        raise InvalidSchemaError(f"{place}: the namespace {own!r} is no text")
    full_name = resolved(name if isinstance(name, str) else "", namespace if own is None else own)
    if not isinstance(name, str) or _FULL_NAME.fullmatch(full_name) is None:
        raise InvalidSchemaError(
            f"{place}: {name if not isinstance(name, str) else full_name!r} is no name: "
            f"parts of letters, digits and '_', with dots between them"
        )
    if full_name in PRIMITIVES:
        raise InvalidSchemaError(f"{place}: {full_name!r} is the name of a primitive type")
    return full_name


def resolved(name: str, namespace: str) -> str:
    """Give the full name that a name stands for within a namespace."""
    return name if "." in name or not namespace else f"{namespace}.{name}"


def namespace_of(full_name: str) -> str:
    """Give a full name without its last part."""
    return full_name.rpartition(".")[0]
