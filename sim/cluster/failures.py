"""A broker that fails on a request, as a bug of ours: in a run nothing that comes after it is worth judging."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.trace.events import HandlerFailed

if TYPE_CHECKING:
    from sim.trace.trace import Trace
    from sim.world.kernel import World


class BrokerFailedError(AssertionError):
    """A broker failed on a client's request: a bug of ours. Its note is the request in hexadecimal."""


def end_at_failure(world: World, trace: Trace) -> None:
    """Let the world end with `BrokerFailedError` at the first failure, where a served one would only count it."""
    trace.watch(HandlerFailed, partial(world.call_first, _end))


def _end(event: HandlerFailed) -> None:
    error = BrokerFailedError(
        f"b{event.broker} failed at {event.at_us} us on {event.api} {event.version} of {event.client}, "
        f"connection {event.connection}, correlation id {event.correlation_id}: {event.error}"
    )
    error.add_note(f"the request: {event.request}")
    raise error
