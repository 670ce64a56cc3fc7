"""What a run in transactions goes through besides: where they begin, end and are marked, and who they belong to."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sim.explore.course import AFTERMATH_MAX, Point
from sim.trace.events import (
    CheckpointTaken,
    MarkerAppended,
    MarkersSent,
    OffsetsGiven,
    TransactionalIdTaken,
    TransactionBegan,
    TransactionEnded,
    TransactionEnding,
    TransactionFenced,
    TransactionMoved,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.explore.course import Course, Where


def with_transactions(course: Course, events: Iterable[Any]) -> Course:
    """Give the course with the moments of transactions, as an undisturbed run went through them."""
    total: Counter[tuple[str, Where]] = Counter()
    ids: dict[str, None] = {}
    groups: dict[str, None] = {}
    for event in events:
        match event:
            case TransactionBegan() | TransactionEnding() | TransactionEnded() if event.transactional_id:
                ids[event.transactional_id] = None
                total[type(event).__name__, (("client", event.client),)] += 1
            case OffsetsGiven():
                groups[event.group] = None
                total[type(event).__name__, (("client", event.client),)] += 1
            case CheckpointTaken():
                total[type(event).__name__, (("client", event.client),)] += 1
            case TransactionMoved() | MarkersSent():
                total[type(event).__name__, (("transactional_id", event.transactional_id),)] += 1
            case MarkerAppended(topic=topic) if not topic.startswith("__"):
                total[type(event).__name__, (("topic", topic), ("partition", event.partition))] += 1
            case _:
                pass
    points = [Point(name, where, 1, count) for (name, where), count in total.items()]
    points.sort(key=lambda point: (_ORDER.index(point.event), str(point.where)))
    # What only faults bring about: somebody else has the id, or is about to.
    points += [
        Point(kind.__name__, (("transactional_id", one),), first, AFTERMATH_MAX)
        for kind, first in ((TransactionalIdTaken, 2), (TransactionFenced, 1))
        for one in ids
    ]
    return course._replace(points=(*course.points, *points), transactional_ids=tuple(ids), groups=tuple(groups))


_ORDER = tuple(
    kind.__name__
    for kind in (
        TransactionBegan,
        OffsetsGiven,
        CheckpointTaken,
        TransactionEnding,
        TransactionEnded,
        TransactionMoved,
        MarkersSent,
        MarkerAppended,
    )
)
