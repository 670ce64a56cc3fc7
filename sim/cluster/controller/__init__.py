"""The controllers: a quorum of which one is active, and what that one decides: who is alive, who leads, who is in sync."""

from sim.cluster.controller.controller import Controller
from sim.cluster.controller.quorum import Quorum

__all__ = ["Controller", "Quorum"]
