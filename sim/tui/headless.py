"""A screen that nobody looks at: the same as in a terminal of that size, for a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.pilot import Pilot

from sim.tui.app import AcklabApp
from sim.tui.exports.frame import Frame, frame_of

if TYPE_CHECKING:
    from sim.tui.session import Watched


def frame_unseen(watched: Watched, *, index: int, view: str, size: tuple[int, int]) -> Frame:
    """Give what a terminal of so many columns and lines shows of a run, at its event `index`, or of a view of that name."""
    taken: list[Frame] = []

    async def take(pilot: Pilot[object]) -> None:
        await pilot.pause()
        taken.append(frame_of(pilot.app.screen))
        pilot.app.exit()

    app = AcklabApp(watched, index=index, view=view)
    app.run(headless=True, size=size, auto_pilot=take)
    assert taken, "the screen ended before it was drawn"
    return taken[0]
