"""Why something happened: for each event of a trace the events that brought it about, and the way back to the fault."""

from __future__ import annotations

from sim.tui.view_model.causality.causes import Causes
from sim.tui.view_model.causality.why import Relation, WhyStep, why

__all__ = ["Causes", "Relation", "WhyStep", "why"]
