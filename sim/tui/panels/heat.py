"""The heat map: keys in rows, partitions in columns; which partition is hot, by how much, and which key makes it so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from sim.judges.report import text_of
from sim.tui.lines import Line, Span, Tone, padded
from sim.tui.panels.page import PageRow, laid_out, nothing_yet

if TYPE_CHECKING:
    from sim.tui.playhead import Playhead
    from sim.tui.view_model.loads import Load

KEYS_MAX = 200
"""So many keys have a row, those with most records; the others share one."""
LABEL_MIN, LABEL_MAX = 10, 30
CELL_MAX = 14
NUMBER_MIN = 3
"""A number takes so many columns, so that shades stand under one another."""
SHADES = (" ", "░", "▒", "▓", "█")
"""From no record to the most that one cell has."""
_TONES = (Tone.DIM, Tone.PLAIN, Tone.PLAIN, Tone.UNSURE, Tone.BAD)
HOT_FROM = 2.0
"""From this skew on it is said that a partition is hot."""
_ANY_WIDTH = 10_000


class _Table(NamedTuple):
    """How wide its columns are, and which partitions have one of their own."""

    label: int
    cell: int
    shown: tuple[int, ...]
    hidden: tuple[int, ...]
    """These share a column: there is no room for more."""


def heat_rows(playhead: Playhead, width: int, _: int) -> list[PageRow]:
    """Lay out each topic's keys and partitions at the moment of the playhead."""
    loads = playhead.watched.loads.at(playhead.index)
    if not loads:
        return nothing_yet("no record has a partition yet", playhead, width)
    rows: list[PageRow] = []
    for load in loads:
        rows += [PageRow(())] if rows else []
        rows += _topic(load, width or _ANY_WIDTH)
    return rows


def heat_facts(playhead: Playhead) -> list[dict[str, object]]:
    """Give for each topic its skew, its records by partition, by key, and by both."""
    return [
        {
            "topic": load.topic,
            "partitions": load.partitions,
            "records": load.records,
            "skew": round(load.skew, 3),
            "by_partition": load.by_partition,
            "by_key": {_key(key): records for key, records in load.by_key.items()},
            "cells": [
                {"key": key, "partition": partition, "records": records}
                for (key, partition), records in load.cells.items()
            ],
        }
        for load in playhead.watched.loads.at(playhead.index)
    ]


def _topic(load: Load, width: int) -> Iterator[PageRow]:
    yield from _said(load, width)
    by_partition, by_key = load.by_partition, load.by_key
    table = _table(load, by_partition, by_key, width)
    yield PageRow(_heading(table))
    yield PageRow(_row("all keys", by_partition, load.records, table, max(by_partition.values())))
    yield PageRow(_shares(by_partition, load.records, table))
    most = max(load.cells.values())
    for key in list(by_key)[:KEYS_MAX]:
        counts = {partition: load.cells.get((key, partition), 0) for partition in by_partition}
        yield PageRow(_row(_key(key), counts, by_key[key], table, most))
    rest = frozenset(list(by_key)[KEYS_MAX:])
    if rest:
        counts = dict.fromkeys(by_partition, 0)
        for (key, partition), records in load.cells.items():
            counts[partition] += records if key in rest else 0
        yield PageRow(_row(f"{len(rest)} more keys", counts, sum(counts.values()), table, 0))


