"""Why something happened: one sentence on the faults behind it, and the way back, a cause a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.tui.lines import Line, Span, Tone, laid, line
from sim.tui.telling import sign_of, told
from sim.tui.view_model.causality import Relation, WhyStep

if TYPE_CHECKING:
    from sim.tui.questions import Question
    from sim.tui.session import Watched

FORMAT = "acklab-why-1"
CLOCK = 9


class WhyRow(NamedTuple):
    """One line of an explanation, and where it leads."""

    line: Line
    event: int | None = None
    is_rest: bool = False
    """Whether it only goes on with the line above: nobody stops there."""


def why_rows(watched: Watched, question: Question, steps: Sequence[WhyStep], *, width: int) -> list[WhyRow]:
    """Tell an explanation. A width of 0 is any."""
    rows = _laid(WhyRow(line(Span(faults_text(watched, steps), Tone.LEADER))), width, indent=2)
    if question.finding is not None:
        finding = question.finding
        name = finding.name if finding.record >= 0 else f"{finding.topic}-{finding.partition}"
        rows += _laid(WhyRow(line(Span(f"✗ {name}: {finding.what}", Tone.BAD))), width, indent=2)
    numbers = max(len(str(step.event)) for step in steps)
    for step in steps:
        rows += _step(watched, step, numbers, width)
    return rows


def faults_text(watched: Watched, steps: Sequence[WhyStep]) -> str:
    """Say in one sentence which faults are behind it."""
    faults = sorted(step.event for step in steps if step.is_fault)
    named = "; ".join(f"{watched.events[event].fault} (#{event})" for event in faults)
    match len(faults):
        case 0:
            return "No fault is behind it."
        case 1:
            return f"One fault is behind it: {named}."
        case count:
            return f"{count} faults are behind it: {named}."


def _step(watched: Watched, step: WhyStep, numbers: int, width: int) -> list[WhyRow]:
    event = watched.events[step.event]
    sign = sign_of(event)
    at = f"{watched.film.clock(step.event):>{CLOCK}} #{step.event:<{numbers}} "
    tone = sign.tone if sign.tone in {Tone.FAULT, Tone.BAD, Tone.GOOD} else Tone.PLAIN
    text = told(event, batch=watched.ways.batch_of(step.event), whose=watched.ways.whose(step.event))
    words = _words(step)
    parts = (Span(at, Tone.DIM), Span(f"{sign.glyph} ", sign.tone), Span(words, Tone.DIM), Span(text, tone))
    return _laid(WhyRow(line(*parts), step.event), width, indent=len(at) + 2)


def _words(step: WhyStep) -> str:
    match step.relation:
        case Relation.ASKED:
            return ""
        case Relation.AND:
            return f"and, for #{step.explains}: "
        case Relation.BESIDE:
            return "besides: "
        case other:
            return f"{other.value} "


def _laid(row: WhyRow, width: int, *, indent: int) -> list[WhyRow]:
    if not width:
        return [row]
    first, *more = laid(row.line, width, indent=indent)
    return [row._replace(line=first), *(row._replace(line=text, is_rest=True) for text in more)]


def why_facts(watched: Watched, question: Question, steps: Sequence[WhyStep]) -> Mapping[str, Any]:
    """Give an explanation as one object of plain values."""
    finding = question.finding
    return {
        "format": FORMAT,
        "scenario": watched.name,
        "seed": watched.seed,
        "properties": dict(watched.properties),
        "digest": watched.digest,
        "asked": question.event,
        "finding": None if finding is None else {"name": finding.name, "what": finding.what},
        "told": faults_text(watched, steps),
        "steps": [
            {
                "event": step.event,
                "type": type(watched.events[step.event]).__name__,
                "story_us": watched.film.story_us(step.event),
                "relation": step.relation.value or "asked",
                "explains": step.explains,
                "is_fault": step.is_fault,
                "is_root": step.is_root,
                "told": told(
                    watched.events[step.event],
                    batch=watched.ways.batch_of(step.event),
                    whose=watched.ways.whose(step.event),
                ),
            }
            for step in steps
        ],
    }
