"""The quick question about a value before fastavro writes it: whether it could be written as something else without a word.

fastavro writes 1.5 for an int as 1, 2**40 as what no other reader takes for an int, True as 1, and leaves out a field that the record
does not have. The question is compiled to one Python function a record, as it is asked of every value; what it finds suspicious is
looked at in full (`avro_fit`). Of unions and logical types fastavro itself asks what fits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Risk = Callable[[Any], bool]

LIMITS = {"int": 1 << 31, "long": 1 << 63}


def risk(schema: Any) -> Risk | None:
    """Give the question about values of a schema as fastavro has parsed it; None where no value needs one."""
    questions = _Questions()
    expression = questions.about(schema, "value")
    if expression is None:
        return None
    alone = questions.made.get(expression.removesuffix("(value)"))
    return questions.function("whole", expression) if alone is None else alone


class _Questions:
    """The functions of one schema, one a record, under names that they call each other by."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        """Record -> its function."""
        self._environment: dict[str, Any] = {}
        self.made: dict[str, Risk] = {}
        """By their own names."""
        self._count = 0

    def function(self, name: str, expression: str) -> Risk:
        """Compile one."""
        source = f"def {name}(value):\n    return {expression}\n"
        exec(compile(source, f"<avro {name}>", "exec"), self._environment)  # noqa: S102 - made of names and numbers of ours
        made: Risk = self._environment[name]
        self.made[name] = made
        return made

    def about(self, schema: Any, given: str, *, is_name: bool = True) -> str | None:
        """Write the question about what the expression `given` stands for; None if there is none."""
        if isinstance(schema, list):
            return None
        kind = schema["type"] if isinstance(schema, dict) else schema
        if isinstance(kind, dict | list):
            return self.about(kind, given, is_name=is_name)
        if kind in self._names and not isinstance(schema, dict):
            return f"{self._names[kind]}({given})"
        if isinstance(schema, dict) and "logicalType" in schema:
            return None
        if kind in LIMITS:
            if kind == "long":
                # One that is too large, fastavro itself refuses.
                return f"{given}.__class__ is not int"
            limit = LIMITS[kind]
            if is_name:
                return f"{given}.__class__ is not int or not {-limit} <= {given} < {limit}"
            self._count += 1
            one = f"n{self._count}"
            return f"({one} := {given}).__class__ is not int or not {-limit} <= {one} < {limit}"
        if kind in {"record", "error"}:
            return f"{self._record(schema)}({given})"
        if kind == "array":
            # A text or a dict has items, too, and fastavro would go through them.
            inner = self.about(schema["items"], "one")
            question = f"{given}.__class__ is not list"
            return question if inner is None else f"{question} or any([{inner} for one in {given}])"
        if kind == "map":
            inner = self.about(schema["values"], "one")
            return None if inner is None else f"any([{inner} for one in {given}.values()])"
        return None

    def _record(self, schema: Any) -> str:
        self._count += 1
        name = self._names[schema["name"]] = f"record_{self._count}"
        names = f"NAMES_{self._count}"
        self._environment[names] = frozenset(field["name"] for field in schema["fields"])
        strange = f"not value.keys() <= {names}"
        # As many as there are fields, and none left out: there is no other one.
        questions = [f"len(value) != {len(schema['fields'])} and {strange}"]
        for field in schema["fields"]:
            word = field["name"].__repr__()
            inner = self.about(field["type"], f"value[{word}]", is_name=False)
            if "default" in field:
                left_out = f"{word} not in value and {strange}"
                questions.append(left_out if inner is None else f"({inner}) if {word} in value else {strange}")
            elif inner is not None:
                questions.append(inner)
        self.function(name, " or ".join(f"({one})" for one in questions))
        return name
