"""The application: which screen comes first, the look, and every action in the command palette."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from sim.tui.changes import Change, run_with
from sim.tui.copying import copied_to
from sim.tui.home.desk import Desk
from sim.tui.keys import keys_of
from sim.tui.live import Live
from sim.tui.look import FIRST, LOOKS, wear
from sim.tui.playhead import Playhead
from sim.tui.screens.compare import CompareScreen
from sim.tui.screens.exploring import ExploringScreen
from sim.tui.screens.glossary import GlossaryScreen
from sim.tui.screens.home import HomeScreen
from sim.tui.screens.live import LiveScreen
from sim.tui.screens.space_time import SpaceTimeScreen
from sim.tui.screens.view import ViewScreen
from sim.tui.screens.watch import WatchScreen
from sim.tui.session import Watched
from sim.tui.style import CSS
from sim.tui.themes import THEMES
from sim.tui.views import view_named

SCREENS: dict[str, type[ViewScreen]] = {"space-time": SpaceTimeScreen}
"""The views that have keys of their own, by name."""


class AcklabApp(App[None]):
    """Opens a run, or the home of all there is to open."""

    TITLE = "acklab"
    CSS = CSS
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", "Stop the search, or quit", show=False, priority=True),
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True),
        Binding("f1", "glossary", "Glossary: every word that the screens use", show=False),
        Binding("f2", "next_look", "Other colours: the next theme", show=False),
    ]

    def __init__(
        self,
        watched: Watched | None = None,
        *,
        index: int | None = None,
        view: str = "",
        beside: Watched | None = None,
        copies: bool = False,
        desk: Desk | None = None,
        first: Callable[[], Screen[None]] | None = None,
    ) -> None:
        """Open a run at event `index` or at its story's begin, and over it the view of that name, or the comparison with another run; without a run what lies on the desk.

        `first` makes a screen that comes in the place of either. `copies` if the terminal says that it takes what is to be copied (`sim.tui.copying.says_it_copies`).
        """
        super().__init__()
        self._copies = copies
        self._desk = desk or Desk()
        self._watched = watched
        self._index = index
        self._view = view
        self._first = first
        self._beside = beside
        self.commands: list[str] = []
        """Those that somebody wanted to copy, each once."""

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        chosen = self._desk.memory.theme
        self._dress(chosen if chosen in LOOKS else FIRST.name)
        # Moving pictures tell nothing here, and cost a core.
        self.animation_level = "none"
        if self._first is not None:
            self.push_screen(self._first())
        elif self._watched is None:
            self.push_screen(HomeScreen(self._desk))
        else:
            screen = WatchScreen(self._watched, index=self._index, is_first=True)
            self.push_screen(screen)
            if self._view:
                self.open_view(screen.playhead, self._view)
            if self._beside is not None:
                self.push_screen(CompareScreen(self._watched, self._beside.changed, second=self._beside))

    async def action_interrupt(self) -> None:
        """Stop a search that is under way, and keep what it found; else leave."""
        if not (isinstance(self.screen, ExploringScreen) and self.screen.stop()):
            await self.action_quit()

    # -- how it looks --------------------------------------------------------------------------------------------------

    def action_next_look(self) -> None:
        """Draw everything in the next of the looks, round and round."""
        names = list(LOOKS)
        self.choose_look(names[(names.index(self.theme) + 1) % len(names)])

    def choose_look(self, name: str) -> None:
        """Draw everything in a look, now and when somebody comes again."""
        self._dress(name)
        self._desk.memory.keep_theme(name)
        self.notify(LOOKS[name].about, title=name, timeout=2, markup=False)

    def _dress(self, name: str) -> None:
        wear(name)
        self.theme = name
        for screen in self.screen_stack:
            for widget in (screen, *screen.query("*")):
                widget.refresh()

    # -- what screens open (`sim.tui.screens.opening`) -----------------------------------------------------------------

    def open_run(self, watched: Watched, *, index: int | None = None) -> None:
        """Show a run, from event `index` or from its story's begin."""
        self.push_screen(WatchScreen(watched, index=index))

    def open_live(self, watched: Watched, *, index: int | None = None) -> None:
        """Go on live from event `index` of a run, or from its story's begin."""
        self.push_screen(LiveScreen(Live(watched, index=index)))

    def open_comparison(self, first: Watched, change: Change) -> None:
        """Run a change, and show both runs side by side."""
        self.push_screen(CompareScreen(first, str(change), make=partial(run_with, first, change)))

    def open_view(self, playhead: Playhead, name: str) -> None:
        """Show one of the views where the playhead stands, in the place of the view that is shown, if one is."""
        screen = SCREENS.get(name, ViewScreen)(playhead, view_named(name))
        if isinstance(self.screen, ViewScreen):
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def open_search(self, story: str) -> None:
        """Look for schedules of faults that break a promise in a story; nothing where nobody can search."""
        if self._desk.campaigns is not None:
            self.push_screen(ExploringScreen(self._desk.campaigns, self._desk.stories(), story))

    def open_glossary(self) -> None:
        """Show every word that the screens use, and what it means."""
        if not isinstance(self.screen, GlossaryScreen):
            self.push_screen(GlossaryScreen())

    def action_glossary(self) -> None:
        """Open the glossary from wherever somebody is."""
        self.open_glossary()

    def copy_command(self, command: str) -> str:
        """Hand a command to the terminal to copy, and keep it. Gives what became of it."""
        self.copy_to_clipboard(command)
        if command not in self.commands:
            self.commands.append(command)
        return copied_to(command, copies=self._copies)

    def get_system_commands(self, screen: Screen[object]) -> Iterator[SystemCommand]:
        """Every action by its name, so that no key has to be known."""
        for one in keys_of(screen):
            yield SystemCommand(one.name, f"key {' '.join(one.keys)}", partial(one.owner.run_action, one.action))
        for look in LOOKS.values():
            yield SystemCommand(f"Theme {look.name}", look.about, partial(self.choose_look, look.name))
