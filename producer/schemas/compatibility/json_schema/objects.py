"""Objects by their content model: open, closed, or open to what a schema describes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from producer.schemas.compatibility.incompatibility import Incompatibility
from producer.schemas.compatibility.json_schema.facts import Fact, Facts, Subschema

Found = list[Incompatibility]
Of = Callable[[Subschema, tuple[Subschema, ...], str], Found]
"""Holds a reader's subschema against all that a writer says of the same value, at a path."""


def check_objects(reader: Fact, writer: Facts, path: str, of: Of) -> Iterator[Incompatibility]:
    """Hold members against each other, if there may be objects at all."""
    if "object" not in writer.kinds:
        return
    for name in reader.get("required", ()) if isinstance(reader.get("required"), list) else ():
        if name not in writer.required:
            said = f"the reader requires {name!r}, the writer does not"
            yield Incompatibility(f"{path}/required/{name}", "REQUIRED_ATTRIBUTE_ADDED", said)
    for name, ours in reader.get("properties", {}).items():
        yield from _check_property(name, ours, writer, f"{path}/properties/{name}", of)
    for pattern, ours in reader.get("patternProperties", {}).items():
        yield from _check_pattern(pattern, ours, writer, f"{path}/patternProperties/{pattern}", of)
    yield from _check_additional(reader, writer, path, of)
    if "propertyNames" in reader:
        names = ({"type": "string"}, *writer.given("propertyNames"))
        yield from of(reader["propertyNames"], names, f"{path}/propertyNames")
    yield from _check_dependencies(reader, writer, path, of)


def member(writer: Facts, name: str) -> tuple[Subschema, ...]:
    """Give all that a writer says of the member of a name."""
    found: list[Subschema] = []
    for schema in writer.schemas:
        own: list[Subschema] = []
        if name in schema.get("properties", {}):
            own.append(schema["properties"][name])
        own += [one for pattern, one in schema.get("patternProperties", {}).items() if _matches(pattern, name)]
        found += own if own or "additionalProperties" not in schema else [schema["additionalProperties"]]
    return tuple(found)


def _check_property(name: str, ours: Subschema, writer: Facts, path: str, of: Of) -> Iterator[Incompatibility]:
    theirs = member(writer, name)
    if any(one is False for one in theirs):
        return
    reasons = of(ours, theirs, path)
    if reasons and not any(name in properties for properties in writer.given("properties")):
        if theirs:
            rule = "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
            said = f"the reader describes {name!r} more narrowly than the writer does all that it does not name"
        else:
            rule = "PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"
            said = f"the reader describes {name!r}, the writer leaves it open and may have written anything there"
        yield Incompatibility(path, rule, said)
        # The reasons against "anything" would say the same at length.
        return
    yield from reasons


def _check_pattern(pattern: str, ours: Subschema, writer: Facts, path: str, of: Of) -> Iterator[Incompatibility]:
    named = {name for properties in writer.given("properties") for name in properties if _matches(pattern, name)}
    for name in sorted(named):
        theirs = member(writer, name)
        if not any(one is False for one in theirs):
            yield from of(ours, theirs, path)
    same = tuple(one[pattern] for one in writer.given("patternProperties") if pattern in one)
    if same:
        yield from of(ours, same, path)
        return
    for theirs in _unnamed(writer):
        yield from of(ours, theirs, path)


def _check_additional(reader: Fact, writer: Facts, path: str, of: Of) -> Iterator[Incompatibility]:
    ours = reader.get("additionalProperties", True)
    if ours is True or ours == {}:
        return
    patterns = reader.get("patternProperties", {})
    known = reader.get("properties", {})
    for name in {name: None for properties in writer.given("properties") for name in properties}:
        theirs = member(writer, name)
        if name in known or any(_matches(pattern, name) for pattern in patterns) or any(one is False for one in theirs):
            continue
        reasons = of(ours, theirs, f"{path}/properties/{name}")
        if reasons and ours is False:
            said = f"the writer has {name!r}, the reader takes nothing that it does not name"
            yield Incompatibility(f"{path}/properties/{name}", "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", said)
        elif reasons:
            said = f"the writer's {name!r} is not covered by what the reader takes beside what it names"
            rule = "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
            yield Incompatibility(f"{path}/properties/{name}", rule, said)
    for theirs in _unnamed(writer, besides=tuple(patterns)):
        reasons = of(ours, theirs, f"{path}/additionalProperties")
        if reasons:
            rule = "ADDITIONAL_PROPERTIES_REMOVED" if ours is False else "ADDITIONAL_PROPERTIES_NARROWED"
            said = "the writer may have members that it does not name, and the reader does not take all of them"
            yield Incompatibility(f"{path}/additionalProperties", rule, said)


def _unnamed(writer: Facts, besides: tuple[str, ...] = ()) -> Iterator[tuple[Subschema, ...]]:
    """Give what may be said of a member that the writer does not name: by each of its patterns, and by none."""
    others = tuple(writer.given("additionalProperties"))
    closed = any(one is False for one in others)
    for patterns in writer.given("patternProperties"):
        for pattern, theirs in patterns.items():
            if pattern not in besides and theirs is not False:
                yield (theirs,)
    if not closed:
        yield others


def _check_dependencies(reader: Fact, writer: Facts, path: str, of: Of) -> Iterator[Incompatibility]:
    for keyword in ("dependencies", "dependentRequired", "dependentSchemas"):
        for name, ours in reader.get(keyword, {}).items():
            theirs = [one[name] for one in writer.given(keyword) if name in one]
            if any(one is False for one in member(writer, name)):
                continue
            place = f"{path}/{keyword}/{name}"
            if isinstance(ours, list):
                known = writer.required.union(*(one for one in theirs if isinstance(one, list)))
                missing = [one for one in ours if one not in known]
                if missing:
                    rule = "DEPENDENCY_ARRAY_EXTENDED" if theirs else "DEPENDENCY_ARRAY_ADDED"
                    said = f"where there is {name!r}, the reader requires {', '.join(missing)}, the writer does not"
                    yield Incompatibility(place, rule, said)
            else:
                schemas = tuple(one for one in theirs if not isinstance(one, list))
                reasons = of(ours, (*writer.schemas, *schemas), place)
                if reasons and not schemas:
                    said = f"where there is {name!r}, the reader takes less than the writer writes"
                    yield Incompatibility(place, "DEPENDENCY_SCHEMA_ADDED", said)
                yield from reasons


def _matches(pattern: str, name: str) -> bool:
    """Whether a name is one of a pattern's; of a pattern that Python has no words for, it may be."""
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return True
