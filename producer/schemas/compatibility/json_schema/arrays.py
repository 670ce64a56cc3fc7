"""Arrays: what stands at each place, and behind the last one that has a schema of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from producer.schemas.compatibility.incompatibility import Incompatibility
from producer.schemas.compatibility.json_schema.facts import Fact, Facts, Subschema
from producer.schemas.compatibility.json_schema.objects import Of


class Items(NamedTuple):
    """What one schema says of an array's items, whatever the draft calls it."""

    first: tuple[Subschema, ...]
    """By their places."""
    rest: Subschema
    """All others."""


def items_of(schema: Fact) -> Items:
    """Read `prefixItems` and `items` of 2020-12, `items` and `additionalItems` of all drafts before it."""
    items = schema.get("items", True)
    if "prefixItems" in schema:
        return Items(tuple(schema["prefixItems"]), items if not isinstance(items, list) else True)
    if isinstance(items, list):
        return Items(tuple(items), schema.get("additionalItems", True))
    return Items((), items)


def check_arrays(reader: Fact, writer: Facts, path: str, of: Of) -> Iterator[Incompatibility]:
    """Hold items against each other, if there may be arrays at all."""
    if "array" not in writer.kinds:
        return
    ours = items_of(reader)
    theirs = [items_of(schema) for schema in writer.schemas]
    places = max([len(ours.first), *(len(one.first) for one in theirs)])
    for place in range(places):
        known = _at(theirs, place)
        if any(one is False for one in known):
            # There is no such item, nor any behind it.
            break
        mine = ours.first[place] if place < len(ours.first) else ours.rest
        reasons = of(mine, known, f"{path}/items/{place}")
        if reasons and mine is False:
            said = f"the writer has an item at place {place}, the reader takes no more than {place}"
            yield Incompatibility(f"{path}/items/{place}", "ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL", said)
        elif reasons and not known:
            said = f"the reader describes the item at place {place}, the writer leaves it open"
            yield Incompatibility(f"{path}/items/{place}", "ITEM_ADDED_TO_OPEN_CONTENT_MODEL", said)
        else:
            yield from reasons
    else:
        known = tuple(one.rest for one in theirs if one.rest is not True)
        if not any(one is False for one in known):
            reasons = of(ours.rest, known, f"{path}/items")
            if reasons and ours.rest is False:
                said = "the writer may have more items than those it describes, the reader takes none"
                yield Incompatibility(f"{path}/items", "ADDITIONAL_ITEMS_REMOVED", said)
            else:
                yield from reasons
    if reader.get("uniqueItems") is True and not any(one is True for one in writer.given("uniqueItems")):
        said = "the reader wants all items to be different, the writer does not"
        yield Incompatibility(f"{path}/uniqueItems", "UNIQUE_ITEMS_ADDED", said)


def _at(theirs: list[Items], place: int) -> tuple[Subschema, ...]:
    found = (one.first[place] if place < len(one.first) else one.rest for one in theirs)
    return tuple(one for one in found if one is not True)
