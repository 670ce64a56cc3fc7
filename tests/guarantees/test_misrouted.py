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


def test_headers_that_were_dropped_on_the_way_are_found() -> None:
    trace = WrittenTrace().send(1, headers=(("trace", b"7"),))
    trace.append(trace.request(trace.batch(1)), at=0).commit(1).acknowledge(1, at=0)

    assert trace.read(1, at=0, headers=(("trace", b"7"),)).end().state("misrouted") is State.HOLDS
    trace.events[-2] = trace.events[-2]._replace(headers=())
    assert "holds headers ()" in trace.judged("misrouted").findings[0].what


def test_another_order_of_headers_is_found() -> None:
    trace = WrittenTrace().send(1, headers=(("a", b"1"), ("b", b"2")))
    trace.append(trace.request(trace.batch(1)), at=0).commit(1)

    assert trace.read(1, at=0, headers=(("b", b"2"), ("a", b"1"))).end().state("misrouted") is State.VIOLATED


def test_another_time_than_the_application_gave_is_found() -> None:
    trace = WrittenTrace().send(1, time_ms=1_000)
    trace.append(trace.request(trace.batch(1)), at=0).commit(1)

    assert trace.read(1, at=0, time_ms=1_000).end().state("misrouted") is State.HOLDS
    trace.events[-2] = trace.events[-2]._replace(timestamp_ms=999)
    assert "holds the CreateTime 999" in trace.judged("misrouted").findings[0].what


def test_leader_s_own_time_is_what_a_topic_with_append_time_has() -> None:
    trace = WrittenTrace().send(1, time_ms=1_000)
    trace.events[0] = trace.events[0]._replace(timestamp_type="LogAppendTime")
    trace.append(trace.request(trace.batch(1)), at=0).commit(1).read(1, at=0, time_ms=2_000, time_type="LogAppendTime")

    assert trace.end().state("misrouted") is State.HOLDS
    trace.events[-2] = trace.events[-2]._replace(timestamp_type="CreateTime")
    assert trace.state("misrouted") is State.VIOLATED


def test_leader_s_own_time_where_the_topic_keeps_the_producer_s_is_found() -> None:
    trace = WrittenTrace().write(1, at=0).read(1, at=0, time_ms=2_000, time_type="LogAppendTime").end()

    assert trace.state("misrouted") is State.VIOLATED


def test_another_partition_than_the_application_chose_is_found() -> None:
    trace = WrittenTrace(partitions=2).send(1, partition=1)
    trace.append(trace.request(trace.batch(1)), at=0).commit(1)

    assert "what was to go to partition 1" in trace.read(1, at=0).end().judged("misrouted").findings[0].what


def test_record_read_in_the_run_is_compared_with_what_lay_there_then() -> None:
    trace = WrittenTrace().send(1)
    trace.append(trace.request(trace.batch(1)), at=0).commit(1).read(1, at=0, epoch=0)
    trace.elect(2, epoch=1).truncate(1, to=0, end=1).truncate(3, to=0, end=1).send(2)
    trace.append(trace.request(trace.batch(2)), at=0, broker=2, epoch=1).replicate(1, 3, at=0, epoch=1).commit(1)

    assert trace.read(2, at=0, epoch=1).end().state("misrouted") is State.HOLDS


def test_other_bytes_than_were_written_are_found_on_whichever_disk_they_lie() -> None:
    for brokers, named in (((1,), "b1"), ((3,), "b3"), ((1, 2, 3), "b1, b2, b3")):
        verdict = (
            WrittenTrace().write(1, 2, at=0).write(3, at=2).flip(*brokers, at=0, count=2).end().judged("misrouted")
        )

        assert [finding.record for finding in verdict.findings] == [1, 2]
        assert verdict.findings[1].what == f"orders-0 offset 1 holds other bytes on {named} than were written there"
        assert {one.broker for one in verdict.findings[0].replicas if one.state == "corrupt"} == set(brokers)


def test_disk_from_which_a_bad_batch_was_cut_or_where_it_is_whole_again_holds_what_was_sent() -> None:
    assert WrittenTrace().write(1, at=0).flip(2, at=0).truncate(2, to=0, end=1).end().state("misrouted") is State.HOLDS
    assert (
        WrittenTrace().write(1, at=0).flip(2, at=0).flip(2, at=0, is_whole=True).end().state("misrouted") is State.HOLDS
    )
    refilled = WrittenTrace().write(1, at=0).flip(2, at=0).truncate(2, to=0, end=1).replicate(2, at=0)
    assert refilled.end().state("misrouted") is State.HOLDS
