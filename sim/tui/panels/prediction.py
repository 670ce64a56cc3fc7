"""A story before it is told: its question, and of each promise what somebody says; then what came of it beside that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.guarantees import State, out_of
from sim.tui.lines import Line, Span, Tone, fitted, laid, line
from sim.tui.panels.verdicts import MARKS, name_width

if TYPE_CHECKING:
    from sim.stories.scenario import Scenario
    from sim.tui.home.memory import Ending
    from sim.tui.home.prediction import Prediction, Said
    from sim.tui.session import Watched

WORDS = {True: Span("✓ holds ", Tone.GOOD), False: Span("✗ breaks", Tone.BAD)}


def question_lines(scenario: Scenario, *, width: int) -> list[Line]:
    """The story's name, and what it asks."""
    name = line(Span(scenario.name, Tone.HEADING))
    return [name, *laid(line(Span(scenario.question, Tone.LEADER)), width, indent=0)]


def task_line(prediction: Prediction | None, ending: Ending | None, *, width: int) -> Line:
    """Say what is to be done, or how right it was."""
    if prediction is None:
        return line(Span("the story is run; nothing of it is told yet …", Tone.DIM))
    if not prediction.is_made:
        heading = Span("WHICH PROMISES HOLD?", Tone.HEADING)
        said = ("  ␣ changes your word, ⏎ ends the guessing and tells", "  ␣ changes, ⏎ tells", "")
        return fitted((line(heading, Span(one, Tone.DIM)) for one in said), width)
    assert ending is not None
    right, of = ending.right, ending.of
    tone = Tone.GOOD if right == of else Tone.UNSURE
    heading = Span(f"{right} OF {of} RIGHT", tone)
    said = ("  ⏎ watches how it came about", "  ⏎ watches it", "")
    return fitted((line(heading, Span(one, Tone.DIM)) for one in said), width)


def promise_lines(said: Said | None, *, width: int) -> list[Line]:
    """Tell the chosen promise whole: in the list it may be cut."""
    if said is None:
        return []
    told = line(Span(f"  {said.verdict.guarantee}: ", Tone.KEY), Span(said.verdict.promise))
    return laid(told, width, indent=2)


def said_line(said: Said, watched: Watched, *, is_told: bool) -> Line:
    """One promise: what was said, and once it is told, what came of it."""
    names = name_width(watched.verdicts)
    verdict = said.verdict
    word = WORDS[said.holds]
    first = (Span(f"{word.text}  ", word.tone), Span(f"{verdict.guarantee:<{names}}"))
    if not is_told:
        return line(Span("  "), *first, Span(verdict.promise, Tone.DIM))
    mark = MARKS[verdict.state]
    if verdict.state is State.VIOLATED:
        came = Span(f"broke: {len(verdict.findings)} of {out_of(verdict, watched.sent)}", mark.tone)
    elif verdict.state is State.HOLDS:
        came = Span("held", mark.tone)
    else:
        came = Span("not shown", mark.tone)
    answer = Span(
        "= " if said.is_right else "? " if not said.is_shown else "≠ ", Tone.GOOD if said.is_right else Tone.UNSURE
    )
    return line(answer, *first, Span(f"{came.text:<18}", came.tone), Span(verdict.promise, Tone.DIM))
