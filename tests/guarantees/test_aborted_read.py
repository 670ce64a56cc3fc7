"""Who reads what is committed is given nothing of a transaction that is aborted, or not committed yet, by its application's word."""

import pytest

from sim.judges.guarantees import GUARANTEES, Ledger, State
from tests.guarantees.transactional import TransactionalTrace
from tests.guarantees.written import WrittenTrace


def written() -> TransactionalTrace:
    return TransactionalTrace(1).begin(1).put(1, at=0)


def told(trace: TransactionalTrace) -> list[str]:
    return [finding.what for finding in trace.judged("aborted read").findings]


def test_what_is_committed_before_it_is_given_is_as_it_should_be() -> None:
    trace = written().ask(1).mark(at=1).tell(1, "committed").isolate(partitions=1).read(1, at=0).end()

    assert trace.state("aborted read") is State.HOLDS
    assert trace.judged("aborted read").checked == 1


def test_what_a_marker_commits_before_its_application_asks_for_that_is_an_aborted_read() -> None:
    trace = written().mark(at=1).isolate(partitions=1).read(1, at=0).ask(1).tell(1, "committed").end()

    assert told(trace) == [
        "orders-0 offset 0 was of transaction 1 of producer-1, which nobody had asked to be committed, and consumer-1 was given it"
    ]


@pytest.mark.parametrize("outcome", ["aborted", "failed"])
def test_what_a_marker_commits_and_its_application_aborts_is_an_aborted_read(outcome: str) -> None:
    trace = written().ask(1).mark(at=1).isolate(partitions=1).read(1, at=0).ask(1, is_commit=False).tell(1, outcome)

    (what,) = told(trace.end())
    assert what.endswith(
        f"of transaction 1 of producer-1, which ended as {outcome} for its application, and consumer-1 was given it"
    )


@pytest.mark.parametrize("outcome", ["unknown", "fenced"])
def test_what_may_be_committed_for_all_that_its_application_knows_may_be_given(outcome: str) -> None:
    trace = written().ask(1).mark(at=1).tell(1, outcome, 7).isolate(partitions=1).read(1, at=0).end()

    assert trace.state("aborted read") is State.HOLDS


def test_what_no_marker_ever_ends_is_an_aborted_read_and_due_to_nobody_who_reads_what_is_committed() -> None:
    trace = written().ask(1).isolate(partitions=1)

    given = written().ask(1).isolate(partitions=1).read(1, at=0).end()

    assert told(given) == ["orders-0 offset 0 was of a transaction that nobody had ended, and consumer-1 was given it"]
    assert given.state("dirty read") is State.HOLDS
    assert trace.end_reading(0).end().state("unread") is State.HOLDS


def test_what_is_aborted_and_gone_is_one_breach_and_not_two() -> None:
    trace = written().ask(1, is_commit=False).mark(at=1, is_commit=False).isolate(partitions=1).read(1, at=0, epoch=0)
    for broker in (1, 2, 3):
        trace.truncate(broker, to=0, end=2)

    trace.end()

    assert trace.state("aborted read") is State.VIOLATED
    assert trace.state("dirty read") is State.HOLDS


def test_what_is_committed_and_gone_is_a_dirty_read() -> None:
    trace = written().ask(1).mark(at=1).isolate(partitions=1).read(1, at=0, epoch=0)
    for broker in (1, 2, 3):
        trace.truncate(broker, to=0, end=2)

    trace.end()

    assert trace.state("aborted read") is State.HOLDS
    assert trace.state("dirty read") is State.VIOLATED


def test_what_belongs_together_without_transactions_may_be_given_at_any_time() -> None:
    trace = (
        TransactionalTrace(1).begin(1, name="").put(1, at=0, producer_id=-1).isolate(partitions=1).read(1, at=0).end()
    )

    assert trace.state("aborted read") is State.HOLDS


def test_it_is_asked_where_there_are_transactions_and_somebody_reads_what_is_committed() -> None:
    asked = GUARANTEES["aborted read"].concerns

    assert not asked(Ledger(written().end().events))
    assert not asked(Ledger(WrittenTrace().write(1, at=0).begin_reading_committed().end().events))
    assert asked(Ledger(written().isolate(partitions=1).end().events))
