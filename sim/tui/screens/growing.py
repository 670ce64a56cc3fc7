"""A run that goes on while somebody looks: cluster, producer, the bar, this moment, what can strike now, and the events so far."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Footer, Input

from sim.tui.panels.cluster import cluster_fits, cluster_height, cluster_lines
from sim.tui.panels.heading import events_heading, moment_lines
from sim.tui.panels.producer import ROWS_MIN, producer_lines
from sim.tui.panels.strikes import strike_rows, strikes_heading
from sim.tui.panels.transactions import transaction_lines, transactions_height
from sim.tui.playhead import Playhead
from sim.tui.screens.moving import MovingScreen
from sim.tui.screens.opening import opens
from sim.tui.strikes import STRIKES, Aim, Strike, aims, client_of, offered
from sim.tui.widgets.event_list import EventList
from sim.tui.widgets.line_list import LineList
from sim.tui.widgets.page_list import PageList
from sim.tui.widgets.panel import Panel
from sim.tui.widgets.scrub_bar import ScrubBar

if TYPE_CHECKING:
    from textual import events
    from textual.widget import Widget

    from sim.tui.lines import Line
    from sim.tui.session import Watched
    from sim.tui.view_model import State

WIDE = 120
"""From this many columns on cluster and producer stand side by side."""
OTHERS = 6
"""Lines of what is always there: title, bar, moment, the lists' heading, keys."""
LISTS_MIN = 6
"""Lines that the lists keep in a low terminal; in a higher one every strike is in sight."""


