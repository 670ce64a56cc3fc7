"""A reader is given each record once, in the order of its partition."""

from sim.judges.guarantees import State
from tests.guarantees.written import WrittenTrace


def two_written() -> WrittenTrace:
    return WrittenTrace().write(1, at=0).write(2, at=1).begin_reading()


def test_one_record_after_the_other_is_as_it_should_be() -> None:
    assert two_written().read(1, at=0).read(2, at=1).end().state("read again") is State.HOLDS


def test_record_handed_over_twice_is_found() -> None:
    trace = two_written().read(1, at=0).read(1, at=0).read(2, at=1).end()

    (finding,) = trace.judged("read again").findings
    assert (finding.record, finding.what) == (1, "given to consumer-1 twice from orders-0 offset 0")
    assert {"read", "read again"} <= {moment.role for moment in finding.moments}


def test_records_in_another_order_than_the_partition_s_are_found() -> None:
    trace = two_written().read(2, at=1).read(1, at=0).end()

    assert trace.judged("read again").findings[0].what == "given to consumer-1 from orders-0 offset 0 behind offset 1"


def test_reader_that_was_sent_back_to_the_beginning_reads_again_and_the_reason_is_told() -> None:
    trace = two_written().read(1, at=0).move_reader(0, why="offset out of range").read(1, at=0).read(2, at=1).end()

    (finding,) = trace.judged("read again").findings
    assert finding.what.endswith("twice from orders-0 offset 0, since it went back (offset out of range)")


def test_another_record_at_the_same_offset_is_no_second_time() -> None:
    trace = WrittenTrace().send(1).begin_reading()
    trace.append(trace.request(trace.batch(1)), at=0).commit(1).read(1, at=0, epoch=0)
    trace.elect(2, epoch=1).truncate(1, to=0, end=1).truncate(3, to=0, end=1).send(2)
    trace.append(trace.request(trace.batch(2)), at=0, broker=2, epoch=1).replicate(1, 3, at=0, epoch=1).commit(1)
    trace.move_reader(0, why="log was cut").read(2, at=0, epoch=1).end()

    assert trace.state("read again") is State.HOLDS


def test_two_readers_may_be_given_the_same_record() -> None:
    trace = two_written().begin_reading(by="audit").read(1, at=0).read(1, at=0, by="audit").end()

    assert trace.state("read again") is State.HOLDS


def test_record_that_was_written_twice_is_read_twice_and_that_is_the_log_s_fault() -> None:
    trace = WrittenTrace().send(1)
    batch = trace.batch(1)
    trace.append(trace.request(batch), at=0).append(trace.request(batch), at=1).commit(2).begin_reading()

    assert trace.read(1, at=0).read(1, at=1).end().state("read again") is State.HOLDS
    assert trace.state("duplicated") is State.VIOLATED


def test_partitions_have_no_order_between_them() -> None:
    trace = WrittenTrace(partitions=2).write(1, at=0).write(2, at=0, partition=1).begin_reading(partitions=2)

    assert trace.read(2, at=0, partition=1).read(1, at=0).end().state("read again") is State.HOLDS
