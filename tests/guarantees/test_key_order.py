"""A consumer reads the records of one key in the order of their sends, whatever partitions they are in."""

from sim.judges.guarantees import State
from tests.guarantees.written import WrittenTrace


def key_that_moved() -> WrittenTrace:
    """Records 1 and 2 have one key; the topic grew in between, so they lie in two partitions."""
    return WrittenTrace(partitions=2).write(1, at=0).write(2, at=0, partition=1)


def test_later_record_read_first_breaks_the_order_of_its_key() -> None:
    verdict = key_that_moved().read(2, at=0, partition=1).read(1, at=0).end().judged("key order")

    assert verdict.state is State.VIOLATED
    (finding,) = verdict.findings
    assert finding.record == 1
    assert [moment.role for moment in finding.moments].count("read") == 1


def test_records_of_a_moved_key_read_in_order_are_in_order() -> None:
    assert key_that_moved().read(1, at=0).read(2, at=0, partition=1).end().state("key order") is State.HOLDS


def test_records_of_different_keys_have_no_order() -> None:
    trace = WrittenTrace(partitions=2).write(1, at=0, key=b"a").write(2, at=0, key=b"b", partition=1)

    trace.read(2, at=0, partition=1, key=b"b").read(1, at=0, key=b"a").end()

    assert trace.state("key order") is State.HOLDS


def test_second_consumer_begins_anew() -> None:
    trace = key_that_moved().read(1, at=0).read(2, at=0, partition=1).read(1, at=0)
    trace.events[-1] = trace.events[-1]._replace(client="consumer-2")

    assert trace.end().state("key order") is State.HOLDS


def test_nothing_read_back_is_inconclusive() -> None:
    assert key_that_moved().end().state("key order") is State.INCONCLUSIVE
