"""The controller: who is alive, who leads, who is in sync; one node that never fails, reached over links that do."""

from sim.cluster.controller.controller import Controller

__all__ = ["Controller"]
