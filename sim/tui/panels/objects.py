"""The record that a moment is about, as an object: its schema in one line, its fields in the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.tui.lines import NOTHING, Line, Span, Tone, fitted, padded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.tui.view_model.objects import Objects, Shown

HEIGHT = 2


def object_lines(objects: Objects, index: int, *, width: int) -> list[Line]:
    """Tell of the record of one event; a line without words where it is about something else, so that nothing jumps. A width of 0 is any."""
    shown = objects.of(index)
    if shown is None:
        lines: list[Line] = [(Span("  OBJECT  -", Tone.DIM),), NOTHING]
    else:
        lines = [fitted(_schema_forms(shown), width), fitted(_content_forms(shown), width)]
    return [padded(one, width) for one in lines] if width else lines


def _schema_forms(shown: Shown) -> Iterator[Line]:
    """Give the line of the schema; where room is short, without the format, then without who reads."""
    label = Span("  OBJECT  ", Tone.HEADING)
    schema = Span(shown.schema or "no schema", Tone.KEY if shown.schema else Tone.DIM)
    kind = (Span(f"  {shown.kind}", Tone.DIM),) if shown.kind else ()
    reads = (Span(f"  read by {shown.reads}", Tone.DIM),) if shown.reads else ()
    yield (label, schema, *kind, *reads)
    yield (label, schema, *reads)
    yield (label, schema)


def _content_forms(shown: Shown) -> Iterator[Line]:
    """Give the line of the fields; where room is short, so many as fit, and how many more there are."""
    indent = Span("          ")
    if shown.why:
        yield (indent, Span(f"✗ {shown.why}", Tone.BAD))
        return
    for count in range(len(shown.fields), -1, -1):
        spans: list[Span] = [indent]
        for name, value in shown.fields[:count]:
            spans += [Span(f"{name} ", Tone.DIM), Span(f"{value}  ")] if name else [Span(f"{value}  ")]
        left = len(shown.fields) - count
        if left:
            spans.append(Span(f"and {left} more", Tone.DIM))
        if count or left != 1:
            yield tuple(spans)
    if len(shown.fields) == 1:
        (name, value) = shown.fields[0]
        yield (indent, Span(f"{name} " if name else "", Tone.DIM), Span(value))
