"""What can strike now: a key a line, with what it does to what is aimed at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.tui.lines import Line, Span, Tone, fitted, line
from sim.tui.panels.page import PageRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.tui.strikes import Aim, Strike

MEANING_WIDTH = 30
"""Columns of what a key does; behind it stands the fault as it is written, where there is room for all of them."""


def strike_rows(offered: Sequence[tuple[Strike, str]], *, width: int) -> list[PageRow]:
    """List every key; what cannot strike now is dim, with a dash behind its key."""
    has_room = MEANING_WIDTH + max(len(fault) for _, fault in offered) <= width
    return [PageRow(_row(strike, fault, has_room=has_room)) for strike, fault in offered]


def _row(strike: Strike, fault: str, *, has_room: bool) -> Line:
    if not fault:
        return line(Span(f"{strike.key}- {strike.meaning}", Tone.DIM))
    said = (Span(strike.key, Tone.KEY), Span("  "), Span(strike.meaning))
    pad = " " * (MEANING_WIDTH - 3 - len(strike.meaning))
    return (*said, Span(f"{pad}{fault}", Tone.DIM)) if has_room else said


def strikes_heading(aim: Aim | None, count: int, *, width: int) -> Line:
    """Say what is aimed at."""
    heading = Span("STRIKE NOW", Tone.HEADING)
    if aim is None:
        return line(heading, Span("  nothing to aim at yet", Tone.DIM))
    leads = f", led by b{aim.leader}" if aim.leader >= 0 else ", led by nobody"
    other = Span("   t: another", Tone.DIM) if count > 1 else Span("")
    at = (heading, Span("  at "), Span(str(aim.where), Tone.FAULT))
    return fitted(((*at, Span(leads, Tone.DIM), other), (*at, Span(leads, Tone.DIM)), at), width)
