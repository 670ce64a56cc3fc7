"""How one screen opens another without knowing it: the application knows them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from textual.screen import Screen

    from sim.tui.changes import Change
    from sim.tui.playhead import Playhead
    from sim.tui.session import Watched


class Opens(Protocol):
    """The application, as its screens see it."""

    def open_run(self, watched: Watched, *, index: int | None = None) -> None:
        """Show a run, from event `index` or from its story's begin."""

    def open_live(self, watched: Watched, *, index: int | None = None) -> None:
        """Go on live from event `index` of a run, or from its story's begin."""

    def open_comparison(self, first: Watched, change: Change) -> None:
        """Run a change, and show both runs side by side."""

    def open_view(self, playhead: Playhead, name: str) -> None:
        """Show one of the views where the playhead stands, in the place of the view that is shown, if one is."""

    def open_search(self, story: str) -> None:
        """Look for schedules of faults that break a promise in a story; nothing where nobody can search."""

    def open_glossary(self) -> None:
        """Show every word that the screens use, and what it means."""

    def copy_command(self, command: str) -> str:
        """Copy a command, and print it on leaving. Gives what became of it: copied, or written into which file."""
        ...


def opens(screen: Screen[None]) -> Opens:
    """Give the application that a screen belongs to."""
    return cast("Opens", screen.app)