def _said(load: Load, width: int) -> list[PageRow]:
    """Say in words which partition is the fullest, and what fills it."""
    by_partition, records = load.by_partition, load.records
    hot = max(by_partition, key=lambda one: by_partition[one])
    in_hot = {key: count for (key, partition), count in load.cells.items() if partition == hot}
    key = max(in_hot, key=lambda one: in_hot[one])
    is_hot = load.skew >= HOT_FROM
    tone = Tone.BAD if is_hot else Tone.PLAIN
    first = (
        Span(f"{load.topic}  ", Tone.HEADING),
        Span(f"skew {load.skew:.1f}", tone),
        Span(f"  the fullest of {load.partitions} partitions over the average; 1 is even", Tone.DIM),
    )
    second = (
        Span("  hot: " if is_hot else "  fullest: ", tone),
        Span(f"{load.topic}-{hot}", Tone.KEY),
        Span(f" has {by_partition[hot]} of {_records(records)}, {_share(by_partition[hot], records)}; "),
        Span(_key(key), Tone.KEY),
        Span(f" has {in_hot[key]} of them, {_share(in_hot[key], by_partition[hot])}"),
    )
    return [*laid_out(first, width, indent=2), *laid_out(second, width, indent=4)]


def _table(load: Load, by_partition: dict[int, int], by_key: dict[bytes | None, int], width: int) -> _Table:
    longest = max([len(_key(key)) for key in list(by_key)[:KEYS_MAX]] + [LABEL_MIN])
    total = len(str(load.records))
    names = [f"p{partition}" for partition in by_partition]
    number = max(len(str(max(by_partition.values()))), NUMBER_MIN)
    cell = max([number + 3, len("100%") + 2, *(len(name) + 2 for name in names)])
    # A key's name may be cut, a number never: the names give way first.
    label = min(longest, LABEL_MAX, max(width - len(names) * cell - total - 4, LABEL_MIN))
    room = max((width - label - total - 4) // cell, 1)
    if len(names) <= room:
        # What is left makes the shades broader.
        cell = max(cell, min((width - label - total - 4) // len(names), CELL_MAX))
        return _Table(label, cell, tuple(by_partition), ())
    fullest = sorted(by_partition, key=lambda one: (-by_partition[one], one))
    return _Table(label, cell, tuple(sorted(fullest[: room - 1])), tuple(sorted(fullest[room - 1 :])))


def _heading(table: _Table) -> Line:
    spans = [Span("key".ljust(table.label), Tone.HEADING)]
    spans += [Span(f"p{partition}".rjust(table.cell), Tone.HEADING) for partition in table.shown]
    if table.hidden:
        spans.append(Span("rest".rjust(table.cell), Tone.HEADING))
    return (*spans, Span("  all", Tone.HEADING))


def _row(name: str, counts: dict[int, int], total: int, table: _Table, most: int) -> Line:
    spans = [*padded((Span(_cut(name, table.label)),), table.label)]
    shown = [counts[partition] for partition in table.shown]
    if table.hidden:
        shown.append(sum(counts[partition] for partition in table.hidden))
    for count in shown:
        shade = 0 if not count or not most else min(1 + (len(SHADES) - 2) * count // most, len(SHADES) - 1)
        number = str(count) if count else "·"
        breadth = max(table.cell - max(len(number), NUMBER_MIN) - 2, 1)
        shades = SHADES[shade] * breadth if count else ""
        text = f"{shades} {number.rjust(table.cell - breadth - 2)}"
        spans.append(Span(text.rjust(table.cell), _TONES[shade] if count else Tone.DIM))
    return (*spans, Span(f"  {total}"))


def _cut(name: str, room: int) -> str:
    """Take out of the middle of a name what there is no room for: its end tells it from its like as often as its begin does."""
    if len(name) <= room:
        return name
    return f"{name[: room // 2]}…{name[len(name) - (room - room // 2 - 1) :]}"


def _shares(by_partition: dict[int, int], records: int, table: _Table) -> Line:
    spans = [Span("share".ljust(table.label), Tone.DIM)]
    shown = [by_partition[partition] for partition in table.shown]
    if table.hidden:
        shown.append(sum(by_partition[partition] for partition in table.hidden))
    return (*spans, *(Span(_share(count, records).rjust(table.cell), Tone.DIM) for count in shown))


def _key(key: bytes | None) -> str:
    return "no key" if key is None else text_of(key)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%"


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count} records"