class GrowingScreen(MovingScreen):
    """Subclasses say whence events come, and how a fault gets there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(one.key, f"strike('{one.key}')", f"Now: {one.meaning}", show=False) for one in STRIKES),
        Binding("s", "write", "Strike", tooltip="Strike now with any fault, as text"),
        Binding("t", "aim", "Aim", tooltip="Aim at another partition"),
        Binding("tab", "switch", "Lists", key_display="⇥", tooltip="What can strike, or events"),
        Binding("f", "fault(1)", "Next fault", show=False),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("escape", "undo", "Close the line for a fault", show=False),
        Binding("q", "back", "Back"),
    ]

    def __init__(self, playhead: Playhead, *, is_first: bool = False) -> None:
        """`is_first` if nothing lies beneath this screen."""
        super().__init__(playhead)
        self._is_first = is_first
        self._aim = 0
        """Which of the partitions is aimed at."""
        self._heights: tuple[int, ...] = ()
        self._total = -1
        """How many events the lists know of."""
        self._looked_at: Watched | None = None
        self._written_from: Widget | None = None

    # -- what subclasses say -------------------------------------------------------------------------------------------

    @abstractmethod
    def heading(self, width: int) -> Line:
        """What goes on, and how time goes."""

    def who(self, state: State, width: int, height: int) -> list[Line]:
        """Who writes: the producers of a story."""
        return producer_lines(state, begun_us=self.playhead.watched.film.begun_us, width=width, height=height)

    @property
    @abstractmethod
    def may_strike(self) -> bool:
        """Whether anything goes on that could be struck."""

    @abstractmethod
    def strike(self, fault: str) -> None:
        """Let a fault strike now."""

    # -- what it is made of --------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        yield Panel(id="title", has_heading=True)
        with Horizontal(id="top"):
            yield Panel(id="cluster", has_heading=True)
            yield Panel(id="producer", has_heading=True)
        yield Panel(id="transactions", has_heading=True)
        yield ScrubBar(self.playhead.watched.marks, id="scrub")
        yield Panel(id="moment")
        with Horizontal(id="lists"):
            with Vertical(id="strikes-side"):
                yield Panel(id="strikes-heading", has_heading=True)
                yield PageList(id="strikes")
            with Vertical(id="events-side"):
                yield Panel(id="events-heading", has_heading=True)
                yield EventList(self.playhead, id="events")
        yield Input(id="find", placeholder="a fault, as in: crash b1 - it strikes now", compact=True)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#find").display = False
        self.query_one("#strikes").focus()
        self.call_after_refresh(self.show_moment)

    def on_resize(self, _: events.Resize) -> None:
        self.call_after_refresh(self.show_moment)

    def on_screen_resume(self) -> None:
        self.show_moment()

    def _arrange(self) -> bool:
        """Give cluster, producer and transactions the lines that they need. Whether that changed anything."""
        width, height = self.size
        state = self.playhead.watched.film.state_at(self.playhead.last)
        is_beside = width >= WIDE and cluster_fits(state, width=(width - 1) // 2)
        cluster, producer = cluster_height(state), ROWS_MIN
        room = height - OTHERS - min(max(LISTS_MIN, height // 3), len(STRIKES) + 1)
        transactions = transactions_height(state, width=width, room=max(room - cluster - producer, 2))
        room -= transactions
        if is_beside:
            cluster = producer = min(max(cluster, producer), max(room, ROWS_MIN))
        else:
            cluster = min(cluster, max(room - producer, 3))
            # Where there is no room for two lines a partition, each has one.
            cluster = len(cluster_lines(state, width=width, height=cluster))
        heights = (int(is_beside), cluster, producer, transactions)
        if heights == self._heights:
            return False
        self._heights = heights
        self.set_class(is_beside, "beside")
        self.query_one("#top").styles.height = cluster if is_beside else cluster + producer
        self.query_one("#cluster").styles.height, self.query_one("#producer").styles.height = cluster, producer
        shown = self.query_one("#transactions")
        shown.display = transactions > 0
        shown.styles.height = transactions
        return True

    # -- showing -------------------------------------------------------------------------------------------------------

    def show_moment(self) -> None:
        if not self.is_mounted or not self.size.width:
            return
        if self._arrange():
            # What it draws into has its new size after that.
            self.call_after_refresh(self.show_moment)
        playhead, width = self.playhead, self.size.width
        state = playhead.state
        self.query_one("#title", Panel).show([self.heading(width)])
        cluster, producer = self.query_one("#cluster", Panel), self.query_one("#producer", Panel)
        cluster.show(cluster_lines(state, width=cluster.size.width, height=cluster.size.height))
        producer.show(self.who(state, producer.size.width, producer.size.height))
        transactions = self.query_one("#transactions", Panel)
        transactions.show(transaction_lines(state, width=width, height=transactions.size.height))
        self._show_lists()
        self.query_one(ScrubBar).show(playhead.index)
        self.query_one("#moment", Panel).show(moment_lines(playhead, width=width))

    def _show_lists(self) -> None:
        playhead = self.playhead
        listed = self.query_one(EventList)
        if self._looked_at is not playhead.watched or self._total != len(playhead.watched.film):
            self._looked_at, self._total = playhead.watched, len(playhead.watched.film)
            self.query_one(ScrubBar).look_at(playhead.watched.marks)
            listed.grown()
        listed.point_at(listed.row_of(playhead.index))
        strikes = self.query_one("#strikes", PageList)
        there = self._aims()
        strikes.show(strike_rows(self._offered(), width=strikes.room))
        room = self.query_one("#strikes-side").size.width
        self.query_one("#strikes-heading", Panel).show([strikes_heading(self._aimed_at(), len(there), width=room)])
        room = self.query_one("#events-side").size.width
        self.query_one("#events-heading", Panel).show([events_heading(playhead, has_verdicts=True, width=room)])

    def moved(self, is_moved: bool) -> None:
        """Show the moment anew; who looks back is not taken along by what happens."""
        playhead = self.playhead
        playhead.is_playing = playhead.is_playing and playhead.index == playhead.last
        super().moved(is_moved)

    # -- what can strike: always at the end of what has happened, wherever somebody looks ------------------------------

    def client(self) -> str:
        """Name the client whose network is cut; empty where nobody is known."""
        return client_of(self.playhead.watched.film.state_at(self.playhead.last))

    def _aims(self) -> list[Aim]:
        return aims(self.playhead.watched.film.state_at(self.playhead.last), self.client())

    def _aimed_at(self) -> Aim | None:
        there = self._aims()
        return there[self._aim % len(there)] if there else None

    def _offered(self) -> list[tuple[Strike, str]]:
        aim = self._aimed_at() if self.may_strike else None
        return offered(self.playhead.watched.film.state_at(self.playhead.last), aim)

    def action_aim(self) -> None:
        self._aim += 1
        self.show_moment()

    def action_strike(self, key: str) -> None:
        strike, fault = next((strike, fault) for strike, fault in self._offered() if strike.key == key)
        if fault or not self.may_strike:
            self.strike(fault)
        else:
            self.notify(f"{strike.meaning}: that cannot strike now", severity="warning", markup=False)

    @on(LineList.Chosen, "#strikes")
    def _strike_chosen(self, message: LineList.Chosen) -> None:
        self.action_strike(STRIKES[message.row].key)

    def action_write(self) -> None:
        """Open a line for any fault."""
        written = self.query_one("#find", Input)
        written.display = True
        self._written_from = self.focused
        written.focus()

    @on(Input.Submitted, "#find")
    def _written(self, message: Input.Submitted) -> None:
        fault = message.value.strip()
        if fault:
            self.strike(fault)

    def close_written(self, *, is_done: bool = False) -> None:
        """Close the line for a fault; one that is not done is still there when it is opened again."""
        written = self.query_one("#find", Input)
        written.display = False
        if is_done:
            written.value = ""
        if self._written_from is not None:
            self._written_from.focus()

    def action_undo(self) -> None:
        if self.query_one("#find").display:
            self.close_written()
        elif not self._is_first:
            self.leave()

    def action_back(self) -> None:
        self.leave()

    def leave(self) -> None:
        """Go to the screen beneath, or end."""
        if self._is_first:
            self.app.exit()
        else:
            self.dismiss()

    # -- elsewhere -----------------------------------------------------------------------------------------------------

    def action_switch(self) -> None:
        wanted: LineList = self.query_one(EventList)
        if isinstance(self.focused, EventList):
            wanted = self.query_one("#strikes", PageList)
        wanted.focus()

    @on(LineList.Moved, "#events")
    @on(LineList.Chosen, "#events")
    def _event_chosen(self, message: LineList.Moved) -> None:
        source = message.source
        assert isinstance(source, EventList)
        self.stand_still()
        self.moved(self.playhead.seek(source.event_of(message.row)))

    def action_view(self, name: str) -> None:
        """Show a view of this moment: what has happened stands still for it."""
        self.stand_still()
        still = Playhead(self.playhead.watched.standing_still())
        still.seek(self.playhead.index)
        opens(self).open_view(still, name)
