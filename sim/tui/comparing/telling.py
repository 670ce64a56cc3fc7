"""A comparison for those who have no screen: as text, and as values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.judges.guarantees import paired
from sim.tui.comparing.alignment import Kind, Row
from sim.tui.comparing.comparison import Comparison, step_in
from sim.tui.lines import text_of
from sim.tui.panels.comparison import compared_lines, ending_lines, why_lines

WIDTH = 100
FORMAT = "acklab-comparison-2"


def plain_comparison(comparison: Comparison, *, width: int = WIDTH) -> Iterator[str]:
    """Tell two runs: how each ended, the first difference that matters, a record's way through both, everything that differs."""
    first, second = comparison.runs
    yield f"{first.title}: two runs side by side"
    if second.changed:
        yield f"changed: {second.changed}"
    for one in ending_lines(first, second, width=width):
        yield text_of(one).rstrip()
    yield ""
    for one in why_lines(comparison, width=width):
        yield text_of(one).rstrip()
    if comparison.focus is not None:
        yield ""
        yield f"THE WAY OF {comparison.focus.name.upper()} through both runs, with the time in each; = both, 1 and 2 one alone"
        for line in compared_lines(comparison, comparison.way, folds=False):
            yield text_of(line.line).rstrip()
    yield ""
    yield "EVERYTHING that differs; what is alike is counted, and so are requests, connections and high watermarks"
    for line in compared_lines(comparison, comparison.rows, has_asides=False):
        yield text_of(line.line).rstrip()


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Give the same as values: times in microseconds of the story, events by their numbers."""
    causal, focus = comparison.causal, comparison.focus
    return {
        "format": FORMAT,
        "runs": [
            {
                "scenario": watched.name,
                "seed": watched.seed,
                "properties": dict(watched.properties),
                "schedule": [str(entry) for entry in watched.schedule],
                "digest": watched.digest,
                "changed": watched.changed,
            }
            for watched in comparison.runs
        ],
        "verdicts": [
            {
                "guarantee": next(one.guarantee for one in pair if one is not None),
                "states": [None if one is None else one.state.value for one in pair],
                "findings": [None if one is None else len(one.findings) for one in pair],
            }
            for pair in paired(comparison.first.verdicts, comparison.second.verdicts)
        ],
        "compared_by": None
        if focus is None
        else {"records": [list(name) for name in focus.records], "why": focus.why, "run": focus.run or None},
        "difference": None if causal is None else _difference(comparison, causal),
        "way": [_row(comparison, row) for row in comparison.way],
        "alike": sum(row.kind is Kind.ALIKE for row in comparison.rows),
        "rows": [_row(comparison, row) for row in comparison.rows if row.kind is not Kind.ALIKE],
    }


def _difference(comparison: Comparison, row: Row) -> dict[str, Any]:
    crossed = comparison.crossed(row)
    return {
        **_row(comparison, row),
        "before_in_1_after_in_2": [one.text for one in crossed if one.is_before_in_first],
        "after_in_1_before_in_2": [one.text for one in crossed if not one.is_before_in_first],
    }


def _row(comparison: Comparison, row: Row) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": row.kind.value, "is_aside": row.is_aside}
    for run, watched in enumerate(comparison.runs, start=1):
        step = step_in(row, run)
        told[str(run)] = (
            None if step is None else {"event": step.event, "us": watched.film.story_us(step.event), "text": step.text}
        )
    return told
