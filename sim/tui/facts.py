"""A view as one JSON object: what the view model holds, with names in place of positions."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from producer.records import TopicPartition
from sim.tui.lines import text_of
from sim.tui.telling import told

if TYPE_CHECKING:
    from sim.tui.playhead import Playhead
    from sim.tui.views import View

FORMAT = "acklab-view-1"


def view_facts(playhead: Playhead, view: View) -> dict[str, Any]:
    """Give a view where the playhead stands: whose run and which moment, the facts, and the lines with the events they lead to."""
    watched, index = playhead.watched, playhead.index
    return {
        "format": FORMAT,
        "view": view.name,
        "scenario": watched.name,
        "seed": watched.seed,
        "properties": dict(watched.properties),
        "digest": watched.digest,
        "moment": {
            "event": index,
            "of": playhead.last,
            "story_us": watched.film.story_us(index),
            "told": told(watched.events[index], batch=watched.ways.batch_of(index), whose=watched.ways.whose(index)),
        },
        "facts": as_json(view.facts(playhead)),
        "lines": [{"text": text_of(row.line).rstrip(), "event": row.event} for row in view.rows(playhead, 0, 0)],
    }


def as_json(value: Any) -> Any:
    """Give a value of the view model as JSON has it.

    Named tuples and dataclasses become objects, enums their values, sets sorted arrays, and bytes the text they are in UTF-8, with
    escapes for what is none. A key of several parts is their texts with `/` between; of a topic and a number, `orders-0`.
    """
    match value:
        case Enum():
            return value.value
        case bool() | int() | float() | str() | None:
            return value
        case bytes():
            return value.decode(errors="backslashreplace")
        case Mapping():
            return {_key(key): as_json(one) for key, one in value.items()}
        case AbstractSet():
            return sorted((as_json(one) for one in value), key=str)
        case tuple() if hasattr(value, "_fields"):
            return {name: as_json(one) for name, one in zip(value._fields, value, strict=True)}
        case _ if is_dataclass(value):
            return {one.name: as_json(getattr(value, one.name)) for one in fields(value)}
        case _:
            return [as_json(one) for one in value]


def _key(key: Any) -> str:
    if isinstance(key, TopicPartition):
        return f"{key.topic}-{key.partition}"
    if isinstance(key, Enum):
        return str(key.value)
    return "/".join(map(_key, key)) if isinstance(key, tuple) else str(as_json(key))
