"""Isolation is judged by what applications waited for: one of a hundred may be late, two may not, and no word counts but theirs."""

from collections.abc import Callable
from typing import Any

import pytest

from sim.judges.guarantees import Ledger, State, Verdict, judge_ledger
from sim.judges.guarantees.isolation import p99_us
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import LatencyPromised, RecordAcknowledged, RecordFailed, RunEnded

BOUND_US = 60_000
LATE_MAX = 8
"""Of 800 records."""


@pytest.fixture(scope="module")
def trace() -> list[Any]:
    """A run in which the promise is kept, and every record in time."""
    return list(run(load("noisy_neighbour_with_quota"), 0).trace)


def judged(events: list[Any]) -> Verdict | None:
    return next((one for one in judge_ledger(Ledger(events)) if one.guarantee == "isolation"), None)


def with_late(trace: list[Any], count: int, late: Callable[[RecordAcknowledged], list[Any]]) -> list[Any]:
    """Tell another tale of the last acknowledgements of the neighbour."""
    acknowledged = [
        place for place, one in enumerate(trace) if isinstance(one, RecordAcknowledged) and one.client == "billing"
    ]
    told = set(acknowledged[-count:]) if count else set()
    return [one for place, event in enumerate(trace) for one in (late(event) if place in told else [event])]


def delayed(event: RecordAcknowledged) -> list[Any]:
    return [event._replace(at_us=event.at_us + BOUND_US)]


def test_a_kept_promise_holds_on_every_record_of_who_was_promised(trace: list[Any]) -> None:
    verdict = judged(trace)

    assert verdict is not None
    assert (verdict.state, verdict.checked) == (State.HOLDS, 800)


def test_one_of_a_hundred_may_be_late(trace: list[Any]) -> None:
    verdict = judged(with_late(trace, LATE_MAX, delayed))

    assert verdict is not None
    assert verdict.state is State.HOLDS


def test_one_more_is_found_with_all_that_are_late(trace: list[Any]) -> None:
    verdict = judged(with_late(trace, LATE_MAX + 1, delayed))

    assert verdict is not None
    assert verdict.state is State.VIOLATED
    assert len(verdict.findings) == LATE_MAX + 1
    first = verdict.findings[0]
    assert first.client == "billing"
    assert "60000 us were promised for 99 of 100" in first.what
    assert {"promise", "send", "append", "acknowledgement"} <= {moment.role for moment in first.moments}


@pytest.mark.parametrize(
    "lie",
    [
        lambda _: [],
        lambda event: [RecordFailed(event.at_us, event.client, event.record, event.topic, 0, 7, "unknown")],
    ],
    ids=["never told", "failed"],
)
def test_who_was_never_told_waited_for_ever(trace: list[Any], lie: Callable[[RecordAcknowledged], list[Any]]) -> None:
    verdict = judged(with_late(trace, LATE_MAX + 1, lie))

    assert verdict is not None
    assert verdict.state is State.VIOLATED
    assert "was never acknowledged" in verdict.findings[0].what


def test_late_records_of_others_break_no_promise(trace: list[Any]) -> None:
    late = [
        event._replace(at_us=event.at_us + 10**9)
        if isinstance(event, RecordAcknowledged) and event.client == "export"
        else event
        for event in trace
    ]
    verdict = judged(late)

    assert verdict is not None
    assert verdict.state is State.HOLDS


def test_where_nobody_promised_nobody_judges(trace: list[Any]) -> None:
    assert judged([event for event in trace if not isinstance(event, LatencyPromised)]) is None


def test_a_run_without_a_settled_end_says_nothing(trace: list[Any]) -> None:
    verdict = judged([event for event in with_late(trace, 99, delayed) if not isinstance(event, RunEnded)])

    assert verdict is not None
    assert verdict.state is State.INCONCLUSIVE


def test_the_percentile_is_the_nearest_rank() -> None:
    assert p99_us(list(range(1, 101))) == 99
    assert p99_us(list(range(1, 102))) == 100
    assert p99_us([7]) == 7
    assert p99_us([]) == 0
