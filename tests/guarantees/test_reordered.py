"""A partition keeps the order of one producer's sends, by first occurrences."""

from sim.judges.guarantees import State
from tests.guarantees.written import WrittenTrace


def test_later_batch_before_an_earlier_one_is_out_of_order() -> None:
    trace = WrittenTrace().send(1, 2)
    first, second = trace.batch(1), trace.batch(2)
    trace.append(trace.request(second), at=0).append(trace.request(first), at=1)
    trace.replicate(2, 3, at=0).replicate(2, 3, at=1).commit(2).end()

    verdict = trace.judged("reordered")

    assert verdict.state is State.VIOLATED
    (finding,) = verdict.findings
    assert finding.record == 1
    assert "behind record 2 (offset 0)" in finding.what


def test_order_across_partitions_is_nobody_s_promise() -> None:
    trace = WrittenTrace(partitions=2).send(1)
    late = trace.batch(1)
    trace.write(2, at=0, partition=1)
    trace.append(trace.request(late), at=0).replicate(2, 3, at=0).commit(1).end()

    assert trace.state("reordered") is State.HOLDS


def test_duplicate_further_back_is_not_out_of_order() -> None:
    trace = WrittenTrace().send(1)
    batch = trace.batch(1)
    trace.append(trace.request(batch), at=0).commit(1).write(2, at=1)
    trace.append(trace.request(batch), at=2).commit(3).end()

    assert trace.state("reordered") is State.HOLDS
    assert trace.state("duplicated") is State.VIOLATED


def test_gap_where_a_record_failed_is_not_out_of_order() -> None:
    trace = WrittenTrace().write(1, at=0).send(2).fail(2, outcome="failed").write(3, at=1).end()

    assert trace.state("reordered") is State.HOLDS


def test_two_producers_have_no_order_between_them() -> None:
    trace = WrittenTrace().write(1, at=0)
    trace.events = [event._replace(client="other") if hasattr(event, "client") else event for event in trace.events]
    trace.events = [event._replace(record=9) if hasattr(event, "record") else event for event in trace.events]
    trace.events = [event._replace(token=9) if hasattr(event, "token") else event for event in trace.events]
    trace.batches = 10
    trace.requests = 10

    assert trace.write(2, at=1).end().state("reordered") is State.HOLDS
