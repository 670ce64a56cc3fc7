"""A value's bytes by fastavro, behind a quick question whether it could be written as something else without a word.

fastavro writes 1.5 for an int as 1, 2**40 as what no other reader takes for an int, True as 1, and leaves out a field that the record
does not have. The question is compiled to Python, in one function with the writing, as it is asked of every value; what it finds
suspicious is looked at in full (`avro_fit`). Of unions and logical types fastavro itself asks what fits.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from fastavro import schemaless_writer

from producer.errors import SerializationError
from producer.serialization.formats.avro_fit import LIMITS, misfit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BLOCKS_MAX = 8
"""Blocks within blocks in one function: what lies deeper is asked about in another one, as Python nests twenty loops and no more."""
INNER = {"array": "items", "map": "values"}
WRITE = """
def write(v0):
    try:
        {questions}
        buffer = BytesIO()
        schemaless_writer(buffer, parsed, v0)
        return prefix + buffer.getvalue()
    except SerializationError:
        raise
    except Exception as error:  # whatever fastavro, or the value itself, raises
        raise refusal(v0, error) from error
"""
ASK = """
def {name}(v0):
        {questions}
        return False
"""


def writer(parsed: Any, prefix: bytes) -> Callable[[Any], bytes]:
    """Give what makes bytes of a value, behind the prefix, by a schema as fastavro has parsed it. That raises SerializationError."""

    def look(data: Any) -> bytes:
        found = misfit(data, parsed)
        if found is not None:
            raise found
        buffer = BytesIO()
        schemaless_writer(buffer, parsed, data)
        return prefix + buffer.getvalue()

    def refusal(data: Any, error: Exception) -> SerializationError:
        return misfit(data, parsed) or SerializationError(f"{type(error).__name__}: {error}", value=data)

    environment = {
        "BytesIO": BytesIO, "schemaless_writer": schemaless_writer, "parsed": parsed, "prefix": prefix,
        "look": look, "refusal": refusal, "SerializationError": SerializationError,
    }  # fmt: skip
    return _Questions(environment).before_writing(parsed)


class _Questions:
    """The functions of one schema: one about the whole, and one about each record that is met again or lies too deep."""

    def __init__(self, environment: dict[str, Any]) -> None:
        self._definitions: dict[str, Any] = {}
        self._functions: dict[int, str] = {}
        """By the identity of the record, array or map."""
        self._left: list[tuple[str, Any]] = []
        """Those that are called and not written yet."""
        self._environment = environment
        self._blocks_max = BLOCKS_MAX
        self._odd = "return look(v0)"
        """What is done with a value that is suspicious."""
        self._count = 0

    def before_writing(self, schema: Any) -> Callable[[Any], bytes]:
        """Compile the question about a whole schema, and the writing behind it."""
        self._compile(WRITE, self._lines(schema, 0, 0))
        # Nothing is written out in those that follow that could be called: so each record is there twice at most.
        self._blocks_max, self._odd = 0, "return True"
        while self._left:
            name, one = self._left.pop()
            self._compile(ASK.replace("{name}", name), self._lines_within(one, 0, 0))
        made: Callable[[Any], bytes] = self._environment["write"]
        return made

    def _compile(self, form: str, lines: Iterator[str]) -> None:
        source = form.replace("{questions}", "\n        ".join(lines) or "pass")
        exec(compile(source, "<avro>", "exec"), self._environment)  # noqa: S102 - made of names and numbers of ours

    def _lines(self, schema: Any, depth: int, blocks: int) -> Iterator[str]:
        """Write the question about the variable of this depth, inside so many blocks; nothing if there is none."""
        if isinstance(schema, list):
            return
        kind = schema["type"] if isinstance(schema, dict) else schema
        given = f"v{depth}"
        if isinstance(kind, dict | list):
            yield from self._lines(kind, depth, blocks)
        elif kind in self._definitions and not isinstance(schema, dict):
            yield self._called(self._definitions[kind], given)
        elif isinstance(schema, dict) and "logicalType" in schema:
            return
        elif kind == "long":
            # One that is too large, fastavro itself refuses.
            yield f"if {given}.__class__ is not int: {self._odd}"
        elif kind in LIMITS:
            limit = LIMITS[kind]
            yield f"if {given}.__class__ is not int or not {-limit} <= {given} < {limit}: {self._odd}"
        elif kind in {"record", "error", "array", "map"}:
            if kind in {"record", "error"}:
                self._definitions[schema["name"]] = schema
            if blocks < self._blocks_max:
                yield from self._lines_within(schema, depth, blocks)
            else:
                yield self._called(schema, given)

    def _called(self, schema: Any, given: str) -> str:
        """Ask by a function of its own."""
        name = self._functions.get(id(schema))
        if name is None:
            name = self._functions[id(schema)] = f"inner_{self._number()}"
            self._left.append((name, schema))
        return f"if {name}({given}): {self._odd}"

    def _lines_within(self, schema: Any, depth: int, blocks: int) -> Iterator[str]:
        kind, given, one = schema["type"], f"v{depth}", f"v{depth + 1}"
        if kind in {"record", "error"}:
            yield from self._lines_of_fields(schema, given, depth, blocks)
            return
        if kind == "array":
            # A text or a dict has items, too, and fastavro would go through them.
            yield f"if {given}.__class__ is not list: {self._odd}"
        inner = list(self._lines(schema[INNER[kind]], depth + 1, blocks + 1))
        if inner:
            yield f"for {one} in {given if kind == 'array' else f'{given}.values()'}:"
            yield from _indented(inner)

    def _lines_of_fields(self, schema: Any, given: str, depth: int, blocks: int) -> Iterator[str]:
        names, one = f"NAMES_{self._number()}", f"v{depth + 1}"
        self._environment[names] = frozenset(field["name"] for field in schema["fields"])
        # As many as there are fields, and none left out: there is no other one.
        strange = f"not {given}.keys() <= {names}"
        yield f"if len({given}) != {len(schema['fields'])} and {strange}: {self._odd}"
        for field in schema["fields"]:
            word, has_default = field["name"].__repr__(), "default" in field
            inner = list(self._lines(field["type"], depth + 1, blocks + has_default))
            if inner:
                inner.insert(0, f"{one} = {given}[{word}]")
            if has_default:
                yield f"if {word} not in {given}:"
                yield f"    if {strange}: {self._odd}"
                if inner:
                    yield "else:"
            yield from _indented(inner) if has_default else inner

    def _number(self) -> int:
        self._count += 1
        return self._count


def _indented(lines: list[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)
