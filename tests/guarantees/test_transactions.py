"""What a reader is due of transactions: markers are no records, and of read_committed an aborted or an undecided one is a breach.

By the log alone; what applications say of their transactions is `test_aborted_read`.
"""

import pytest

from sim.judges.guarantees import GUARANTEES, State
from tests.guarantees.transactional import READER, TransactionalTrace
from tests.guarantees.written import WrittenTrace


def in_transaction() -> WrittenTrace:
    """Records 1 and 2 of producer 7, at offsets 0 and 1, committed as far as replicas go."""
    trace = WrittenTrace().send(1, 2)
    trace.append(trace.request(trace.batch(1, 2), count=2), at=0, count=2, producer_id=7)
    return trace.replicate(2, 3, at=0, count=2).commit(2).acknowledge(1, at=0).acknowledge(2, at=1)


def ended(*, is_commit: bool) -> WrittenTrace:
    return in_transaction().end_transaction(at=2, first=0, is_commit=is_commit).commit(3)


def test_a_marker_is_no_record_that_anybody_is_due() -> None:
    trace = ended(is_commit=True).begin_reading().read(1, at=0).read(2, at=1).end_reading(3).end()

    assert {name: trace.state(name) for name in GUARANTEES} == dict.fromkeys(GUARANTEES, State.HOLDS)


def test_a_committed_transaction_is_given_to_who_reads_what_is_committed() -> None:
    trace = ended(is_commit=True).begin_reading_committed().read(1, at=0).read(2, at=1).end()

    assert trace.state("aborted read") is State.HOLDS
    assert trace.state("dirty read") is State.HOLDS
    assert trace.state("unread") is State.HOLDS


def test_a_committed_transaction_that_is_passed_over_is_unread() -> None:
    trace = ended(is_commit=True).begin_reading_committed().read(1, at=0).end_reading(3).end()

    assert [finding.record for finding in trace.judged("unread").findings] == [2]


def test_an_aborted_record_that_is_given_to_who_reads_what_is_committed_is_an_aborted_read() -> None:
    trace = ended(is_commit=False).begin_reading_committed().read(1, at=0, epoch=0).end()

    assert trace.state("dirty read") is State.HOLDS
    (finding,) = trace.judged("aborted read").findings
    assert finding.what == "orders-0 offset 0 was aborted with its transaction, and consumer-1 was given it"


def test_an_aborted_record_is_anybodys_who_reads_everything() -> None:
    trace = ended(is_commit=False).begin_reading().read(1, at=0).read(2, at=1).end()

    assert trace.state("dirty read") is State.HOLDS
    assert trace.state("aborted read") is State.HOLDS
    assert trace.judged("aborted read").checked == 0


def test_aborted_records_are_not_due_to_who_reads_what_is_committed() -> None:
    trace = ended(is_commit=False).begin_reading_committed().end_reading(3).end()

    assert trace.state("unread") is State.HOLDS


def test_aborted_records_are_not_due_to_a_group_whose_members_read_what_is_committed() -> None:
    def passed_by(member: str, *, is_isolated: bool) -> WrittenTrace:
        trace = ended(is_commit=False).join(member)
        if is_isolated:
            trace.isolate_member(member)
        return trace.move_reader(0, why="begins", by=member).end_reading(3, by=member).end()

    assert passed_by("billing-1", is_isolated=True).state("unread") is State.HOLDS
    assert passed_by("billing-1", is_isolated=False).state("unread") is State.VIOLATED


def test_a_record_that_is_given_before_its_transaction_is_decided_is_an_aborted_read() -> None:
    trace = in_transaction().begin_reading_committed().read(1, at=0, epoch=0)
    trace.end_transaction(at=2, first=0, is_commit=True).commit(3).read(2, at=1, epoch=0).end()

    assert trace.state("dirty read") is State.HOLDS
    (finding,) = trace.judged("aborted read").findings
    assert finding.record == 1
    assert finding.what.startswith("orders-0 offset 0 was of a transaction that nobody had ended")


@pytest.mark.parametrize("undecided_from, missed", [(0, []), (2, [1, 2])])
def test_what_is_undecided_in_the_end_is_not_due_yet(undecided_from: int, missed: list[int]) -> None:
    trace = in_transaction().decided(undecided_from, high_watermark=2).begin_reading_committed().end_reading(0).end()

    assert [finding.record for finding in trace.judged("unread").findings] == missed


@pytest.mark.parametrize("is_job, missed", [(False, [1, 2]), (True, [])])
def test_what_a_job_misses_that_dies_is_told_by_what_it_makes_and_not_by_what_it_reads(
    is_job: bool, missed: list[int]
) -> None:
    trace = TransactionalTrace(1)
    if is_job:
        trace.take_over(READER)
    trace.by("producer-1").put(1, 2, at=0).mark(at=2).begin_reading().end()

    assert [finding.record for finding in trace.judged("unread").findings] == missed
