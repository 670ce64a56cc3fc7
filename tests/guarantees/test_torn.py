"""A transaction counts as a whole or not at all, and as its application was told."""

import pytest

from sim.judges.guarantees import State
from tests.guarantees.transactional import TransactionalTrace


def both_written() -> TransactionalTrace:
    """Record 1 at orders-0 offset 0 and record 2 at orders-1 offset 0, in one transaction that is to be committed."""
    trace = TransactionalTrace().begin(1).put(1, at=0).put(2, at=0, partition=1)
    return trace.ask(1)


def roles(trace: TransactionalTrace) -> list[str]:
    (finding,) = trace.judged("torn").findings
    return [moment.role for moment in finding.moments]


def test_what_is_committed_in_every_partition_is_whole() -> None:
    trace = both_written().mark(at=1).mark(at=1, partition=1).tell(1, "committed").end()

    assert trace.state("torn") is State.HOLDS
    assert trace.judged("torn").checked == 1


def test_what_is_aborted_in_every_partition_is_whole() -> None:
    trace = TransactionalTrace().begin(1).put(1, at=0).put(2, at=0, partition=1).ask(1, is_commit=False)
    trace.mark(at=1, is_commit=False).mark(at=1, is_commit=False, partition=1).tell(1, "aborted").end()

    assert trace.state("torn") is State.HOLDS


@pytest.mark.parametrize("outcome", ["committed", "unknown", "fenced"])
def test_what_is_committed_in_one_partition_and_aborted_in_another_is_torn(outcome: str) -> None:
    trace = both_written().mark(at=1).mark(at=1, is_commit=False, partition=1).tell(1, outcome).end()

    (finding,) = trace.judged("torn").findings
    assert finding.record == 2
    assert finding.what == (
        "1 of 2 records of transaction 1 of producer-1 count, and this one is aborted at offset 1, at orders-1 offset 0"
    )
    assert {"transaction begins", "commit asked", "commit marker", "abort marker", "told of its end"} <= {*roles(trace)}


def test_what_no_marker_ends_in_one_partition_is_torn() -> None:
    trace = both_written().mark(at=1).tell(1, "committed").end()

    (finding,) = trace.judged("torn").findings
    assert finding.what.endswith("and this one lies before no marker, at orders-1 offset 0")


def test_what_lacks_a_record_is_torn() -> None:
    trace = TransactionalTrace().begin(1).put(1, at=0).send(2).fail(2, outcome="unknown").ask(1)
    trace.mark(at=1).tell(1, "committed").end()

    (finding,) = trace.judged("torn").findings
    assert (finding.record, finding.what) == (
        2,
        "1 of 2 records of transaction 1 of producer-1 count, and this one lies nowhere",
    )


def test_what_is_told_as_committed_and_counts_nowhere_is_torn() -> None:
    trace = (
        both_written().mark(at=1, is_commit=False).mark(at=1, is_commit=False, partition=1).tell(1, "committed").end()
    )

    (finding,) = trace.judged("torn").findings
    assert finding.what.startswith("0 of 2 records of transaction 1 of producer-1 count, and it ended as committed")


@pytest.mark.parametrize("outcome", ["aborted", "failed"])
def test_what_is_told_as_not_committed_and_counts_is_torn(outcome: str) -> None:
    trace = both_written().mark(at=1).mark(at=1, partition=1).tell(1, outcome).end()

    (finding,) = trace.judged("torn").findings
    assert finding.what.endswith(f"count, and it ended as {outcome} for its application")


def test_what_nobody_asked_to_be_committed_and_counts_is_torn() -> None:
    # A commit of the transaction before, on its way for long, ends the next one of the same epoch.
    trace = both_written().mark(at=1).mark(at=1, partition=1).tell(1, "committed")
    trace.begin(2).put(3, at=2).mark(at=3).end()

    (finding,) = trace.judged("torn").findings
    assert (finding.record, finding.what) == (
        3,
        "1 of 1 records of transaction 2 of producer-1 count, and nobody asked for it to be committed",
    )


def test_a_record_that_comes_late_is_of_the_transaction_that_it_comes_into_and_tears_its_own() -> None:
    trace = TransactionalTrace().begin(1).put(1, at=0).send(2).ask(1, is_commit=False)
    trace.mark(at=1, is_commit=False).tell(1, "aborted")
    trace.begin(2).arrive(2, at=2).put(3, at=3).ask(2).mark(at=4).tell(2, "committed").end()

    (finding,) = trace.judged("torn").findings
    assert finding.what.startswith("1 of 2 records of transaction 1 of producer-1 count, and")
    assert finding.record == 2


def test_another_producers_marker_decides_nothing() -> None:
    trace = both_written().mark(at=1).mark(at=1, partition=1, producer_id=8).tell(1, "committed").end()

    assert trace.state("torn") is State.VIOLATED


def test_a_marker_that_was_cut_off_decides_nothing() -> None:
    trace = TransactionalTrace(1).begin(1).put(1, at=0).ask(1).mark(at=1, is_commit=False)
    for broker in (1, 2, 3):
        trace.truncate(broker, to=1, end=2)
    trace.mark(at=1).tell(1, "committed").end()

    assert trace.state("torn") is State.HOLDS


def test_what_belongs_together_without_transactions_is_torn_where_its_application_dies_amid() -> None:
    trace = TransactionalTrace().begin(1, name="").put(1, at=0, producer_id=-1).end()

    (finding,) = trace.judged("torn").findings
    assert finding.what.endswith("and nobody asked for it to be committed")


def test_what_belongs_together_without_transactions_is_whole_where_all_of_it_is_there() -> None:
    trace = (
        TransactionalTrace().begin(1, name="").put(1, at=0, producer_id=-1).put(2, at=0, partition=1, producer_id=-1)
    )
    trace.ask(1).tell(1, "committed").end()

    assert trace.state("torn") is State.HOLDS


def test_nothing_is_final_before_the_cluster_has_settled() -> None:
    trace = both_written().mark(at=1).mark(at=1, is_commit=False, partition=1).end(is_settled=False)

    assert trace.state("torn") is State.INCONCLUSIVE


def test_what_was_removed_as_old_tears_nothing() -> None:
    trace = both_written().mark(at=1).mark(at=1, partition=1).tell(1, "committed").expire(1, 2, 3, to=1).end()

    assert trace.state("torn") is State.HOLDS
