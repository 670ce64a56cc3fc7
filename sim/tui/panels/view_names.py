"""The line that names the views, so that no key has to be known."""

from __future__ import annotations

from sim.tui.lines import Line, Span, Tone, fitted, line
from sim.tui.views import VIEWS, View


def views_line(shown: View, *, width: int) -> Line:
    """Name the views with their keys, the one that is shown standing out; where room is short, the others by their keys alone."""

    def named(view: View) -> Line:
        is_shown = view is shown
        return line(Span(f" {view.key} {view.name}{' ' * is_shown}", Tone.NOW if is_shown else Tone.PLAIN))

    meaning = Span(f"  {shown.meaning}", Tone.DIM)
    every = tuple(span for view in VIEWS for span in named(view))
    keys = tuple(
        span for view in VIEWS for span in (named(view) if view is shown else line(Span(f" {view.key}", Tone.PLAIN)))
    )
    return fitted(((*every, meaning), every, (*keys, meaning), keys), width)
