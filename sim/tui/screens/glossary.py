"""Every word that the screens use, filtered as one types; the chosen one is explained whole."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer

from sim.tui.glossary.table import WORDS, matching
from sim.tui.glossary.word import Word
from sim.tui.lines import Line, Span, Tone, line
from sim.tui.panels.glossary import glossary_typed_line, meaning_lines, word_line
from sim.tui.widgets.line_list import LineList
from sim.tui.widgets.panel import Panel
from sim.tui.widgets.typed_list import TypedList


class WordList(TypedList):
    """Those that hold what was typed."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.words: tuple[Word, ...] = WORDS
        self._wanted = ""

    @property
    def wanted(self) -> str:
        return self._wanted

    @property
    def count(self) -> int:
        return len(self.words)

    @property
    def chosen(self) -> Word | None:
        """The word under the cursor."""
        return self.words[self.cursor] if self.words else None

    def line_at(self, row: int) -> Line:
        return word_line(self.words[row], width=self.room)

    def filter(self, wanted: str) -> None:
        """Show those that hold each of these; the cursor goes to the best, and stays on its word once all are shown."""
        chosen = self.chosen
        self._wanted = wanted
        self.words = matching(wanted) if wanted else WORDS
        self.cursor = self.words.index(chosen) if chosen is not None and not wanted else 0
        self.reload()


class GlossaryScreen(Screen[None]):
    """Escape takes the filter back, then goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "undo", "Show all again, or back", key_display="Esc")]

    def compose(self) -> ComposeResult:
        yield Panel(id="glossary-title", has_heading=True)
        yield Panel(id="glossary-typed")
        yield WordList(id="glossary")
        yield Panel(id="meaning", has_heading=True)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one(WordList).focus()
        self.call_after_refresh(self.show_words)

    def on_resize(self, _: events.Resize) -> None:
        self.call_after_refresh(self.show_words)

    def show_words(self) -> None:
        """Show what is shown of the list, and the chosen word whole."""
        listed, width = self.query_one(WordList), self.size.width
        title = line(Span("GLOSSARY", Tone.HEADING), Span("  every word that the screens use"))
        self.query_one("#glossary-title", Panel).show([title])
        typed = glossary_typed_line(listed.wanted, listed.count, width=width)
        self.query_one("#glossary-typed", Panel).show([typed])
        self.query_one("#meaning", Panel).show(meaning_lines(listed.chosen, width=width))

    @on(LineList.Moved, "#glossary")
    @on(LineList.Chosen, "#glossary")
    def _moved(self) -> None:
        self.show_words()

    @on(TypedList.Typed)
    def _typed(self) -> None:
        self.show_words()

    def action_undo(self) -> None:
        listed = self.query_one(WordList)
        if listed.wanted:
            listed.filter("")
            self.show_words()
        else:
            self.dismiss()
