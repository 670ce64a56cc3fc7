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


def recognised(*, told_ms: int, read_ms: tuple[int, ...], time_type: str = "CreateTime") -> WrittenTrace:
    """Records 1 and 2 came twice in one batch; the leader had it already, and told both one time."""
    trace = WrittenTrace().send(1, 2)
    batch = trace.batch(1, 2)
    trace.append(trace.request(batch, count=2), at=0, count=2).commit(2).deduplicate(
        trace.request(batch, count=2), at=0
    )
    for offset in (0, 1):
        trace.acknowledge(offset + 1, at=offset, time_ms=told_ms)
    for offset, time_ms in enumerate(read_ms):
        trace.read(offset + 1, at=offset, time_ms=time_ms, time_type=time_type)
    return trace.end()


def found(trace: WrittenTrace) -> dict[int, str]:
    return {finding.record: finding.what for finding in trace.judged("misplaced").findings}


def test_newest_time_of_a_batch_that_was_there_already_is_what_kafka_tells_all_its_records() -> None:
    assert found(recognised(told_ms=9, read_ms=(5, 9))) == {}
    assert found(recognised(told_ms=9, read_ms=(9, 9), time_type="LogAppendTime")) == {}
    assert found(recognised(told_ms=9, read_ms=(9, 5), time_type="LogAppendTime")).keys() == {2}


def test_record_of_a_batch_that_was_there_already_is_not_read_with_a_later_time_than_was_told() -> None:
    assert found(recognised(told_ms=9, read_ms=(5, 10))) == {
        2: "told with the time 9, the newest of its batch, and read with 10"
    }


def test_later_time_than_the_newest_of_a_batch_that_was_there_already_is_found() -> None:
    what = "told with the time 10, the newest of its batch, and read with 9"

    assert found(recognised(told_ms=10, read_ms=(5, 9))) == {1: what, 2: what}


def test_reader_that_was_not_given_the_whole_batch_does_not_know_its_newest_time() -> None:
    assert found(recognised(told_ms=9, read_ms=(5,))) == {}


def test_record_told_before_its_batch_came_once_more_was_told_its_own_time() -> None:
    trace = WrittenTrace().send(1)
    batch = trace.batch(1)
    trace.append(trace.request(batch), at=0).commit(1).acknowledge(1, at=0, time_ms=9)
    trace.deduplicate(trace.request(batch), at=0)

    assert found(trace.read(1, at=0, time_ms=5).end()) == {1: "told with the time 9, and read with 5"}
