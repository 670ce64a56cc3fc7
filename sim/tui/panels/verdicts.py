"""The verdicts: each promise, the records that break it, and for each of those the events that tell how it came about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from sim.judges.guarantees import Finding, State, Verdict, out_of
from sim.judges.report import chain, text_of
from sim.tui.lines import Line, Span, Tone, laid, line, wrapped
from sim.tui.view_model.marks import decisive

if TYPE_CHECKING:
    from sim.tui.session import Watched

MARKS: Mapping[State, Span] = {
    State.HOLDS: Span("✓", Tone.GOOD),
    State.VIOLATED: Span("✗", Tone.BAD),
    State.INCONCLUSIVE: Span("?", Tone.UNSURE),
}
SHOWN_MAX = 200
"""How many records of one broken promise are listed; the rest is counted."""

NAME_WIDTH_MIN = 11
"""How many columns the name of a promise takes, at least, with the space behind it."""
MARK_WIDTH = 2

CLOCK = 9
"""How many columns a time takes, if it is none of a fault that struck late."""

FindingKey = tuple[str, int]
"""(guarantee, place among its findings)."""


class VerdictRow(NamedTuple):
    """One line of the panel, and where it leads."""

    line: Line
    event: int | None = None
    """The event that it names."""
    finding: FindingKey | None = None
    """The finding that Enter opens and closes."""
    is_step: bool = False
    """Whether it is one of the events of a finding: passing over it shows its moment."""
    guarantee: str = ""
    """The promise that it judges."""
    is_rest: bool = False
    """Whether it only goes on with the line above: nobody stops there."""


def verdict_rows(
    watched: Watched, *, unfolded: Collection[FindingKey], width: int = 200, has_question: bool = True
) -> list[VerdictRow]:
    """List everything that was judged; the findings in `unfolded` with their events."""
    scenario = watched.scenario
    rows: list[VerdictRow] = []
    if has_question and scenario is not None:
        rows += [VerdictRow(line(Span(text, Tone.LEADER))) for text in wrapped(scenario.question, width)]
    sent = watched.sent
    # What broke comes first: it is what somebody opened this for.
    names = name_width(watched.verdicts)
    for verdict in sorted(watched.verdicts, key=lambda one: one.state is not State.VIOLATED):
        told = _verdict(verdict, sent, names)
        rows += _laid(VerdictRow(told, guarantee=verdict.guarantee), width, indent=MARK_WIDTH + names)
        for place, finding in enumerate(verdict.findings[:SHOWN_MAX]):
            key = (verdict.guarantee, place)
            is_open = key in unfolded
            event = decisive(finding)
            told = line(f"  {'▾' if is_open else '▸'} {_finding(finding)}")
            rows += _laid(VerdictRow(told, event, key), width, indent=4)
            if is_open:
                rows += _story(watched, finding, width)
        if len(verdict.findings) > SHOWN_MAX:
            rows.append(VerdictRow(line(Span(f"    and {len(verdict.findings) - SHOWN_MAX} more", Tone.DIM))))
    for text in watched.remarks:
        rows += _laid(VerdictRow(line(Span("! ", Tone.UNSURE), Span(text))), width, indent=2)
    if scenario is not None and scenario.notes:
        rows += [
            VerdictRow(line(Span(text, Tone.DIM))) for text in wrapped(f"c changes one thing. {scenario.notes}", width)
        ]
    return rows


def _laid(row: VerdictRow, width: int, *, indent: int) -> list[VerdictRow]:
    """Lay a row out over as many lines as it needs."""
    first, *more = laid(row.line, width, indent=indent)
    return [row._replace(line=first), *(row._replace(line=text, is_rest=True) for text in more)]


def first_finding(verdicts: tuple[Verdict, ...]) -> FindingKey | None:
    """Name the finding to open at first: the first of the first broken promise."""
    return next(((verdict.guarantee, 0) for verdict in verdicts if verdict.findings), None)


def summary(verdicts: tuple[Verdict, ...], sent: int, *, is_short: bool = False, is_sure: bool = True) -> Line:
    """Give all verdicts in one line, what broke first; in short without counts; and if it was not the run asked for."""
    if not verdicts:
        return line(Span("not over, not judged", Tone.DIM))
    broken = [verdict for verdict in verdicts if verdict.state is State.VIOLATED]
    unsure = [verdict.guarantee for verdict in verdicts if verdict.state is State.INCONCLUSIVE]
    if is_short and len(broken) > 1:
        parts = [Span(f"✗ {', '.join(one.guarantee for one in broken)}", Tone.BAD)]
    else:
        parts = [Span(f"✗ {one.guarantee} {_count(one, sent)}", Tone.BAD) for one in broken]
    if unsure:
        parts.append(Span(f"? {', '.join(unsure)}", Tone.UNSURE))
    if not is_sure:
        parts.append(Span("? not as asked", Tone.UNSURE))
    if not parts:
        return line(Span("✓ every promise held", Tone.GOOD))
    return tuple(span for part in parts for span in (part, Span("  ")))[:-1]


def _count(verdict: Verdict, sent: int) -> str:
    return f"{len(verdict.findings)} of {out_of(verdict, sent)}"


def name_width(verdicts: Iterable[Verdict]) -> int:
    """How many columns the names of these promises take."""
    return max([NAME_WIDTH_MIN, *(len(verdict.guarantee) + 1 for verdict in verdicts)])


def _verdict(verdict: Verdict, sent: int, names: int) -> Line:
    mark = MARKS[verdict.state]
    if verdict.state is State.VIOLATED:
        count = Span(f" {verdict.guarantee:<{names}}{_count(verdict, sent)};", mark.tone)
        return line(mark, count, Span(f" promised: {verdict.promise}", Tone.DIM))
    word = "holds" if verdict.state is State.HOLDS else "not shown"
    checked = f" ({verdict.checked} looked at)" if verdict.checked else " (nothing to look at)"
    return line(mark, Span(f" {verdict.guarantee:<{names}}{word}"), Span(f": {verdict.promise}{checked}", Tone.DIM))


def _finding(finding: Finding) -> str:
    if finding.record >= 0:
        key = "no key" if finding.key is None else f"key {text_of(finding.key)}"
        who = f"{finding.name} ({key})"
    else:
        who = f"{finding.topic}-{finding.partition}"
    return f"{who}: {finding.what}"


def _story(watched: Watched, finding: Finding, width: int) -> list[VerdictRow]:
    film = watched.film
    rows = []
    moments = [(film.clock(number), number, text) for number, text in chain(film.events, finding.moments)]
    clock_width = max((CLOCK, *(len(clock) for clock, _, _ in moments)))
    number_width = max((len(str(number)) for _, number, _ in moments), default=0)
    for clock, number, text in moments:
        at = f"{clock:>{clock_width}} #{number:<{number_width}} "
        first, *more = wrapped(text, width - len(at))
        rows.append(VerdictRow(line(Span(at, Tone.DIM), first), number, is_step=True))
        rows += [VerdictRow(line(" " * len(at) + rest), number, is_rest=True) for rest in more]
    if finding.replicas:
        rows += [VerdictRow(line(f"    {text}")) for text in wrapped(f"in the end: {_replicas(finding)}", width - 4)]
    return rows


def _replicas(finding: Finding) -> str:
    """What became of the record on each broker: `b1 has it at offsets 0, 5; b2 never had it`."""
    words = {
        "present": "has it at",
        "corrupt": "has it corrupt at",
        "truncated": "cut it off at",
        "never had": "never had it",
    }
    told: dict[tuple[int, str], list[int]] = {}
    for broker, offset, state in finding.replicas:
        told.setdefault((broker, state), []).append(offset)
    return "; ".join(
        f"b{broker} {words[state]}" + ("" if state == "never had" else f" {_offsets(offsets)}")
        for (broker, state), offsets in told.items()
    )


def _offsets(offsets: list[int]) -> str:
    return f"offset{'s' if len(offsets) > 1 else ''} {', '.join(map(str, offsets))}"
