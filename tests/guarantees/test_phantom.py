"""A record that failed for certain is not in the log; one of unknown outcome may be."""

import pytest

from sim.judges.guarantees import State
from tests.guarantees.written import WrittenTrace


@pytest.mark.parametrize(
    "outcome,expected", [("failed", State.VIOLATED), ("unknown", State.HOLDS)], ids=["certain", "unknown"]
)
def test_appended_record_that_was_reported_as_failed(outcome: str, expected: State) -> None:
    trace = WrittenTrace().send(1)
    trace.append(trace.request(trace.batch(1)), at=0).replicate(2, 3, at=0).commit(1).fail(1, outcome=outcome).end()

    verdict = trace.judged("phantom")

    assert verdict.state is expected
    assert [finding.record for finding in verdict.findings] == ([1] if expected is State.VIOLATED else [])


def test_failed_record_that_was_truncated_is_no_phantom() -> None:
    trace = WrittenTrace().send(1)
    trace.append(trace.request(trace.batch(1)), at=0).fail(1, outcome="failed")
    trace.elect(2, epoch=1).truncate(1, to=0, end=1).end()

    assert trace.state("phantom") is State.HOLDS


def test_record_that_failed_before_it_had_a_partition_is_no_phantom() -> None:
    assert WrittenTrace().send(1).fail(1, outcome="failed", partition=-1).end().state("phantom") is State.HOLDS
