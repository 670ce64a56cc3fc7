"""One run: the cluster, the producer, its transactions, the whole run as a bar, this moment, the verdicts and the events."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Footer, Input

from sim.tui.change_pages import Place
from sim.tui.panels.cluster import cluster_fits, cluster_height, cluster_lines
from sim.tui.panels.heading import events_heading, moment_lines, title_line, verdicts_heading, why_heading
from sim.tui.panels.objects import HEIGHT, object_lines
from sim.tui.panels.producer import ROWS_MIN, producer_lines
from sim.tui.panels.transactions import transaction_lines, transactions_height
from sim.tui.playhead import Playhead
from sim.tui.questions import Question, question_at
from sim.tui.screens.change import ChangeScreen
from sim.tui.screens.moving import MovingScreen
from sim.tui.screens.opening import opens
from sim.tui.screens.root_cause import RootCauseScreen
from sim.tui.widgets.event_list import EventList
from sim.tui.widgets.line_list import LineList
from sim.tui.widgets.panel import Panel
from sim.tui.widgets.scrub_bar import ScrubBar
from sim.tui.widgets.verdict_list import VerdictList
from sim.tui.widgets.why_list import WhyList

if TYPE_CHECKING:
    from textual import events
    from textual.widget import Widget

    from sim.tui.changes import Change
    from sim.tui.session import Watched

WIDE = 120
"""From this many columns on two panes stand side by side."""
LISTS_MIN = 7
"""Lines that the lists keep when the cluster has many partitions."""
OTHERS = 6
"""Lines of what is always there: title, bar, moment, the lists' heading, keys."""
CLUSTER_MIN, PRODUCER_MIN, TRANSACTIONS_MIN = 3, 4, 2
"""Lines that these keep where transactions take some of their room."""


