"""The second judge of isolation: sends and verdicts of a trace, counted and not sorted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sim.trace.events import LatencyPromised, RecordAcknowledged, RecordSent

Id = tuple[str, int]


def isolation(events: Sequence[Any]) -> set[Id]:
    """Where more than one of a hundred records of a client are late, each of those that are."""
    found: set[Id] = set()
    for promise in events:
        if isinstance(promise, LatencyPromised):
            sent = {
                one.record: one.at_us for one in events if isinstance(one, RecordSent) and one.client == promise.client
            }
            in_time = {
                one.record
                for one in events
                if isinstance(one, RecordAcknowledged)
                and one.client == promise.client
                and one.at_us <= sent[one.record] + promise.p99_us
            }
            late = sent.keys() - in_time
            if 100 * len(late) > len(sent):
                found |= {(promise.client, record) for record in late}
    return found


JUDGES: dict[str, Callable[[Sequence[Any]], set[Id]]] = {"isolation": isolation}
