"""The first screen: its heading, the line of what is typed, each line of the list, and what is told of the chosen one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, assert_never

from sim.stories.scenario import Scenario
from sim.tui.home.desk import LessonShown
from sim.tui.home.items import Item, Kind
from sim.tui.home.witness_files import WitnessFile
from sim.tui.lines import NOTHING, Line, Span, Tone, fitted, laid, line, padded, width_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.tui.home.memory import Ending
    from sim.tui.home.shelf import Shelf, ShelfRow

QUESTION = "What does a Kafka producer promise, and when does the promise break?"
HINTS = (
    "New here? The course, right below, asks before it shows. Or ⏎ on a story: say how it ends, then see.",
    "New here? Begin with the course, right below; or ⏎ on a story and say its end.",
    "New here? Begin with the course, right below.",
)
"""Told once in a life, in as many words as there is room for."""
DETAILS = 6
"""Lines of what is told of the chosen one: its heading, and so many that a long question fits at 80 columns."""
NAME_MIN, NAME_MAX = 30, 47
"""Columns of a name; one that is longer pushes what stands behind it."""
ABOUT_MIN = 20
"""With fewer columns a question tells nothing, and is left out."""
_ABOUT = {
    Kind.LESSON: "passed: predict, observe, explain",
    Kind.SEARCH: "schedules of faults, by the hundred",
    Kind.WITNESS: "the last that were written here",
    Kind.STORY: "each asks one thing of a promise; its ending is told when you ask, or predict",
}


def home_title(*, width: int) -> Line:
    """Name the program, and its question."""
    name = Span("acklab", Tone.HEADING)
    return fitted((line(name, Span(f"  {QUESTION}")), line(name)), width)


def hint_line(*, width: int) -> Line:
    """What somebody is told who is here for the first time."""
    return fitted((line(Span(hint, Tone.LEADER)) for hint in HINTS), width)


def typed_line(shelf: Shelf, *, width: int) -> Line:
    """What somebody has typed so far, and how much it leaves."""
    if not shelf.wanted:
        left = line(Span("▸ ", Tone.HEADING), Span("type to filter", Tone.DIM))
        right = line(Span(f"{len(shelf.items)} to open, F1 words, ^Q leaves", Tone.DIM))
    else:
        left = line(Span("▸ ", Tone.HEADING), Span(shelf.wanted, Tone.HEADING), Span("▏", Tone.HEADING))
        right = line(Span(f"{shelf.shown} of {len(shelf.items)}, Esc shows all", Tone.UNSURE))
    room = width - width_of(right) - 2
    return (*padded(left, room), Span("  "), *right) if room > len("▸ type to filter") else left


def shelf_line(row: ShelfRow, endings: Mapping[str, Ending], *, width: int) -> Line:
    """One line of the list: a heading, or an item with as much of its question as there is room for."""
    item = row.item
    if item is None:
        heading = Span(f"{row.kind.value}  ", Tone.HEADING)
        count = f"{row.done} of {row.under}" if row.kind is Kind.LESSON else f"{row.under} "
        about = Span(f" {_ABOUT[row.kind]}", Tone.DIM)
        return fitted((line(heading, Span(count), about), line(heading, Span(count))), width)
    name = min(max(width * 2 // 5, NAME_MIN), NAME_MAX)
    told = line(*_mark(item, endings), Span(f"{item.name:<{name}}  "), *_aside(item))
    if width - width_of(told) < ABOUT_MIN:
        return padded(told, width)
    return padded((*told, Span(item.about, Tone.BAD if item.trouble else Tone.DIM)), width)


def _mark(item: Item, endings: Mapping[str, Ending]) -> Line:
    """The ending, to those who know it; how far a lesson is."""
    if item.trouble:
        return line(Span("? ", Tone.UNSURE))
    subject = item.subject
    if isinstance(subject, Scenario) and item.name in endings:
        return line(Span("✗ ", Tone.BAD) if subject.expects else Span("✓ ", Tone.GOOD))
    if isinstance(subject, LessonShown):
        return line(Span("✓ ", Tone.GOOD) if subject.is_passed else Span("· ", Tone.DIM))
    if isinstance(subject, WitnessFile):
        return line(Span("✗ ", Tone.BAD) if subject.broken else Span("✓ ", Tone.GOOD))
    return line("  ")


def _aside(item: Item) -> Line:
    return line(Span(f"{item.state}  ", Tone.UNSURE)) if item.state else NOTHING


def detail_lines(item: Item | None, endings: Mapping[str, Ending], *, width: int) -> list[Line]:
    """Tell of the chosen one: its whole question, what is known of its ending, and the command that does the same."""
    if item is None:
        return [line(Span("nothing holds all of these words", Tone.UNSURE), Span("  Esc shows all", Tone.DIM))]
    lines = [line(Span(f"{item.name}  ", Tone.HEADING), Span(item.state, Tone.UNSURE))]
    lines += laid(line(Span(item.about, Tone.BAD if item.trouble else Tone.LEADER)), width - 2, indent=0)
    lines += _known(item, endings)
    lines.append(line(Span(item.command, Tone.KEY)))
    return [lines[0], *((Span("  "), *one) for one in lines[1:])]


def _known(item: Item, endings: Mapping[str, Ending]) -> Iterator[Line]:
    match item.kind:
        case Kind.LESSON:
            yield from (line(f"{one.minutes} minutes") for one in [item.subject] if isinstance(one, LessonShown))
        case Kind.STORY:
            if isinstance(item.subject, Scenario):
                yield ending_line(item.subject, endings.get(item.name))
        case Kind.SEARCH | Kind.WITNESS:
            return
        case _:
            assert_never(item.kind)


def ending_line(scenario: Scenario, known: Ending | None) -> Line:
    """Tell how a story ends to whoever knows it; to others, that it can be asked."""
    if known is None:
        return line(Span("⏎ say which promises hold, then see;  → watch it at once", Tone.DIM))
    score = f"  you said {known.right} of {known.of} right" if known.of else ""
    return (*told_ending(scenario), Span(score, Tone.DIM))


def told_ending(scenario: Scenario) -> Line:
    """Tell how a story ends: which promises break in it."""
    if not scenario.expects:
        return line(Span("✓ every promise holds", Tone.GOOD))
    return line(Span(f"✗ breaks: {', '.join(sorted(scenario.expects))}", Tone.BAD))
