"""A record lies where its application was told: partition, offset and time; at the end, and by the time that it was told."""

from sim.judges.guarantees import State
from tests.guarantees.written import WrittenTrace


def appended(*, at: int = 0) -> WrittenTrace:
    """Record 1 is in every log at that offset, and its application has not been told."""
    trace = WrittenTrace().send(1)
    return trace.append(trace.request(trace.batch(1)), at=at).replicate(2, 3, at=at).commit(at + 1)


def test_records_told_where_they_lie_are_in_place() -> None:
    verdict = WrittenTrace().write(1, 2, at=0).write(3, at=2).end().judged("misplaced")

    assert (verdict.state, verdict.checked) == (State.HOLDS, 3)


def test_leader_that_tells_the_next_offset_is_found_though_nothing_is_lost() -> None:
    trace = appended().acknowledge(1, at=1).end()

    (finding,) = trace.judged("misplaced").findings
    assert (
        finding.what
        == "told to lie at orders-0 offset 1, where nobody had written it; it was written at orders-0 offset 0"
    )
    assert trace.state("lost") is State.HOLDS


def test_leader_that_tells_the_offset_before_is_found() -> None:
    assert appended(at=4).acknowledge(1, at=3).end().state("misplaced") is State.VIOLATED


def test_another_partition_than_it_lies_in_is_found() -> None:
    trace = WrittenTrace(partitions=2).send(1)
    trace.append(trace.request(trace.batch(1)), at=0).commit(1).acknowledge(1, at=0, partition=1).end()

    assert trace.state("misplaced") is State.VIOLATED


def test_offset_of_another_record_of_the_same_batch_is_found() -> None:
    trace = WrittenTrace().send(1, 2)
    trace.append(trace.request(trace.batch(1, 2), count=2), at=0, count=2).commit(2)
    trace.acknowledge(1, at=1).acknowledge(2, at=0).end()

    assert [finding.record for finding in trace.judged("misplaced").findings] == [1, 2]


def test_told_before_it_was_written_there_is_found_though_it_lies_there_in_the_end() -> None:
    trace = WrittenTrace().send(1).acknowledge(1, at=0)
    trace.append(trace.request(trace.batch(1)), at=0).commit(1).end()

    assert "where nobody had written it" in trace.judged("misplaced").findings[0].what


def test_record_that_moved_after_it_was_told_lies_elsewhere_in_the_end() -> None:
    trace = WrittenTrace().send(1, 2)
    batch = trace.batch(1)
    trace.append(trace.request(batch), at=0).acknowledge(1, at=0).elect(2, epoch=1).truncate(1, to=0, end=1)
    trace.append(trace.request(trace.batch(2)), at=0, broker=2, epoch=1)
    trace.append(trace.request(batch), at=1, broker=2, epoch=1).commit(2).end()

    (finding,) = trace.judged("misplaced").findings
    assert finding.what == "told to lie at orders-0 offset 0; in the end it lies at orders-0 offset 1"
    assert trace.state("lost") is State.HOLDS


def test_record_that_is_nowhere_in_the_end_is_lost_and_not_misplaced() -> None:
    trace = appended().acknowledge(1, at=0)
    for broker in (1, 2, 3):
        trace.truncate(broker, to=0, end=1)

    assert trace.end().state("misplaced") is State.HOLDS
    assert trace.state("lost") is State.VIOLATED


def test_record_that_is_nowhere_in_the_end_and_never_was_where_it_was_told_is_both() -> None:
    trace = appended().acknowledge(1, at=7)
    for broker in (1, 2, 3):
        trace.truncate(broker, to=0, end=1)

    assert trace.end().state("misplaced") is State.VIOLATED


def test_either_place_of_a_duplicate_may_be_told() -> None:
    for told in (0, 1):
        trace = WrittenTrace().send(1)
        batch = trace.batch(1)
        trace.append(trace.request(batch), at=0).append(trace.request(batch), at=1).commit(2)

        assert trace.acknowledge(1, at=told).end().state("misplaced") is State.HOLDS


def test_no_offset_was_told_and_none_is_wrong() -> None:
    verdict = appended().acknowledge(1, at=-1).end().judged("misplaced")

    assert (verdict.state, verdict.checked) == (State.HOLDS, 0)


def test_another_time_than_is_read_is_found() -> None:
    trace = appended().acknowledge(1, at=0, time_ms=1_000)

    assert trace.read(1, at=0, time_ms=1_001).end().judged("misplaced").findings[0].what == (
        "told with the time 1000, and read with 1001"
    )


def test_the_time_that_was_told_is_read() -> None:
    assert appended().acknowledge(1, at=0, time_ms=5).read(1, at=0, time_ms=5).end().state("misplaced") is State.HOLDS


def test_run_cut_short_shows_only_what_had_been_told_by_then() -> None:
    assert appended().acknowledge(1, at=0).end(is_settled=False).state("misplaced") is State.INCONCLUSIVE
    assert appended().acknowledge(1, at=1).end(is_settled=False).state("misplaced") is State.VIOLATED


def recognised(*, time_type: str, read_ms: int) -> WrittenTrace:
    """Record 1 came twice; the leader had it already, and told the newest time of its batch, 9."""
    trace = WrittenTrace().send(1)
    batch = trace.batch(1)
    trace.append(trace.request(batch), at=0).commit(1).deduplicate(trace.request(batch), at=0)
    return trace.acknowledge(1, at=0, time_ms=9).read(1, at=0, time_ms=read_ms, time_type=time_type).end()


def test_newest_time_of_a_batch_that_was_there_already_is_what_kafka_tells_all_its_records() -> None:
    assert recognised(time_type="CreateTime", read_ms=5).state("misplaced") is State.HOLDS
    assert recognised(time_type="LogAppendTime", read_ms=9).state("misplaced") is State.HOLDS
    assert recognised(time_type="LogAppendTime", read_ms=5).state("misplaced") is State.VIOLATED
