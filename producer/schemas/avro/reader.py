"""From the JSON of an Avro schema to its types. What breaks a rule of the specification is refused with its place."""

from __future__ import annotations

from producer.schemas.avro.defaults import check_default
from producer.schemas.avro.names import checked_name, defined_name, namespace_of, resolved
from producer.schemas.avro.types import (
    PRIMITIVES,
    Array,
    Definition,
    Enum,
    Field,
    Fixed,
    Map,
    Named,
    Primitive,
    Record,
    Type,
    Union,
    kind,
)
from producer.schemas.schema import DEPTH_MAX, FIELDS_MAX, InvalidSchemaError, short

FIXED_BYTES_MAX = 2**31 - 1
RECORDS = ("record", "error")
"""`error` is what a protocol calls a record that is thrown."""


class Reader:
    """Reads the schemas of one parse, those that are referred to first: they share one set of names."""

    def __init__(self) -> None:
        self.definitions: dict[str, Definition] = {}
        self.values: dict[str, tuple[object, str]] = {}
        """Full name -> the definition's JSON, and the namespace around it."""
        self._fields = 0
        self._defaults: list[tuple[Field, str]] = []
        self._open: set[str] = set()
        """Names of what is being defined: a type may have itself within."""

    def read(self, value: object) -> Type:
        """Read a whole schema. Raises InvalidSchemaError."""
        found = self._type(value, "", "the schema", 0)
        # Only now is every name defined that a default may be of.
        for field, place in self._defaults:
            check_default(field.default, field.type, self.definitions, place)
        self._defaults.clear()
        return found

    def _type(self, value: object, namespace: str, place: str, depth: int) -> Type:
        if depth > DEPTH_MAX:
            raise InvalidSchemaError(f"{place[:80]}: nested deeper than {DEPTH_MAX} levels")
        if isinstance(value, str):
            return self._by_name(value, namespace, place)
        if isinstance(value, list):
            return self._union(value, namespace, place, depth)
        if not isinstance(value, dict):
            raise InvalidSchemaError(f"{place}: {short(value)} is no type: a name, a list or an object")
        if "type" not in value:
            raise InvalidSchemaError(f"{place}: no 'type' in {short(value)}")
        inner = value["type"]
        if not isinstance(inner, str):
            return self._type(inner, namespace, place, depth + 1)
        if inner in RECORDS:
            return self._record(value, namespace, place, depth)
        if inner == "enum":
            return self._enum(value, namespace, place)
        if inner == "fixed":
            return self._fixed(value, namespace, place)
        if inner == "array":
            return Array(self._type(_member(value, "items", place), namespace, f"{place}[]", depth + 1))
        if inner == "map":
            return Map(self._type(_member(value, "values", place), namespace, f"{place}{{}}", depth + 1))
        return self._by_name(inner, namespace, place)

    def _by_name(self, name: str, namespace: str, place: str) -> Type:
        if name in PRIMITIVES:
            return Primitive(name)
        full_name = resolved(name, namespace)
        if full_name in self.definitions or full_name in self._open:
            return Named(full_name)
        raise InvalidSchemaError(f"{place}: {full_name!r} is no type, nor the name of one that is defined before it")

    def _union(self, branches: list[object], namespace: str, place: str, depth: int) -> Union:
        found: list[Type] = []
        seen: set[str] = set()
        for number, value in enumerate(branches):
            branch = self._type(value, namespace, f"{place}|{number}", depth + 1)
            if isinstance(branch, Union):
                raise InvalidSchemaError(f"{place}|{number}: a union directly within a union")
            key = branch.full_name if isinstance(branch, Named) else kind(branch, self.definitions)
            if key in seen:
                raise InvalidSchemaError(f"{place}|{number}: the union has {key!r} twice")
            seen.add(key)
            found.append(branch)
        return Union(tuple(found))

    def _record(self, value: dict[str, object], namespace: str, place: str, depth: int) -> Named:
        full_name = self._begin(value, namespace, place)
        inner = namespace_of(full_name)
        aliases = _aliases(value, inner, place)
        fields: list[Field] = []
        names: set[str] = set()
        for number, one in enumerate(_list(_member(value, "fields", place), f"{place}: fields")):
            if not isinstance(one, dict):
                raise InvalidSchemaError(f"{place}: field {number} is {short(one)}, no object")
            name = checked_name(one.get("name"), f"{place}: field {number}")
            if name in names:
                raise InvalidSchemaError(f"{full_name}: two fields by the name {name!r}")
            names.add(name)
            self._fields += 1
            if self._fields > FIELDS_MAX:
                raise InvalidSchemaError(f"{full_name}.{name}: more than {FIELDS_MAX} fields")
            fields.append(self._field(one, name, inner, f"{full_name}.{name}", depth))
        return self._end(Record(full_name, aliases, tuple(fields)))

    def _field(self, value: dict[str, object], name: str, namespace: str, place: str, depth: int) -> Field:
        found = self._type(_member(value, "type", place), namespace, place, depth + 1)
        order = value.get("order", "ascending")
        if order not in {"ascending", "descending", "ignore"}:
            raise InvalidSchemaError(f"{place}: order is {order!r}, must be ascending, descending or ignore")
        aliases = tuple(
            checked_name(one, f"{place}: an alias") for one in _list(value.get("aliases", []), f"{place}: aliases")
        )
        field = Field(name, found, "default" in value, value.get("default"), aliases)
        if field.has_default:
            self._defaults.append((field, place))
        return field

    def _enum(self, value: dict[str, object], namespace: str, place: str) -> Named:
        full_name = self._begin(value, namespace, place)
        symbols = tuple(
            checked_name(one, f"{full_name}: a symbol")
            for one in _list(_member(value, "symbols", place), f"{full_name}: symbols")
        )
        seen: set[str] = set()
        for symbol in symbols:
            if symbol in seen:
                raise InvalidSchemaError(f"{full_name}: the symbol {symbol!r} twice")
            seen.add(symbol)
        default = value.get("default")
        if default is not None and default not in symbols:
            raise InvalidSchemaError(f"{full_name}: the default {default!r} is none of its symbols")
        aliases = _aliases(value, namespace_of(full_name), place)
        return self._end(Enum(full_name, aliases, symbols, default if isinstance(default, str) else None))

    def _fixed(self, value: dict[str, object], namespace: str, place: str) -> Named:
        full_name = self._begin(value, namespace, place)
        size = _member(value, "size", place)
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= FIXED_BYTES_MAX:
            raise InvalidSchemaError(f"{full_name}: the size {size!r} is no number of bytes, 0..{FIXED_BYTES_MAX}")
        return self._end(Fixed(full_name, _aliases(value, namespace_of(full_name), place), size))

    def _begin(self, value: dict[str, object], namespace: str, place: str) -> str:
        full_name = defined_name(value, namespace, place)
        if full_name in self.definitions or full_name in self._open:
            raise InvalidSchemaError(f"{place}: {full_name!r} is defined twice")
        self._open.add(full_name)
        self.values[full_name] = (value, namespace)
        return full_name

    def _end(self, definition: Definition) -> Named:
        self._open.remove(definition.full_name)
        self.definitions[definition.full_name] = definition
        return Named(definition.full_name)


def _aliases(value: dict[str, object], namespace: str, place: str) -> tuple[str, ...]:
    return tuple(
        defined_name({"name": one, "type": "alias"}, namespace, f"{place}: an alias")
        for one in _list(value.get("aliases", []), f"{place}: aliases")
    )


def _member(value: dict[str, object], word: str, place: str) -> object:
    if word not in value:
        raise InvalidSchemaError(f"{place}: no {word!r} in {short(value)}")
    return value[word]


def _list(value: object, place: str) -> list[object]:
    if not isinstance(value, list):
        raise InvalidSchemaError(f"{place}: {short(value)} is no list")
    return value
