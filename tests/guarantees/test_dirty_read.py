"""What a reader is given is committed, and stays in the log."""

from sim.judges.guarantees import State
from tests.guarantees.written import WrittenTrace


def read_before_it_was_copied() -> WrittenTrace:
    """b1 gives its reader what no follower has, at offset 1."""
    trace = WrittenTrace().write(1, at=0).begin_reading().read(1, at=0, epoch=0).send(2)
    return trace.append(trace.request(trace.batch(2)), at=1).read(2, at=1, epoch=0)


def test_committed_records_that_stay_are_clean() -> None:
    verdict = WrittenTrace().write(1, 2, at=0).begin_reading().read(1, at=0).read(2, at=1).end().judged("dirty read")

    assert (verdict.state, verdict.checked) == (State.HOLDS, 2)


def test_record_above_the_high_watermark_that_vanishes_is_found() -> None:
    trace = read_before_it_was_copied().elect(2, epoch=1).truncate(1, to=1, end=2).end()

    (finding,) = trace.judged("dirty read").findings
    assert (finding.record, finding.what) == (
        2,
        "orders-0 offset 1 is gone, it was never committed, and consumer-1 was given it",
    )


def test_record_above_the_high_watermark_is_found_though_it_is_committed_later() -> None:
    trace = read_before_it_was_copied().replicate(2, 3, at=1).commit(2).end()

    assert "lay above the high watermark" in trace.judged("dirty read").findings[0].what


def test_committed_record_that_vanishes_is_found() -> None:
    trace = WrittenTrace().write(1, at=0).begin_reading().read(1, at=0, epoch=0)
    for broker in (1, 2, 3):
        trace.truncate(broker, to=0, end=1)

    (finding,) = trace.end().judged("dirty read").findings
    assert finding.what == "orders-0 offset 0 is gone, and consumer-1 was given it"


def test_equal_bytes_that_lie_there_now_are_another_record() -> None:
    trace = WrittenTrace().begin_reading().by("app-1").send(1)
    trace.append(trace.request(trace.batch(1)), at=0).commit(1, brokers=(1,)).read(1, at=0, epoch=0)
    trace.elect(2, epoch=1).truncate(1, to=0, end=1).by("app-2").send(1)
    trace.append(trace.request(trace.batch(1)), at=0, broker=2, epoch=1).replicate(1, 3, at=0, epoch=1).commit(1).end()

    assert [finding.client for finding in trace.judged("dirty read").findings] == ["app-1"]


def test_bytes_that_no_leader_appended_are_found() -> None:
    trace = WrittenTrace().write(1, at=0).begin_reading().read(1, at=0).read(9, at=1, epoch=0).end()

    (finding,) = trace.judged("dirty read").findings
    assert (finding.name, finding.record) == ("offset 1 of orders-0", -1)
    assert "what no leader appended there" in finding.what


def test_run_cut_short_shows_what_no_log_holds_any_more() -> None:
    trace = read_before_it_was_copied().elect(2, epoch=1).truncate(1, to=1, end=2).end(is_settled=False)

    assert trace.state("dirty read") is State.VIOLATED


def test_run_cut_short_without_a_finding_shows_nothing() -> None:
    trace = WrittenTrace().write(1, at=0).begin_reading().read(1, at=0).end(is_settled=False)

    assert trace.state("dirty read") is State.INCONCLUSIVE


def test_high_watermark_of_a_leader_that_restarts_takes_nothing_back() -> None:
    trace = WrittenTrace().write(1, at=0).commit(0, brokers=(1,)).begin_reading().read(1, at=0, epoch=0).commit(1)

    assert trace.end().state("dirty read") is State.HOLDS


def test_what_was_read_and_then_deleted_with_its_topic_was_there_to_be_read() -> None:
    trace = WrittenTrace().write(1, at=0).begin_reading().read(1, at=0, epoch=0)
    trace.delete_topic()

    assert trace.end().state("dirty read") is State.HOLDS
