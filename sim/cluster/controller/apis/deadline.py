"""The time that a request gives the controller: it counts from its arrival there (ControllerRequestContext)."""

from __future__ import annotations

from producer.errors import Code
from sim.cluster.envelope import RefusedError


def check_deadline(timeout_ms: int) -> None:
    """Raise RefusedError for a request whose time is over before it is begun; any other is decided at once."""
    if timeout_ms <= 0:
        raise RefusedError(Code.REQUEST_TIMED_OUT)
