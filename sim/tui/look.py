"""What each tone looks like, in each of the looks that somebody may choose.

The first is of our own: the colours of Okabe and Ito, told apart by everybody, on a ground dark enough for 4.5:1. Colour is never
alone in any of them: signs and words say the same.
"""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from sim.tui.lines import Line, Tone, padded

GROUND = "#101418"
RAISED = "#1d242b"
"""Behind headings."""
CHOSEN = "#283340"
"""Behind the line that is chosen."""
INK = "#e8e8e8"


class Inks(NamedTuple):
    """The colours of a look."""

    plain: str
    strong: str
    """Headings and keys."""
    dim: str
    good: str
    bad: str
    unsure: str
    fault: str
    leader: str
    follower: str
    on_now: str
    """On the sign of now, whose ground is the leader's colour."""


class Look(NamedTuple):
    """How everything is drawn."""

    name: str
    about: str
    is_dark: bool
    grounds: dict[str, str]
    """The first look's grounds -> this one's: whoever draws names a ground by the first."""
    inks: Inks
    styles: dict[Tone, Style]


def _look(name: str, about: str, inks: Inks, *, ground: str, raised: str, chosen: str, is_dark: bool = True) -> Look:
    styles = {
        Tone.PLAIN: Style(color=inks.plain),
        Tone.DIM: Style(color=inks.dim),
        Tone.HEADING: Style(color=inks.strong, bold=True),
        Tone.GOOD: Style(color=inks.good),
        Tone.BAD: Style(color=inks.bad, bold=True),
        Tone.UNSURE: Style(color=inks.unsure),
        Tone.FAULT: Style(color=inks.fault, bold=True),
        Tone.LEADER: Style(color=inks.leader),
        Tone.FOLLOWER: Style(color=inks.follower),
        Tone.PRODUCER: Style(color=inks.follower),
        Tone.NOW: Style(color=inks.on_now, bgcolor=inks.leader, bold=True),
        Tone.KEY: Style(color=inks.strong, bold=True, underline=True),
    }
    return Look(name, about, is_dark, {GROUND: ground, RAISED: raised, CHOSEN: chosen}, inks, styles)


LOOKS: dict[str, Look] = {
    one.name: one
    for one in (
        _look(
            "acklab",
            "Okabe and Ito's colours on dark",
            # Green, vermilion and purple are a little lighter than theirs, for contrast.
            Inks(
                plain=INK,
                strong="#ffffff",
                dim="#a3abb3",
                good="#00b383",
                bad="#ff7f2a",
                unsure="#e69f00",
                fault="#e08fbd",
                leader="#f0e442",
                follower="#56b4e9",
                on_now="#000000",
            ),
            ground=GROUND,
            raised=RAISED,
            chosen=CHOSEN,
        ),
        _look(
            "acklab-light",
            "the same colours, darker, on white",
            Inks(
                plain="#16191c",
                strong="#000000",
                dim="#4f5963",
                good="#00654a",
                bad="#a33f00",
                unsure="#7a4f00",
                fault="#8d2f68",
                leader="#5c5500",
                follower="#00578a",
                on_now="#ffffff",
            ),
            ground="#ffffff",
            raised="#eef1f4",
            chosen="#dbe3ea",
            is_dark=False,
        ),
        _look(
            "acklab-contrast",
            "lighter still, on black: 7:1",
            Inks(
                plain="#ffffff",
                strong="#ffffff",
                dim="#cfcfcf",
                good="#2ee6ac",
                bad="#ffae78",
                unsure="#ffc233",
                fault="#ffb3dc",
                leader="#fff35c",
                follower="#86d3ff",
                on_now="#000000",
            ),
            ground="#000000",
            raised="#1a1a1a",
            chosen="#2e2e2e",
        ),
        _look(
            "acklab-grey",
            "no colour at all",
            Inks(
                plain="#e4e4e4",
                strong="#ffffff",
                dim="#b2b2b2",
                good="#d0d0d0",
                bad="#ffffff",
                unsure="#c6c6c6",
                fault="#ffffff",
                leader="#f4f4f4",
                follower="#d8d8d8",
                on_now="#000000",
            ),
            ground="#101010",
            raised="#222222",
            chosen="#383838",
        ),
    )
}
"""By name; the first is the one that somebody meets who has chosen none."""
FIRST = next(iter(LOOKS.values()))
STYLES = FIRST.styles
"""Of the first look: what leaves the screen as a file has them."""


class _Worn:
    """What the screen wears: a process has one screen, and it is drawn from many places."""

    look: Look = FIRST


def wear(name: str) -> Look:
    """Draw everything in another look from now on. Raises KeyError for a name that is none."""
    _Worn.look = LOOKS[name]
    return _Worn.look


def worn() -> Look:
    """Give the look in which everything is drawn."""
    return _Worn.look


def strip_of(line: Line, width: int, *, ground: str = GROUND, is_bold: bool = False) -> Strip:
    """Draw a line over the whole width, on one of the first look's grounds, or what stands for it in the one that is worn."""
    if sum(cell_len(span.text) for span in line) > width:
        line = padded(line, width)
    look = _Worn.look
    behind = Style(bgcolor=look.grounds.get(ground, ground), bold=True if is_bold else None)
    return Strip([Segment(span.text, behind + look.styles[span.tone]) for span in line]).adjust_cell_length(
        width, behind
    )
