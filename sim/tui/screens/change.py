"""Change one thing: choose it from lists, or write it; Enter runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, assert_never

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from producer.errors import ConfigError
from sim.faults import FaultTextError
from sim.tui.change_pages import ChangePages, Choice, Make, Open, Page, Place, Write
from sim.tui.changes import AddFault, Change, DropFault, MoveFault, SetProperty, SetSeed, TakeBack

if TYPE_CHECKING:
    from sim.tui.playhead import Playhead


class ChangeScreen(ModalScreen["Change | None"]):
    """Ends with the change, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back"),
        Binding("left", "nudge(-1)", "Earlier", show=False),
        Binding("right", "nudge(1)", "Later", show=False),
    ]

    def __init__(self, playhead: Playhead, place: Place) -> None:
        """Change something at the playhead's moment, from the place where somebody was; it takes notice of every step."""
        super().__init__()
        self._place = place
        self._offered = ChangePages(playhead, place)
        self._pages: list[Page] = []
        """Those on the way to the page that is shown; Esc goes back to the one before."""
        self._written: Callable[[str], Change] | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="change", classes="dialog"):
            yield OptionList(id="choices", compact=True)
            yield Input(id="written", compact=True)
            yield Static(id="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#written").display = False
        self._open(self._offered.first())

    # -- pages ---------------------------------------------------------------------------------------------------------

    def _open(self, page: Page) -> None:
        self._pages.append(page)
        self._show(page)

    @property
    def _way(self) -> tuple[int, ...]:
        """The lines that were chosen on the way to this page."""
        way: tuple[int, ...] = ()
        for _ in self._pages[1:]:
            way = (*way, self._place.rows[way])
        return way

    def _show(self, page: Page) -> None:
        box = self.query_one("#change", Vertical)
        box.border_title = page.title
        box.border_subtitle = "⏎ choose   Esc back"
        choices = self.query_one("#choices", OptionList)
        choices.clear_options()
        choices.add_options([Option(Content(choice.text)) for choice in page.choices])
        choices.highlighted = min(self._place.rows.get(self._way, 0), len(page.choices) - 1)
        choices.focus()
        self._show_hint()

    # -- choosing and writing ------------------------------------------------------------------------------------------

    def _follow(self, choice: Choice) -> None:
        match choice.then:
            case None:
                pass
            case Open(page):
                self._open(page())
            case Make(text, change):
                self._finish(change, text)
            case Write(text, change):
                self._write(text, change)
            case AddFault() | MoveFault() | DropFault() | SetProperty() | SetSeed() | TakeBack() as change:
                self.dismiss(change)
            case _:
                assert_never(choice.then)

    def _finish(self, make: Callable[[str], Change], text: str) -> None:
        try:
            change = make(text)
        except (FaultTextError, ConfigError) as error:
            self.query_one("#hint", Static).update(f"✗ {error}")
        else:
            self.dismiss(change)

    def _write(self, text: str, make: Callable[[str], Change]) -> None:
        self._written = make
        written = self.query_one("#written", Input)
        written.display = True
        written.value = self._place.written.get(self._way, text)
        written.focus()
        self.query_one("#hint", Static).update("⏎ runs it, Esc goes back")

    @on(Input.Submitted, "#written")
    def _submitted(self, message: Input.Submitted) -> None:
        assert self._written is not None
        self._place.written[self._way] = message.value
        self._finish(self._written, message.value)

    @on(OptionList.OptionSelected)
    def _selected(self, message: OptionList.OptionSelected) -> None:
        self._place.rows[self._way] = message.option_index
        self._follow(self._pages[-1].choices[message.option_index])

    @on(OptionList.OptionHighlighted)
    def _show_hint(self) -> None:
        choice = self._highlighted()
        if choice is not None and not self.query_one("#written").display:
            self.query_one("#hint", Static).update(choice.hint)

    def _highlighted(self) -> Choice | None:
        place = self.query_one("#choices", OptionList).highlighted
        choices = self._pages[-1].choices if self._pages else ()
        return None if place is None or place >= len(choices) else choices[place]

    def _keep_row(self) -> None:
        self._place.rows[self._way] = self.query_one("#choices", OptionList).highlighted or 0

    def action_nudge(self, by: int) -> None:
        choice = self._highlighted()
        page = None if choice is None or choice.nudge is None else choice.nudge(by)
        if page is not None:
            self._keep_row()
            self._pages[-1] = page
            self._show(page)

    def action_back(self) -> None:
        written = self.query_one("#written", Input)
        if written.display:
            written.display = False
            self.query_one("#choices").focus()
            self._show_hint()
            return
        self._keep_row()
        self._pages.pop()
        if self._pages:
            self._show(self._pages[-1])
        else:
            self.dismiss(None)
