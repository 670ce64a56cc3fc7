"""The space-time view: lanes to hide, pin and collapse, and an explanation that is followed through the picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from sim.tui.questions import question_at
from sim.tui.screens.view import ViewScreen
from sim.tui.view_model.space_time import ALL, Lane
from sim.tui.widgets.line_list import LineList
from sim.tui.widgets.page_list import PageList

if TYPE_CHECKING:
    from sim.tui.panels.page import PageRow


class SpaceTimeScreen(ViewScreen):
    """The picture stands around the moment: whoever goes up or down in it moves the playhead."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("full_stop", "lane(1)", "Lane", key_display=", .", tooltip="Next lane"),
        Binding("comma", "lane(-1)", "Previous lane", show=False),
        Binding("H", "choose('hidden')", "Hide", tooltip="Hide the lane that stands out"),
        Binding("P", "choose('pinned')", "Pin", tooltip="Pin the lane that stands out: first, and always there"),
        Binding("C", "choose('collapsed')", "Collapse", tooltip="Make all lanes of its kind one, or take that back"),
        Binding("A", "all_lanes", "All", tooltip="Show all lanes as they are", show=False),
        Binding(
            "w", "why", "Why", tooltip="Follow what brought this event about, one cause further back with each press"
        ),
        Binding("escape", "undo", "End the explanation, or back", show=False),
    ]

    @property
    def rows(self) -> Sequence[PageRow]:
        page = self.query_one(PageList)
        # The scroll bar's column stays free, there or not: whether it is hangs on what was drawn before.
        return self.view.rows(self.playhead, max(page.size.width - 1, 1), page.size.height)

    def show_moment(self) -> None:
        super().show_moment()
        page = self.query_one(PageList)
        before = [
            row for row, one in enumerate(page.rows) if one.event is not None and one.event <= self.playhead.index
        ]
        page.point_at(before[-1] if before else 0)

    @on(LineList.Moved, "#page")
    def _row_passed(self, message: LineList.Moved) -> None:
        event = self.query_one(PageList).rows[message.row].event
        self.moved(event is not None and self.playhead.seek(event))

    # -- lanes ---------------------------------------------------------------------------------------------------------

    @property
    def _lanes(self) -> tuple[Lane, ...]:
        return self.playhead.watched.space_time.lanes.shown(self.playhead.lanes)

    def action_lane(self, by: int) -> None:
        names = [lane.name for lane in self._lanes]
        if not names:
            return
        now = names.index(self.playhead.lane) if self.playhead.lane in names else (-1 if by > 0 else 0)
        self.playhead.lane = names[(now + by) % len(names)]
        self.show_moment()

    def action_choose(self, what: str) -> None:
        chosen = next((lane for lane in self._lanes if lane.name == self.playhead.lane), None)
        if chosen is None:
            self.notify("no lane stands out: , and . choose one", severity="warning")
            return
        before = self._lanes
        self.playhead.lanes = self.playhead.lanes.toggled(what, chosen)
        if what != "pinned":
            # It is gone now, or another one: the next in its place stands out.
            place = before.index(chosen)
            left = self._lanes
            self.playhead.lane = left[min(place, len(left) - 1)].name if left else ""
        self.show_moment()

    def action_all_lanes(self) -> None:
        self.playhead.lanes = ALL
        self.show_moment()

    # -- why -----------------------------------------------------------------------------------------------------------

    def action_why(self) -> None:
        """Follow the causes of this event; from one that is followed already, go one step further back."""
        self.stand_still()
        told = [step.event for step in self.playhead.chain]
        if self.playhead.index in told:
            self.moved(
                self.playhead.index != told[-1] and self.playhead.seek(told[told.index(self.playhead.index) + 1])
            )
            return
        watched = self.playhead.watched
        self.playhead.chain = question_at(watched, self.playhead.index).steps(watched)
        self.show_moment()

    def action_undo(self) -> None:
        if self.playhead.chain:
            self.playhead.seek(self.playhead.chain[0].event)
            self.playhead.chain = ()
            self.show_moment()
        else:
            self.dismiss()
