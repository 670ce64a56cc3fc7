"""Who told whom what, and what became of it: lanes, and messages between them from their departure to their arrival."""

from __future__ import annotations

from sim.tui.view_model.space_time.lanes import ALL, Lane, LaneChoice, Lanes
from sim.tui.view_model.space_time.messages import Messages
from sim.tui.view_model.space_time.picture import LaneState, Picture, SpaceTime
from sim.tui.view_model.space_time.rows import Manner, Row, Rows, Shape

__all__ = [
    "ALL",
    "Lane",
    "LaneChoice",
    "LaneState",
    "Lanes",
    "Manner",
    "Messages",
    "Picture",
    "Row",
    "Rows",
    "Shape",
    "SpaceTime",
]
