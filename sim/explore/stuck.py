"""Stuck: a batch is refused as out of order, again and again, until its time is over: a gap that nobody will fill.

No promise about records breaks by it, so it is no guarantee of `sim.judges.guarantees`; it is what a search looks for besides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from producer.errors import Code
from producer.events import BatchFailed, BatchRetried

NAME = "stuck"

REFUSED_MIN = 30
"""So many refusals are no passing disorder: the back-off is one second at most, a record's time two minutes."""


def is_stuck(events: Iterable[Any]) -> bool:
    """Whether a batch was given up after that many refusals as OUT_OF_ORDER_SEQUENCE_NUMBER."""
    refused: Counter[tuple[str, int]] = Counter()
    for event in events:
        if isinstance(event, BatchRetried):
            if event.code == Code.OUT_OF_ORDER_SEQUENCE_NUMBER:
                refused[event.client, event.batch] += 1
        elif isinstance(event, BatchFailed) and refused[event.client, event.batch] >= REFUSED_MIN:
            return True
    return False
