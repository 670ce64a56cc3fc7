"""A search on the screen: the choices, the command that does the same, the bar, and each finding."""

from __future__ import annotations

from sim.tui.home.desk import Finding
from sim.tui.home.searching import CHOICES, SCHEDULES, Searching, Stage
from sim.tui.lines import Line, Span, Tone, fitted, line

BAR = 30
LABEL = 16
_STAGES = {
    Stage.ASKING: Span("⏎ begins", Tone.DIM),
    Stage.RUNNING: Span("Esc stops it and keeps what was found", Tone.DIM),
    Stage.STOPPING: Span("stopping; what is found is kept …", Tone.UNSURE),
    Stage.STOPPED: Span("stopped; every finding is kept", Tone.UNSURE),
    Stage.DONE: Span("done", Tone.GOOD),
}


def choice_line(searching: Searching, place: int) -> Line:
    """One choice: its name, its value, and that it can be turned."""
    value = (searching.story, searching.kinds[searching.kind], f"{SCHEDULES[searching.schedules_at]:,}")[place]
    before, after = ("", "") if searching.is_busy else ("◂ ", " ▸")
    return line(
        Span(CHOICES[place].ljust(LABEL), Tone.DIM),
        Span(before, Tone.DIM),
        Span(value, Tone.KEY),
        Span(after, Tone.DIM),
    )


def finding_line(finding: Finding) -> Line:
    """One finding: which promises broke, and by which faults."""
    faults = "; ".join(finding.schedule) or "no fault at all"
    return line(Span(f"✗ {', '.join(finding.broken)}  ", Tone.BAD), Span(faults))


def progress_line(searching: Searching, *, width: int) -> Line:
    """The bar with its figures, or that it has not begun."""
    so_far, of = searching.so_far, searching.asked.schedules
    stage = _STAGES[searching.stage]
    if searching.stage is Stage.ASKING:
        return line(stage)
    done = BAR * so_far.looked // of
    bar = Span(f"[{'#' * done}{'.' * (BAR - done)}] ", Tone.PRODUCER)
    count = Span(f"{so_far.looked:,} of {of:,}  ")
    failing = Span(f"{so_far.failing:,} failing  ", Tone.BAD if so_far.failing else Tone.DIM)
    return fitted((line(bar, count, failing, stage), line(count, failing, stage), line(count, failing)), width)


def findings_heading(searching: Searching) -> Line:
    """Say how many there are, and what to do with them."""
    count = len(searching.found)
    about = (
        f"{count}  ⏎ opens one as a run" if count else "none so far" if not searching.is_over else _nothing(searching)
    )
    return line(Span("FINDINGS  ", Tone.HEADING), Span(about, Tone.DIM))


def _nothing(searching: Searching) -> str:
    so_far = searching.so_far
    return f"none: held in {so_far.held:,}, inconclusive in {so_far.inconclusive:,}"


def same_lines(searching: Searching, command: str) -> list[Line]:
    """Give the command that does the same, in a line of its own: of the chosen finding, or of the search."""
    finding = searching.chosen
    if finding is None:
        return [line(Span("the same as", Tone.DIM)), line(Span(f"  {command}", Tone.KEY))]
    return [line(Span("run again by", Tone.DIM)), line(Span(f"  acklab replay {finding.path}", Tone.KEY))]
