"""A record is written once at most; a retry that the broker recognised is no second time."""

from sim.judges.guarantees import State
from tests.guarantees.written import WrittenTrace


def test_retry_that_was_appended_again_is_a_duplicate() -> None:
    trace = WrittenTrace().send(1)
    batch = trace.batch(1)
    trace.append(trace.request(batch), at=0).append(trace.request(batch), at=1)
    trace.replicate(2, 3, at=0).replicate(2, 3, at=1).commit(2).acknowledge(1, at=1).end()

    verdict = trace.judged("duplicated")

    assert verdict.state is State.VIOLATED
    (finding,) = verdict.findings
    assert [(replica.broker, replica.offset) for replica in finding.replicas] == [
        (1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1),
    ]  # fmt: skip
    assert [moment.role for moment in finding.moments].count("append") == 2


def test_record_in_two_partitions_is_a_duplicate() -> None:
    trace = WrittenTrace(partitions=2).send(1)
    trace.append(trace.request(trace.batch(1)), at=0).commit(1)
    request = trace.request(trace.batch(1, partition=1), partition=1)
    trace.append(request, at=0, partition=1).commit(1, partition=1).end()

    assert trace.state("duplicated") is State.VIOLATED


def test_two_records_with_the_same_bytes_are_no_duplicate() -> None:
    trace = WrittenTrace().write(1, at=0).write(2, at=1)
    trace.events = [event._replace(value=b"same") if hasattr(event, "value") else event for event in trace.events]

    assert trace.end().state("duplicated") is State.HOLDS


def test_retry_after_the_first_append_was_truncated_is_no_duplicate() -> None:
    trace = WrittenTrace().send(1)
    batch = trace.batch(1)
    trace.append(trace.request(batch), at=0).elect(2, epoch=1).truncate(1, to=0, end=1)
    trace.append(trace.request(batch), at=0, broker=2, epoch=1).replicate(1, 3, at=0, epoch=1).commit(1)
    trace.acknowledge(1, at=0).end()

    assert trace.state("duplicated") is State.HOLDS
    assert trace.state("lost") is State.HOLDS


def test_copies_on_followers_are_no_duplicates() -> None:
    assert WrittenTrace().write(1, 2, at=0).end().state("duplicated") is State.HOLDS


def test_second_copy_above_the_high_watermark_is_not_seen_by_anybody() -> None:
    trace = WrittenTrace().send(1)
    batch = trace.batch(1)
    trace.append(trace.request(batch), at=0).replicate(2, 3, at=0).commit(1).append(trace.request(batch), at=1)

    assert trace.end(is_settled=False).state("duplicated") is State.INCONCLUSIVE


def test_second_copy_where_a_committed_record_was_cut_off_is_not_committed_with_it() -> None:
    trace = WrittenTrace().send(1, 2)
    batch = trace.batch(1)
    trace.append(trace.request(batch), at=0).append(trace.request(trace.batch(2)), at=1).commit(2)
    trace.truncate(1, to=1, end=2).append(trace.request(batch), at=1)

    assert trace.end(is_settled=False).state("duplicated") is State.INCONCLUSIVE
