"""What an event changed, or what has changed since a pinned moment: part by part, with what was and what is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from itertools import groupby
from typing import TYPE_CHECKING, Any

from producer.records import TopicPartition
from sim.tui.lines import Line, Span, Tone
from sim.tui.panels.page import PageRow, heading, laid_out
from sim.tui.view_model.difference import NOTHING, Change, difference

if TYPE_CHECKING:
    from sim.tui.playhead import Playhead

LEAD = {"replicas": "{0}-{1} on b{2}", "batches": "batch {1} of {0}", "connections": "connection {1} of {0}"}
"""How the keys of some parts are called."""
OF_NAME = frozenset({"client", "batch", "fault", "event"})
"""Fields of a batch, or of a fault, that are in its name."""
PARTS = {
    "isr": "ISR", "ended": "batches that are over", "done": "batches acknowledged",
    "given_up": "batches given up", "read": "records read back", "is_over": "the run is over",
}  # fmt: skip


def base_of(playhead: Playhead) -> int:
    """Give the event whose state is compared with: the pinned one, else the one before; -1 before the first."""
    return playhead.index - 1 if playhead.pinned is None else playhead.pinned


def changes_of(playhead: Playhead) -> list[Change]:
    """Give what leads from there to where the playhead stands."""
    film = playhead.watched.film
    before = film.state_at(base_of(playhead))
    return difference(before, film.state_at(playhead.index))


def difference_rows(playhead: Playhead, width: int, _: int) -> list[PageRow]:
    """Tell it. A width of 0 is any."""
    base, changes = base_of(playhead), changes_of(playhead)
    count = "nothing is otherwise" if not changes else f"{len(changes)} {'change' if len(changes) == 1 else 'changes'}"
    rows = heading("CHANGED", f"{count} {_since(playhead, base)}", width)
    for part, found in groupby(changes, key=lambda change: change.path[0]):
        rows += _part(part, [*found], width)
    return rows


def difference_facts(playhead: Playhead) -> dict[str, Any]:
    """Give it as values."""
    told = [
        {
            "path": [step if isinstance(step, str) else _key_text(change.path[0], step) for step in change.path],
            "before": _plain(change.before),
            "after": _plain(change.after),
        }
        for change in changes_of(playhead)
    ]
    return {"from": base_of(playhead), "to": playhead.index, "changes": told}


def _since(playhead: Playhead, base: int) -> str:
    if playhead.pinned is None:
        return f"by event #{playhead.index}; m pins this moment, to see what changes from here on"
    if base == playhead.index:
        return "yet: this moment is pinned, m lets it go"
    since = "since" if base < playhead.index else "on the way back from"
    return f"{since} #{base}, pinned at {playhead.watched.film.clock(base)}; m pins this one"


def _part(part: str, changes: Sequence[Change], width: int) -> list[PageRow]:
    """Tell one part of the state: what is new, what is gone, and field by field what is otherwise."""
    if len(changes) == 1 and len(changes[0].path) == 1:
        return laid_out((Span(f"  {_words(part)}  "), *_values(changes[0])), width, indent=4)
    rows = [PageRow((Span(f"  {_words(part)}", Tone.LEADER),), is_heading=True)]
    for (_, key), found in groupby(changes, key=lambda change: change.path[:2]):
        own = [*found]
        name = _listed(own[0]) if isinstance(key, int) and part != "brokers" else _key_text(part, key)
        if len(own) == 1:
            inner = "".join(f"  {_key_text(part, step)}" for step in own[0].path[2:])
            rows += laid_out((Span(f"    {name}{inner}  "), *_values(own[0])), width, indent=6)
            continue
        rows.append(PageRow((Span(f"    {name}"),)))
        for change in own:
            inner = "  ".join(_key_text(part, step) for step in change.path[2:])
            rows += laid_out((Span(f"      {inner}  "), *_values(change)), width, indent=8)
    return rows


def _values(change: Change) -> Line:
    if change.before is NOTHING:
        return (Span("+ ", Tone.GOOD), Span(_text(change.after), Tone.GOOD))
    if change.after is NOTHING:
        return (Span("- ", Tone.BAD), Span(_text(change.before), Tone.BAD))
    return (Span(_text(change.before), Tone.DIM), Span(" → ", Tone.DIM), Span(_text(change.after), Tone.HEADING))


def _listed(change: Change) -> str:
    """Name an entry of a list: a batch or a fault."""
    one = change.before if change.after is NOTHING else change.after
    return f"batch {one.batch} of {one.client}" if "batch" in one._fields else f"#{one.event} {one.fault}"


def _words(name: str) -> str:
    return PARTS.get(name, name.replace("_", " "))


def _key_text(part: str, key: Any) -> str:
    match key:
        case TopicPartition():
            return f"{key.topic}-{key.partition}"
        case tuple() if part in LEAD:
            return LEAD[part].format(*key)
        case tuple():
            return " ".join(map(str, key))
        case str():
            return _words(key)
        case int() if part == "brokers":
            return f"b{key}"
        case _:
            return str(key)


def _text(value: Any) -> str:
    """Write a value: of one with fields those that are not as they are at first, times left out."""
    match value:
        case Enum():
            return str(value.value)
        case bool():
            return "yes" if value else "no"
        case bytes():
            return value.decode(errors="backslashreplace")
        case tuple() if hasattr(value, "_fields"):
            defaults: Mapping[str, Any] = getattr(value, "_field_defaults", {})
            said = [
                f"{_words(name)} {_text(one)}"
                for name, one in zip(value._fields, value, strict=True)
                if not name.endswith("_us") and name not in OF_NAME and defaults.get(name, NOTHING) != one
            ]
            return ", ".join(said) or "as it is at first"
        case tuple():
            return ",".join(map(_text, value)) or "none"
        case "":
            return "none"
        case _:
            return str(value)


def _plain(value: Any) -> Any:
    return None if value is NOTHING else value
