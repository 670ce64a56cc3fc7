"""What a screen shows of one run, as a fold over its trace; no Textual in here, and no way to a broker."""

from __future__ import annotations

from sim.tui.view_model.entities import Entity, Ways
from sim.tui.view_model.film import Film
from sim.tui.view_model.folds import take
from sim.tui.view_model.marks import Mark, Marks
from sim.tui.view_model.objects import Objects
from sim.tui.view_model.state import (
    Application,
    Batch,
    BatchState,
    Broker,
    Connection,
    Life,
    Partition,
    Replica,
    Role,
    State,
)

__all__ = [
    "Application",
    "Batch",
    "BatchState",
    "Broker",
    "Connection",
    "Entity",
    "Film",
    "Life",
    "Mark",
    "Marks",
    "Objects",
    "Partition",
    "Replica",
    "Role",
    "State",
    "Ways",
    "take",
]
