"""Whether a field's default, as it stands in JSON, is a value of the field's type."""

from __future__ import annotations

from producer.schemas.avro.types import Array, Definition, Definitions, Enum, Fixed, Map, Primitive, Type, Union
from producer.schemas.schema import DEPTH_MAX, InvalidSchemaError, short

RANGES = {"int": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}


def check_default(value: object, of: Type, definitions: Definitions, place: str) -> None:
    """Look whether a value is one of a type; a union's may be of any branch. Raises InvalidSchemaError."""
    _Check(definitions).check(value, of, place, 0)


class _Check:
    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._misfits: set[tuple[int, Type]] = set()
        """(id of a value, type) pairs that are known not to fit: branches of unions would be tried again and again."""

    def check(self, value: object, of: Type, place: str, depth: int) -> None:
        if depth > DEPTH_MAX:
            raise InvalidSchemaError(f"{place[:80]}: the default is nested deeper than {DEPTH_MAX} levels")
        if isinstance(of, Primitive):
            if not _is_primitive(value, of.kind):
                raise InvalidSchemaError(f"{place}: the default {short(value)} is no {of.kind}")
        elif isinstance(of, Union):
            if not any(self._fits(value, branch, place, depth + 1) for branch in of.branches):
                raise InvalidSchemaError(f"{place}: the default {short(value)} is of no branch of the union")
        elif isinstance(of, Array):
            if not isinstance(value, list):
                raise InvalidSchemaError(f"{place}: the default {short(value)} is no array")
            for number, item in enumerate(value):
                self.check(item, of.items, f"{place}[{number}]", depth + 1)
        elif isinstance(of, Map):
            if not isinstance(value, dict):
                raise InvalidSchemaError(f"{place}: the default {short(value)} is no map")
            for key, item in value.items():
                self.check(item, of.values, f"{place}{{{key!r}}}", depth + 1)
        else:
            self._check_defined(value, self._definitions[of.full_name], place, depth)

    def _fits(self, value: object, branch: Type, place: str, depth: int) -> bool:
        key = (id(value), branch)
        if key in self._misfits:
            return False
        try:
            self.check(value, branch, place, depth)
        except InvalidSchemaError:
            self._misfits.add(key)
            return False
        return True

    def _check_defined(self, value: object, of: Definition, place: str, depth: int) -> None:
        if isinstance(of, Enum):
            if value not in of.symbols:
                raise InvalidSchemaError(f"{place}: the default {short(value)} is no symbol of {of.full_name}")
        elif isinstance(of, Fixed):
            if not _is_primitive(value, "bytes") or not isinstance(value, str) or len(value) != of.size:
                raise InvalidSchemaError(
                    f"{place}: the default {short(value)} is not {of.size} bytes, as {of.full_name} has, a character each"
                )
        elif not isinstance(value, dict):
            raise InvalidSchemaError(f"{place}: the default {short(value)} is no {of.full_name}")
        else:
            for field in of.fields:
                if field.name in value:
                    self.check(value[field.name], field.type, f"{place}.{field.name}", depth + 1)
                elif not field.has_default:
                    raise InvalidSchemaError(f"{place}: the default has no {field.name!r}, as {of.full_name} has")


def _is_primitive(value: object, kind: str) -> bool:
    if kind == "null":
        return value is None
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in RANGES:
        lowest, highest = RANGES[kind]
        return isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest
    if kind in {"float", "double"}:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if not isinstance(value, str):
        return False
    # Bytes stand in JSON as text: a character is the byte of its number.
    return kind == "string" or all(character <= "\xff" for character in value)