class WatchScreen(MovingScreen):
    """What it shows follows from its playhead alone."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,v", "switch", "Lists", key_display="⇥", tooltip="Verdicts or events"),
        Binding("w", "why", "Why", tooltip="Why? One cause further back with each press"),
        Binding("slash", "find", "Find", key_display="/"),
        Binding("c", "change", "Change", tooltip="Change one thing"),
        Binding(
            "L", "live", "Live", tooltip="Go on live from this moment: time goes on, faults strike by a key", show=False
        ),
        Binding(
            "R",
            "root_cause",
            "Root cause",
            tooltip="Search from which moment on all seeds break the promise",
            show=False,
        ),
        Binding("y", "copy('run')", "Copy the command that runs this again", show=False),
        Binding("Y", "copy('watch')", "Copy the command that opens this moment", show=False),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("escape", "undo", "Close the finder or the explanation, show all events, or back", show=False),
        Binding("q", "back", "Back"),
    ]

    def __init__(self, watched: Watched, *, index: int | None = None, is_first: bool = False) -> None:
        """Show a run from its story's begin, or from event `index`; `is_first` if nothing lies beneath this screen."""
        super().__init__(Playhead(watched))
        self.watched = watched
        if index is not None:
            self.playhead.seek(index)
        self._is_first = is_first
        self._shows_events = False
        self._found_from: Widget | None = None
        """What had the focus when the finder was opened."""
        self._told = -1
        """The moment that the verdicts were last led to."""
        self._changed_at = self.playhead.index
        self._place = Place()
        """Where somebody was in what can be changed at that moment: there they go on after a comparison."""

    # -- what it is made of --------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        yield Panel(id="title", has_heading=True)
        with Horizontal(id="top"):
            yield Panel(id="cluster", has_heading=True)
            yield Panel(id="producer", has_heading=True)
        yield Panel(id="transactions", has_heading=True)
        yield ScrubBar(self.watched.marks, id="scrub")
        yield Panel(id="moment")
        yield Panel(id="object")
        with Horizontal(id="lists"):
            with Vertical(id="verdicts-side"):
                yield Panel(id="verdicts-heading", has_heading=True)
                yield VerdictList(self.watched, id="verdicts")
                yield WhyList(self.watched, id="causes")
            with Vertical(id="events-side"):
                yield Panel(id="events-heading", has_heading=True)
                yield EventList(self.playhead, id="events")
        yield Input(id="find", placeholder="words that an event holds, #128 or 1.522s; empty shows all", compact=True)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#find").display = False
        self.query_one("#object").display = self.watched.objects.has_any
        self.query_one(WhyList).display = False
        self.query_one(VerdictList).focus()
        self._arrange(self.size.width, self.size.height)

    def on_resize(self, event: events.Resize) -> None:
        self._arrange(event.size.width, event.size.height)

    def on_screen_resume(self) -> None:
        self.show_moment()

    def _arrange(self, width: int, height: int) -> None:
        is_wide = width >= WIDE
        self.set_class(is_wide, "wide")
        end = self.watched.film.state_at(self.playhead.last)
        # Five brokers have no room in half of 120 columns: then both panels have all of them.
        is_beside = is_wide and cluster_fits(end, width=(width - 1) // 2)
        self.set_class(is_beside, "beside")
        self.set_class(not is_wide and self._shows_events, "events-only")
        self.set_class(not is_wide and not self._shows_events, "verdicts-only")
        # What a record is as an object takes its lines from the others.
        height -= HEIGHT if self.watched.objects.has_any else 0
        cluster = cluster_height(end)
        producer = ROWS_MIN
        if is_beside:
            rows = min(max(cluster, producer + 3), max(height // 3, ROWS_MIN))
            room = max(height - rows - LISTS_MIN - OTHERS, TRANSACTIONS_MIN)
            transactions = transactions_height(end, width=width, room=room)
            self.query_one("#top").styles.height = rows
            heights = rows, rows
        else:
            producer += max(0, (height - 24) // 4)
            room = height - LISTS_MIN - OTHERS + 1
            most = max(room - CLUSTER_MIN - PRODUCER_MIN - 1, TRANSACTIONS_MIN)
            transactions = transactions_height(end, width=width, room=most)
            if transactions:
                cluster = min(cluster, max(room - transactions - PRODUCER_MIN, CLUSTER_MIN))
                producer = min(producer, max(room - transactions - cluster, PRODUCER_MIN))
            else:
                cluster = min(cluster, max(height - producer - LISTS_MIN - OTHERS, CLUSTER_MIN))
            self.query_one("#top").styles.height = cluster + producer
            heights = cluster, producer
        self.query_one("#cluster").styles.height, self.query_one("#producer").styles.height = heights
        shown = self.query_one("#transactions")
        shown.display = transactions > 0
        shown.styles.height = transactions
        self.call_after_refresh(self.show_moment)

    # -- showing -------------------------------------------------------------------------------------------------------

    def show_moment(self) -> None:
        """Show where the playhead stands."""
        playhead = self.playhead
        state = playhead.state
        width = self.size.width
        cluster, producer = self.query_one("#cluster", Panel), self.query_one("#producer", Panel)
        self.query_one("#title", Panel).show([title_line(self.watched, width=width)])
        cluster.show(cluster_lines(state, width=cluster.size.width, height=cluster.size.height))
        producer.show(
            producer_lines(
                state,
                begun_us=self.watched.film.begun_us,
                width=producer.size.width,
                height=producer.size.height,
            )
        )
        transactions = self.query_one("#transactions", Panel)
        transactions.show(transaction_lines(state, width=width, height=transactions.size.height))
        self.query_one(ScrubBar).show(playhead.index)
        self.query_one("#moment", Panel).show(moment_lines(playhead, width=width))
        if self.watched.objects.has_any:
            lines = object_lines(self.watched.objects, playhead.index, width=width)
            self.query_one("#object", Panel).show(lines)
        shown = self.query_one(EventList)
        shown.point_at(shown.row_of(playhead.index))
        if playhead.index != self._told:
            self._told = playhead.index
            for told in (self.query_one(VerdictList), self.query_one(WhyList)):
                self._follow_in(told)
        self._show_headings()

    def _follow_in(self, told: VerdictList | WhyList) -> None:
        """Go to the line that tells of this moment; not under the hands of somebody who walks there."""
        row = told.row_telling(self.playhead.index)
        if row is not None and not told.has_focus:
            told.point_at(row)

    def _show_headings(self) -> None:
        is_wide = self.has_class("wide")
        focused = self.focused
        room = self.size.width // 2 - 1 if is_wide else self.size.width
        heading = why_heading if self._explains else verdicts_heading
        self.query_one("#verdicts-heading", Panel).show([heading(has_events=is_wide, width=room)])
        self.query_one("#events-heading", Panel).show([events_heading(self.playhead, has_verdicts=is_wide, width=room)])
        self.query_one("#verdicts-side").set_class(isinstance(focused, VerdictList | WhyList), "focused")

    # -- moving --------------------------------------------------------------------------------------------------------

    @on(LineList.Moved, "#events")
    @on(LineList.Chosen, "#events")
    def _event_chosen(self, message: LineList.Moved) -> None:
        source = message.source
        assert isinstance(source, EventList)
        self.moved(self.playhead.seek(source.event_of(message.row)))

    @on(LineList.Moved, "#verdicts")
    def _verdict_passed(self, message: LineList.Moved) -> None:
        row = self.query_one(VerdictList).rows[message.row]
        if row.is_step and row.event is not None:
            self.moved(self.playhead.seek(row.event))

    @on(LineList.Chosen, "#verdicts")
    def _verdict_chosen(self, message: LineList.Chosen) -> None:
        verdicts = self.query_one(VerdictList)
        row = verdicts.rows[message.row]
        is_moved = row.event is not None and self.playhead.seek(row.event)
        if row.finding is not None and not (is_moved and verdicts.is_open(row.finding)):
            verdicts.toggle(row.finding)
        self.moved(is_moved)

    # -- why -----------------------------------------------------------------------------------------------------------

    @property
    def _explains(self) -> bool:
        """Whether the way back from an event stands where the verdicts stand else."""
        return self.query_one(WhyList).display

    def action_why(self) -> None:
        """Explain this event, or the broken promise in the chosen line; where it is explained already, go one cause further back."""
        self.stand_still()
        why = self.query_one(WhyList)
        if self._explains and why.row_telling(self.playhead.index) is not None:
            behind = why.step_behind(self.playhead.index)
            if behind is not None:
                self.playhead.seek(behind)
                why.point_at(why.row_telling(behind) or 0)
                self.show_moment()
            return
        verdicts = self.query_one(VerdictList)
        question = verdicts.question if verdicts.has_focus else None
        self._explain(question or question_at(self.watched, self.playhead.index))

    def _explain(self, question: Question) -> None:
        why = self.query_one(WhyList)
        self.query_one(VerdictList).display, why.display = False, True
        self.playhead.seek(question.event)
        why.ask(question)
        self._show_list(events=False)

    def action_root_cause(self) -> None:
        """Search from which moment on the first broken promise breaks whatever chance brings."""
        self.stand_still()
        self.app.clear_notifications()
        self.app.push_screen(RootCauseScreen(self.watched), self._found_root)

    def _found_root(self, event: int | None) -> None:
        if event is not None:
            self.moved(self.playhead.seek(event))

    @on(LineList.Moved, "#causes")
    def _cause_passed(self, message: LineList.Moved) -> None:
        if isinstance(message, LineList.Chosen):
            # By now the lines are those of another explanation.
            return
        event = self.query_one(WhyList).rows[message.row].event
        self.moved(event is not None and self.playhead.seek(event))

    @on(LineList.Chosen, "#causes")
    def _cause_chosen(self, message: LineList.Chosen) -> None:
        event = self.query_one(WhyList).rows[message.row].event
        if event is not None:
            self._explain(question_at(self.watched, event))

    def _end_why(self) -> None:
        """Be where somebody asked."""
        why = self.query_one(WhyList)
        self.query_one(VerdictList).display, why.display = True, False
        if why.question is not None:
            self.playhead.seek(why.question.event)
        self._show_list(events=False)

    # -- the lists -----------------------------------------------------------------------------------------------------

    def action_switch(self) -> None:
        self._show_list(events=not isinstance(self.focused, EventList))

    def _show_list(self, *, events: bool) -> None:
        self._shows_events = events
        is_wide = self.has_class("wide")
        self.set_class(not is_wide and events, "events-only")
        self.set_class(not is_wide and not events, "verdicts-only")
        told = WhyList if self._explains else VerdictList
        wanted: LineList = self.query_one(EventList if events else told)
        wanted.focus()
        self.call_after_refresh(self.show_moment)

    def action_find(self) -> None:
        find = self.query_one("#find", Input)
        find.display = True
        find.value = self.playhead.wanted
        self._found_from = self.focused
        find.focus()

    @on(Input.Submitted, "#find")
    def _found(self, message: Input.Submitted) -> None:
        playhead, wanted = self.playhead, message.value.strip()
        had = playhead.wanted
        is_there = playhead.jump(wanted)
        if is_there is None:
            is_there = playhead.filter(wanted)
            trouble = f"no event holds '{wanted}'"
        else:
            trouble = f"{wanted} is behind the end: the last event is #{playhead.last}, at {self.watched.film.clock(playhead.last)}"
        if not is_there:
            # It stays open, for what was written to be mended.
            self.notify(trouble, severity="warning", markup=False)
            return
        self._close_find()
        if wanted or had:
            self.query_one(EventList).reload()
            self._show_list(events=True)

    def _close_find(self) -> None:
        """Close the finder and be where it was opened."""
        self.query_one("#find").display = False
        if self._found_from is not None:
            self._found_from.focus()
        self.show_moment()

    def action_undo(self) -> None:
        """Take back the latest of finder, filter, screen; never leave for good, as one Esc too many is quickly pressed."""
        if self.query_one("#find").display:
            self._close_find()
        elif self._explains:
            self._end_why()
        elif self.playhead.wanted:
            self.playhead.filter("")
            self.query_one(EventList).reload()
            self.show_moment()
        elif not self._is_first:
            self.dismiss()

    def action_back(self) -> None:
        if self._is_first:
            self.app.exit()
        else:
            self.dismiss()

    # -- elsewhere -----------------------------------------------------------------------------------------------------

    def action_view(self, name: str) -> None:
        self.stand_still()
        opens(self).open_view(self.playhead, name)

    def action_live(self) -> None:
        """Go on live from this moment."""
        if self.watched.scenario is None:
            self.notify("its scenario is not here, so it has one future only", severity="warning")
            return
        self.stand_still()
        opens(self).open_live(self.watched, index=self.playhead.index)

    def action_copy(self, verb: str) -> None:
        from sim.tui.copying import NoCommandError, copied_command

        index = self.playhead.index if verb == "watch" else None
        try:
            command, written = copied_command(self.watched, verb, index=index)
        except NoCommandError as error:
            self.notify(str(error), severity="warning", title="nothing was copied", markup=False)
            return
        became = opens(self).copy_command(command)
        told = [command, f"{written} was written into this folder for it"] if written else [command]
        told.append(became)
        told.append(f"state {self.watched.state_hash(self.playhead.index)}")
        self.notify("\n".join(told), title=self.watched.moment(self.playhead.index), timeout=8, markup=False)

    def action_change(self) -> None:
        """Change one thing at this moment."""
        if self.watched.scenario is None:
            self.notify("its scenario is not here, so it cannot be run again", severity="warning")
            return
        self.stand_still()
        # Nothing lies over the dialog.
        self.app.clear_notifications()
        if self._changed_at != self.playhead.index:
            self._changed_at, self._place = self.playhead.index, Place()
        self.app.push_screen(ChangeScreen(self.playhead, self._place), self._changed)

    def _changed(self, change: Change | None) -> None:
        if change is None:
            self._place = Place()
        else:
            opens(self).open_comparison(self.watched, change)
