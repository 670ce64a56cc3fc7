"""Once a transactional id is taken over, nothing counts that its former owner writes or commits."""

from sim.judges.guarantees import GUARANTEES, Ledger, State
from tests.guarantees.transactional import TransactionalTrace


def overtaken() -> TransactionalTrace:
    """The old one sends two records, of which one arrives; then the new one takes over, which aborts that."""
    trace = TransactionalTrace(1).take_over("old").begin(1).put(1, at=0).send(2)
    return trace.mark(at=1, is_commit=False).take_over("new")


def test_what_was_aborted_as_another_took_over_does_not_count() -> None:
    trace = overtaken().begin(1).put(1, at=2).ask(1).mark(at=3).tell(1, "committed").end()

    assert trace.state("fencing") is State.HOLDS
    assert trace.judged("fencing").checked == 2


def test_what_a_former_owner_writes_into_the_new_ones_transaction_is_found() -> None:
    trace = overtaken().begin(1).put(1, at=2)
    trace.by("old").arrive(2, at=3).by("new").ask(1).mark(at=4).tell(1, "committed").end()

    (finding,) = trace.judged("fencing").findings
    assert (finding.client, finding.record) == ("old", 2)
    assert finding.what == "written at orders-0 offset 3 after new had taken over transfer, and it counts"
    assert "taken over" in [moment.role for moment in finding.moments]


def test_what_a_former_owner_writes_and_nobody_commits_is_not_found() -> None:
    trace = overtaken().by("old").arrive(2, at=2).mark(at=3, is_commit=False).end()

    assert trace.state("fencing") is State.HOLDS


def test_what_a_former_owner_commits_is_found() -> None:
    trace = TransactionalTrace(1).take_over("old").begin(1).put(1, at=0).take_over("new")
    trace.by("old").ask(1).mark(at=1).tell(1, "committed").end()

    (finding,) = trace.judged("fencing").findings
    assert finding.what == "committed at orders-0 offset 0 after new had taken over transfer"


def test_what_was_committed_before_the_id_was_taken_over_counts() -> None:
    trace = TransactionalTrace(1).take_over("old").begin(1).put(1, at=0).ask(1).mark(at=1).take_over("new").end()

    assert trace.state("fencing") is State.HOLDS


def test_what_the_new_owner_goes_on_with_is_its_own() -> None:
    trace = TransactionalTrace(1).take_over("old").begin(1).put(1, at=0).take_over("new")
    trace.recover(1, "old", 1).ask(1).mark(at=1).tell(1, "committed").end()

    assert trace.state("fencing") is State.HOLDS
    assert trace.state("torn") is State.HOLDS


def test_an_owner_that_takes_its_own_id_anew_is_fenced_as_another_is() -> None:
    trace = TransactionalTrace(1).take_over("one").begin(1).send(1).take_over("one")
    trace.begin(2).arrive(1, at=0).put(2, at=1).ask(2).mark(at=2).tell(2, "committed").end()

    assert [finding.record for finding in trace.judged("fencing").findings] == [1]


def test_who_is_told_late_that_it_had_the_id_before_has_not_taken_it_over() -> None:
    # It stood still when it was told; the one after it had a higher epoch by then.
    trace = TransactionalTrace(1).identify("later", 3).take_over("later").begin(1)
    trace.identify("sooner", 2).take_over("sooner").by("later")

    trace.put(1, at=0).ask(1).mark(at=1).tell(1, "committed").end()

    assert trace.state("fencing") is State.HOLDS
    assert trace.judged("fencing").checked == 0


def test_what_it_then_writes_is_a_former_owners() -> None:
    trace = TransactionalTrace(1).identify("later", 3).take_over("later")
    trace.identify("sooner", 2).take_over("sooner").begin(1)

    trace.put(1, at=0).ask(1).mark(at=1).tell(1, "committed").end()

    (finding,) = trace.judged("fencing").findings
    assert finding.what == "written at orders-0 offset 0 after later had taken over transfer, and it counts"


def test_another_producer_id_is_a_later_one_if_it_is_told_later() -> None:
    trace = TransactionalTrace(1).identify("old", 32_000).take_over("old").begin(1).send(1)
    trace.identify("new", 0, producer_id=8).take_over("new").by("old").arrive(1, at=0).ask(1).mark(at=1)

    assert trace.end().state("fencing") is State.VIOLATED


def test_it_is_not_asked_where_nobody_takes_an_id_over() -> None:
    one = TransactionalTrace(1).take_over("old").begin(1).put(1, at=0).ask(1).mark(at=1).tell(1, "committed").end()

    assert not GUARANTEES["fencing"].concerns(Ledger(one.events))
    assert GUARANTEES["fencing"].concerns(Ledger(overtaken().end().events))
