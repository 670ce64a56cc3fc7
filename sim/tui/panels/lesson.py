"""A lesson in a few lines: its question, how long it takes, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.tui.lines import NOTHING, Line, Span, Tone, laid, line

if TYPE_CHECKING:
    from sim.tui.home.desk import LessonShown


def lesson_lines(lesson: LessonShown, *, width: int) -> list[Line]:
    """Tell what it asks, then each command that makes sense now with what it does."""
    lines = laid(
        line(Span(lesson.question, Tone.LEADER), Span(f"  {lesson.minutes} minutes", Tone.DIM)), width, indent=0
    )
    for command, about in lesson.steps:
        lines.append(line(Span("▸ ", Tone.KEY), Span(command, Tone.KEY)))
        if not about.startswith(lesson.question):
            lines += [(Span("    "), *one) for one in laid(line(Span(about, Tone.DIM)), width - 4, indent=0)]
    return [*lines, NOTHING]
