"""What is read is what was sent, to that topic and that partition."""

from sim.judges.guarantees import State
from tests.guarantees.written import WrittenTrace


def test_bytes_that_came_through_are_as_sent() -> None:
    verdict = WrittenTrace().write(1, 2, at=0).read(1, at=0).read(2, at=1).end().judged("misrouted")

    assert verdict.state is State.HOLDS
    assert verdict.checked == 3


def test_other_bytes_at_a_record_s_offset_are_found() -> None:
    verdict = WrittenTrace().write(1, at=0).read(1, at=0, value=b"other").end().judged("misrouted")

    assert verdict.state is State.VIOLATED
    assert verdict.findings[0].record == 1
    assert "b'other'" in verdict.findings[0].what


def test_other_key_at_a_record_s_offset_is_found() -> None:
    assert WrittenTrace().write(1, at=0).read(1, at=0, key=b"x").end().state("misrouted") is State.VIOLATED


def test_leader_that_appends_other_bytes_than_were_sent_is_found() -> None:
    trace = WrittenTrace().send(1)
    trace.append(trace.request(trace.batch(1)), at=0, crc=78).end()

    assert [finding.record for finding in trace.judged("misrouted").findings] == [1]


def test_leader_that_stamps_its_own_time_may_change_the_checksum() -> None:
    trace = WrittenTrace().send(1)
    trace.events[0] = trace.events[0]._replace(timestamp_type="LogAppendTime")
    trace.append(trace.request(trace.batch(1)), at=0, crc=78).replicate(2, 3, at=0, crc=78).commit(1).end()

    assert trace.state("misrouted") is State.HOLDS


def test_batch_appended_to_another_partition_is_found() -> None:
    trace = WrittenTrace(partitions=2).send(1)
    trace.append(trace.request(trace.batch(1)), at=0, partition=1).end()

    assert "no producer sent that there" in trace.judged("misrouted").findings[0].what


def test_follower_with_other_bytes_than_its_leader_is_found() -> None:
    trace = WrittenTrace().send(1)
    trace.append(trace.request(trace.batch(1)), at=0).replicate(2, at=0, crc=78).end()

    assert "b2 holds other bytes" in trace.judged("misrouted").findings[0].what


def test_follower_that_copies_an_older_leader_s_batch_is_fine() -> None:
    trace = WrittenTrace().send(1)
    trace.append(trace.request(trace.batch(1)), at=0).elect(2, epoch=1).replicate(3, at=0, epoch=0).end()

    assert trace.state("misrouted") is State.HOLDS


def test_client_whose_engine_is_not_in_the_trace_is_passed_by() -> None:
    trace = WrittenTrace().append(99, at=0, client="foreign").replicate(2, 3, at=0).commit(1).read(5, at=0).end()

    assert trace.state("misrouted") is State.HOLDS
