"""Whatever is committed is given to every reader, from where that reader began."""

from sim.judges.guarantees import State
from tests.guarantees.written import WrittenTrace


def three_written() -> WrittenTrace:
    return WrittenTrace().write(1, at=0).write(2, at=1).write(3, at=2)


def test_reader_that_was_given_everything_missed_nothing() -> None:
    verdict = three_written().begin_reading().read(1, at=0).read(2, at=1).read(3, at=2).end().judged("unread")

    assert (verdict.state, verdict.checked) == (State.HOLDS, 3)


def test_committed_record_that_no_reader_ever_gets_is_found() -> None:
    trace = three_written().begin_reading().read(1, at=0).read(3, at=2).end_reading(3).end()

    (finding,) = trace.judged("unread").findings
    assert (finding.record, finding.what) == (2, "committed at orders-0 offset 1, and consumer-1 passed over it")


def test_end_of_the_log_that_a_reader_never_came_to_is_found() -> None:
    trace = three_written().begin_reading().read(1, at=0).read(2, at=1).end_reading(2, error="offset 2 is out of range")

    (finding,) = trace.end().judged("unread").findings
    assert finding.what.endswith("consumer-1 never came to it: offset 2 is out of range")


def test_partition_that_a_reader_of_the_topic_never_came_to_is_found() -> None:
    trace = WrittenTrace(partitions=2).write(1, at=0).write(2, at=0, partition=1).begin_reading(partitions=1)

    assert [finding.record for finding in trace.read(1, at=0).end().judged("unread").findings] == [2]


def test_each_reader_is_due_everything_whatever_another_was_given() -> None:
    trace = three_written().begin_reading().read(1, at=0).read(2, at=1).read(3, at=2)
    trace.begin_reading(by="audit").read(1, at=0, by="audit").read(3, at=2, by="audit")

    assert ["audit" in finding.what for finding in trace.end().judged("unread").findings] == [True]


def test_reader_from_the_latest_is_due_what_comes_after() -> None:
    trace = three_written().begin_reading(begin="latest", at=2).read(3, at=2)

    assert trace.end().state("unread") is State.HOLDS


def test_reader_that_is_sent_to_the_latest_by_a_reset_missed_what_it_jumped_over() -> None:
    trace = three_written().begin_reading().read(1, at=0).move_reader(3, why="offset out of range").end()

    assert [finding.record for finding in trace.judged("unread").findings] == [2, 3]


def test_reader_that_is_moved_over_what_its_leader_removed_missed_nothing_though_the_next_leader_has_it_yet() -> None:
    trace = three_written().begin_reading().expire(1, to=2).move_reader(2, why="offset out of range").read(3, at=2)

    assert trace.elect(2, epoch=1).end().state("unread") is State.HOLDS


def test_reader_is_due_what_its_leader_has_though_another_removed_it() -> None:
    trace = three_written().begin_reading().expire(2, to=2).read(3, at=2).end_reading(3).end()

    assert [finding.record for finding in trace.judged("unread").findings] == [1, 2]


def test_reader_that_was_moved_over_records_before_any_replica_removed_them_missed_them() -> None:
    trace = three_written().begin_reading().move_reader(2, why="offset out of range").read(3, at=2).expire(1, to=2)

    assert [finding.record for finding in trace.elect(2, epoch=1).end().judged("unread").findings] == [1, 2]


def test_reader_that_was_moved_back_is_due_what_it_passes_over_then() -> None:
    trace = three_written().begin_reading().expire(1, to=2).move_reader(2, why="offset out of range").elect(2, epoch=1)
    trace.move_reader(0, why="log was cut").read(3, at=2).end()

    assert [finding.record for finding in trace.judged("unread").findings] == [1, 2]


def test_reader_that_had_a_record_which_is_gone_is_still_due_the_one_that_lies_there_now() -> None:
    trace = WrittenTrace().send(1).begin_reading()
    trace.append(trace.request(trace.batch(1)), at=0).commit(1).read(1, at=0, epoch=0)
    trace.elect(2, epoch=1).truncate(1, to=0, end=1).truncate(3, to=0, end=1).send(2)
    trace.append(trace.request(trace.batch(2)), at=0, broker=2, epoch=1).replicate(1, 3, at=0, epoch=1).commit(1).end()

    assert [finding.record for finding in trace.judged("unread").findings] == [2]


def test_foreign_client_s_record_that_is_not_given_is_found_by_its_offset() -> None:
    trace = WrittenTrace().append(99, at=0, client="foreign").replicate(2, 3, at=0).commit(1).begin_reading().end()

    (finding,) = trace.judged("unread").findings
    assert (finding.client, finding.name) == ("", "offset 0 of orders-0")


def test_nobody_reads_so_nobody_can_tell() -> None:
    assert three_written().end().state("unread") is State.INCONCLUSIVE


def test_run_that_did_not_settle_does_not_show_what_is_committed() -> None:
    assert three_written().begin_reading().end(is_settled=False).state("unread") is State.INCONCLUSIVE
