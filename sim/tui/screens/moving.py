"""What every screen on one run has: the keys that move its playhead, the views' keys, the bar, and a clock that plays."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.screen import Screen

from sim.tui.playhead import FRAMES_PER_S, Playhead
from sim.tui.screens.export import open_export
from sim.tui.screens.help import HelpScreen
from sim.tui.views import VIEWS
from sim.tui.widgets.scrub_bar import ScrubBar

if TYPE_CHECKING:
    from textual.timer import Timer


class MovingScreen(Screen[None]):
    """What it shows follows from its playhead alone."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "step(1)", "Step", key_display="←→", tooltip="Next event"),
        Binding("left,h", "step(-1)", "Previous event", show=False),
        Binding("n,shift+right", "same(1)", "Next of same", key_display="n", show=False),
        Binding("N,shift+left", "same(-1)", "Previous of same", key_display="N", show=False),
        Binding("e", "follow", "Follow another thing", show=False),
        Binding("f", "fault(1)", "Fault", tooltip="Next fault"),
        Binding("F", "fault(-1)", "Previous fault", show=False),
        Binding("m", "pin", "Pin this moment, to see what changes from here on", show=False),
        Binding("space", "play", "Play", key_display="␣"),
        Binding("plus,equals_sign", "speed(1)", "Play faster", key_display="+", show=False),
        Binding("minus", "speed(-1)", "Play slower", key_display="-", show=False),
        Binding("home,g", "edge(-1)", "First event", show=False),
        Binding("end,G", "edge(1)", "Last event", show=False),
        Binding("x", "export", "Export", tooltip="Export: a page for browsers, the trace, this frame", show=False),
        *(
            Binding(
                ",".join(view.keys),
                f"view('{view.name}')",
                "Views",
                # The footer names them once.
                key_display=f"{VIEWS[0].key}-9" if view is VIEWS[0] else view.key,
                tooltip=f"View {view.name}: {view.meaning}",
                show=view is VIEWS[0],
            )
            for view in VIEWS
        ),
    ]

    def __init__(self, playhead: Playhead) -> None:
        super().__init__()
        self.playhead = playhead
        self._ticker: Timer | None = None

    @abstractmethod
    def show_moment(self) -> None:
        """Show where the playhead stands."""

    @abstractmethod
    def action_view(self, name: str) -> None:
        """Show a view of this moment."""

    def on_mount(self) -> None:
        self._ticker = self.set_interval(1 / FRAMES_PER_S, self.tick, pause=True)

    # -- moving --------------------------------------------------------------------------------------------------------

    def moved(self, is_moved: bool) -> None:
        """Show the moment anew, if it is another."""
        if is_moved:
            self.show_moment()

    def action_step(self, by: int) -> None:
        self.moved(self.playhead.step(by))

    def action_same(self, direction: int) -> None:
        self.moved(self.playhead.step_same(direction))

    def action_follow(self) -> None:
        self.moved(self.playhead.follow_another())

    def action_fault(self, direction: int) -> None:
        self.moved(self.playhead.step_fault(direction))

    def action_pin(self) -> None:
        self.playhead.pin()
        pinned = self.playhead.pinned
        told = "no moment is pinned any more" if pinned is None else f"#{pinned} is pinned: d shows what changed since"
        self.notify(told, markup=False)
        self.show_moment()

    def action_edge(self, direction: int) -> None:
        self.moved(self.playhead.seek(0 if direction < 0 else self.playhead.last))

    @on(ScrubBar.Sought)
    def _sought(self, message: ScrubBar.Sought) -> None:
        self.moved(self.playhead.seek(message.index))

    # -- playing -------------------------------------------------------------------------------------------------------

    def action_play(self) -> None:
        self.playhead.play(is_playing=not self.playhead.is_playing)
        self._keep_time()

    def action_speed(self, by: int) -> None:
        self.moved(self.playhead.change_speed(by))

    def stand_still(self) -> None:
        """Stop playing: another screen comes over this one."""
        self.playhead.play(is_playing=False)
        self._keep_time()

    def tick(self) -> None:
        """Play one frame."""
        if self.playhead.tick():
            self.show_moment()
        if not self.playhead.is_playing:
            self._keep_time()

    def _keep_time(self) -> None:
        if self._ticker is not None:
            if self.playhead.is_playing:
                self._ticker.resume()
            else:
                self._ticker.pause()
        self.show_moment()

    # -- elsewhere -----------------------------------------------------------------------------------------------------

    def action_export(self) -> None:
        """Write the run, or what stands on this screen, into a file."""
        self.stand_still()
        open_export(self, self.playhead.watched, index=self.playhead.index)

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen())
