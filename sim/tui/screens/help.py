"""What stands under the cursor, in words; every key; and what the signs and words on the screen mean."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from sim.tui.glossary.table import words_in
from sim.tui.glossary.word import Word
from sim.tui.keys import keys_of
from sim.tui.lines import text_of
from sim.tui.screens.opening import opens
from sim.tui.telling import SIGNS
from sim.tui.views import VIEWS
from sim.tui.widgets.line_list import LineList
from sim.tui.widgets.panel import Panel
from sim.tui.widgets.scrub_bar import ScrubBar

if TYPE_CHECKING:
    from textual.screen import Screen

LABEL = 20
DIALOG_SHARE, DIALOG_MAX, FRAME = 0.92, 110, 4
"""How wide a dialog is, as the style says; its border and its padding take so many columns of it."""
SCROLL_BAR = 2
TIPS = (
    ("← →", "one event back, forward; n N the next, previous one of the same record, batch, partition or broker"),
    ("↑ ↓", "in a list: line by line; in the verdicts this walks through how a record was lost"),
    ("Enter", "on a record in the verdicts: open it, and go to the event at which its promise broke"),
    (
        "w",
        "why? What brought this event about, or broke the promise in the chosen line; w again: one cause further back",
    ),
    ("m", "pin this moment: the view diff (d) shows what changed since then, else what the last event changed"),
    ("/", "find: words filter the events; #128 or 1.522s goes there"),
    ("c", "change one thing - a fault, a property - and run again with the same seed"),
    ("L", "go on live from this moment: Space lets time go on, an upper-case letter strikes now, s any fault, t aims"),
    ("Times", "count from the begin of the story, as in faults: `at 2s: crash b1`"),
)
"""How one looks at a run."""


def help_text(here: str, around: str, keys: Iterable[tuple[str, str]], *, is_run: bool, width: int) -> str:
    """Give it all as text: of the line under the cursor, of the keys, and of what stands around it."""
    told = words_in(here)
    others = [word for word in words_in(around) if word not in told]
    parts = [
        ("In the line under the cursor", [(word.name, meaning_of(word)) for word in told]),
        ("How to look", TIPS if is_run else ()),
        ("Every key here", keys),
        (
            "Views of this moment",
            [(" ".join(view.keys), f"{view.name}: {view.meaning}") for view in VIEWS] if is_run else (),
        ),
        ("Signs of events", [(sign.glyph, text) for sign, text in SIGNS] if is_run else ()),
        ("Words on this screen", [(word.name, meaning_of(word)) for word in others]),
    ]
    rows: list[str] = []
    for title, entries in parts:
        rows += _part(title, entries, width)
    return "\n".join(rows).strip()


def meaning_of(word: Word) -> str:
    """Say what a word means, and where Kafka says so."""
    return f"{word.meaning} ({word.source})" if word.source else word.meaning


def _part(title: str, entries: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    for place, (label, text) in enumerate(entries):
        if not place:
            yield from ("", title)
        head = f"  {label:<{LABEL - 3}} "
        yield from textwrap.wrap(
            text,
            max(width, LABEL + 20),
            initial_indent=head,
            subsequent_indent=" " * max(LABEL, 0),
            break_on_hyphens=False,
        )


class HelpScreen(ModalScreen[None]):
    """Explains the screen beneath it. Any of its keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss", "Close"),
        Binding("g", "glossary", "Glossary"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._width = 0

    def compose(self) -> ComposeResult:
        # The text is there at once: a box that is drawn first and filled later stands empty where the machine is busy.
        self._width = width_of_text(self.app.size.width)
        with VerticalScroll(id="help", classes="dialog") as box:
            box.border_title = "Help - Esc closes, g glossary, ↓ for more"
            yield Static(self._text(), id="help-text", markup=False)

    def on_resize(self, event: events.Resize) -> None:
        width = width_of_text(event.size.width)
        if width != self._width:
            self._width = width
            self.query_one("#help-text", Static).update(self._text())

    def _text(self) -> str:
        beneath = self.beneath
        keys = [(" ".join(one.keys), one.name) for one in keys_of(beneath)]
        return help_text(
            line_under_cursor(beneath),
            text_around(beneath),
            keys,
            is_run=bool(beneath.query(ScrubBar)),
            width=self._width,
        )

    @property
    def beneath(self) -> Screen[object]:
        """Give the screen that is explained."""
        stack = self.app.screen_stack
        return stack[max(stack.index(self) - 1, 0)]

    def action_glossary(self) -> None:
        """Look words up, beginning with those of the line that was explained."""
        opens(self).open_glossary()


def width_of_text(columns: int) -> int:
    """Give how many columns the text has in a terminal of so many; the scroll bar's stay free, there or not."""
    return min(int(columns * DIALOG_SHARE), DIALOG_MAX) - FRAME - SCROLL_BAR


def line_under_cursor(screen: Screen[object]) -> str:
    """Give the text of the line that is chosen in the list with the focus, or in the first list; empty if there is none."""
    lists = [one for one in [screen.focused, *screen.query("LineList")] if isinstance(one, LineList) and one.count]
    return text_of(lists[0].line_at(lists[0].cursor)) if lists else ""


def text_around(screen: Screen[object]) -> str:
    """Give the text of the panels, and of the lines of lists that are in sight."""
    parts = [panel.text for panel in screen.query(Panel) if panel.display]
    for listed in screen.query("LineList"):
        assert isinstance(listed, LineList)
        top = int(listed.scroll_offset.y)
        parts += [text_of(listed.line_at(row)) for row in range(top, min(top + listed.size.height, listed.count))]
    return "\n".join(parts)
