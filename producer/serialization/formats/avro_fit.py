"""Where exactly a value does not fit an Avro schema: asked of one that was refused, or that seemed odd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from reprlib import repr as shortened
from typing import TYPE_CHECKING, Any

from producer.errors import SerializationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    Misfit = tuple[str, Any, str]

LIMITS = {"int": 1 << 31, "long": 1 << 63}
DEPTH_MAX = 200
"""Values within values that are looked at; a deeper one is the application's own circle."""
PYTHON: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "int": (int,),
    "long": (int,),
    "float": (float, int),
    "double": (float, int),
    "bytes": (bytes, bytearray, memoryview),
    "string": (str,),
}
WORDS = {
    "null": "None", "boolean": "a bool", "int": "an int of -2147483648..2147483647", "float": "a float", "double": "a float",
    "long": "an int of -9223372036854775808..9223372036854775807", "bytes": "bytes", "string": "a str",
}  # fmt: skip


def misfit(value: Any, schema: Any) -> SerializationError | None:
    """Say where a value does not fit a schema; None if it is not found here."""
    for field, given, rule in _Look(schema).misfits(value, schema, "", 0):
        what = f"field {field} is {shortened(given)}" if field else f"it is {shortened(given)}"
        return SerializationError(f"{what}, {rule}", field=field, value=given)
    return None


class _Look:
    """One search. It goes into each object once for each schema, so that values within themselves, and within many others, end."""

    def __init__(self, schema: Any) -> None:
        self._named = _named(schema)
        self._seen: dict[tuple[int, int], tuple[Any, bool]] = {}
        """By the identities of a container and of what it is held against: the container, and whether it fits as far as is known."""

    def misfits(self, value: Any, schema: Any, path: str, depth: int) -> Iterator[Misfit]:
        """Give each place where it does not fit: path, value, rule."""
        if not isinstance(value, Mapping | Sequence) or isinstance(value, str | bytes):
            yield from self._misfits(value, schema, path, depth)
            return
        key = id(value), id(schema)
        _, is_fit = self._seen.get(key, (None, None))
        if is_fit:
            return
        # Whoever meets it within itself takes it for good.
        self._seen[key] = value, True
        for one in self._misfits(value, schema, path, depth):
            self._seen[key] = value, False
            yield one

    def _misfits(self, value: Any, schema: Any, path: str, depth: int) -> Iterator[Misfit]:
        kind = _kind(schema)
        if depth > DEPTH_MAX:
            return
        if isinstance(schema, list):
            if not any(self._fits(value, branch, depth + 1) for branch in schema):
                words = " or ".join(_words(branch) for branch in schema)
                yield path, value, f"must be {words}"
        elif kind in self._named and not isinstance(schema, dict):
            yield from self.misfits(value, self._named[kind], path, depth)
        elif isinstance(schema, dict) and "logicalType" in schema and not isinstance(value, PYTHON.get(kind, ())):
            # fastavro's own matter; what it refuses, it says.
            return
        elif kind in {"record", "error"}:
            yield from self._record_misfits(value, schema, path, depth)
        elif kind == "array":
            if not isinstance(value, Sequence) or isinstance(value, str | bytes):
                yield path, value, "must be a list"
            else:
                for number, one in enumerate(value):
                    yield from self.misfits(one, schema["items"], f"{path}[{number}]", depth + 1)
        elif kind == "map":
            if not isinstance(value, Mapping):
                yield path, value, "must be a dict"
            else:
                for key, one in value.items():
                    yield from self.misfits(one, schema["values"], f"{path}[{key!r}]", depth + 1)
        elif kind == "enum":
            if value not in schema["symbols"]:
                yield path, value, f"must be one of {', '.join(schema['symbols'])}"
        elif kind == "fixed":
            if not isinstance(value, bytes | Decimal) or (isinstance(value, bytes) and len(value) != schema["size"]):
                yield path, value, f"must be {schema['size']} bytes"
        elif not _is(value, kind):
            yield path, value, f"must be {WORDS.get(kind, kind)}"

    def _record_misfits(self, value: Any, schema: Any, path: str, depth: int) -> Iterator[Misfit]:
        if not isinstance(value, Mapping):
            yield path, value, f"must be a dict, as of record {schema['name']}"
            return
        names = {field["name"] for field in schema["fields"]}
        for name in value:
            if name not in names and name != "-type":
                rule = f"must not be there: record {schema['name']} has no such field"
                yield f"{path}.{name}".lstrip("."), value[name], rule
        for field in schema["fields"]:
            name = field["name"]
            inner = f"{path}.{name}".lstrip(".")
            if name in value:
                yield from self.misfits(value[name], field["type"], inner, depth + 1)
            elif "default" not in field:
                yield inner, None, "must be given: it has no default"

    def _fits(self, value: Any, schema: Any, depth: int) -> bool:
        if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):
            # fastavro's way to name a branch.
            return value[0] in {_kind(schema), schema.get("name") if isinstance(schema, dict) else schema}
        known = self._seen.get((id(value), id(schema)))
        return known[1] if known is not None else next(self.misfits(value, schema, "", depth), None) is None


def _is(value: Any, kind: str) -> bool:
    wanted = PYTHON.get(kind)
    if wanted is None:
        return True
    limit = LIMITS.get(kind)
    if isinstance(value, bool) and kind != "boolean":
        # True counts as 1 in Python, and nobody means it.
        return False
    if limit is not None:
        # Other libraries' whole numbers are whole numbers, too.
        return hasattr(value, "__index__") and -limit <= value.__index__() < limit
    return isinstance(value, wanted)


def _words(schema: Any) -> str:
    kind = _kind(schema)
    return str(schema.get("name", kind)) if isinstance(schema, dict) else WORDS.get(kind, kind)


def _kind(schema: Any) -> str:
    if isinstance(schema, list):
        return "union"
    return str(schema["type"]) if isinstance(schema, dict) else str(schema)


def _named(schema: Any) -> dict[str, Any]:
    """Full name -> record, enum or fixed, wherever in a schema it is defined."""
    found: dict[str, Any] = {}
    left = [schema]
    while left:
        one = left.pop()
        if isinstance(one, list):
            left += one
        elif isinstance(one, dict):
            if "name" in one:
                found[one["name"]] = one
            left += [one[word] for word in ("type", "items", "values") if word in one and one[word] is not one]
            left += [field["type"] for field in one.get("fields", ())]
    return found
