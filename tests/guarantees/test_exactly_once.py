"""What is made of a record is in the output once, for each record that the application has gone past.

In each trace the input is orders-0, written by `source`, and the output orders-1.
"""

from sim.judges.guarantees import GUARANTEES, Ledger, State
from sim.trace import events
from tests.guarantees.transactional import GROUP, TransactionalTrace

INPUTS = 2


def fed() -> TransactionalTrace:
    """The input holds two records, which `consumer-1` was given, a member of the group."""
    trace = TransactionalTrace().by("source").write(1, 2, at=0)
    trace.join("consumer-1", group=GROUP).move_reader(0, why="begins").read(1, at=0).read(2, at=1)
    return trace.by("copier")


def copied() -> TransactionalTrace:
    """What was made of both lies in the output, in a transaction that holds the position, too, and is to be committed."""
    return fed().begin(1).derive(1, of=0).derive(2, of=1).put(1, 2, at=0, partition=1).give(1, INPUTS).ask(1)


def told(trace: TransactionalTrace) -> list[str]:
    return [finding.what for finding in trace.judged("exactly once").findings]


def test_what_counts_once_for_each_input_is_as_it_should_be() -> None:
    trace = copied().mark(at=2, partition=1).tell(1, "committed").end()

    assert trace.state("exactly once") is State.HOLDS
    assert trace.judged("exactly once").checked == INPUTS


def test_what_was_aborted_and_made_again_counts_once() -> None:
    trace = copied().mark(at=2, partition=1, is_commit=False).tell(1, "aborted")
    trace.begin(2).derive(3, of=0).derive(4, of=1).put(3, 4, at=3, partition=1).give(2, INPUTS).ask(2)

    assert trace.mark(at=5, partition=1).tell(2, "committed").end().state("exactly once") is State.HOLDS


def test_what_was_made_twice_and_counts_twice_is_found() -> None:
    trace = copied().mark(at=2, partition=1).tell(1, "committed").by("zombie")
    trace.derive(1, of=1).write(1, at=3, partition=1).end()

    (finding,) = trace.judged("exactly once").findings
    assert (finding.client, finding.record) == ("zombie", 1)
    assert finding.what == (
        "made of orders-0 offset 1, of which 2 records count: record 2 of copier at orders-1 offset 1, "
        "record 1 of zombie at orders-1 offset 3"
    )
    assert {"derived", "derived of the first one", "append of the first one"} <= {one.role for one in finding.moments}


def test_two_different_records_may_be_made_of_one() -> None:
    trace = fed().derive(1, of=0, part=1).derive(2, of=0, part=2).write(1, 2, at=0, partition=1).end()

    assert trace.state("exactly once") is State.HOLDS


def test_one_record_may_be_made_of_two() -> None:
    trace = fed().begin(1).derive(1, of=0).derive(1, of=1).put(1, at=0, partition=1).give(1, INPUTS).ask(1)

    assert trace.mark(at=1, partition=1).tell(1, "committed").end().state("exactly once") is State.HOLDS


def test_an_input_that_the_group_has_passed_with_its_output_aborted_is_found() -> None:
    trace = copied().mark(at=2, partition=1, is_commit=False).tell(1, "aborted")
    # The position was committed outside of the transaction.
    trace.ask_for_position("consumer-1", commit=1, offset=1).answer_commit("consumer-1", commit=1, offset=1).end()

    (finding,) = trace.judged("exactly once").findings
    assert (finding.client, finding.record) == ("source", 1)
    assert finding.what == (
        "orders-0 offset 0: group billing has come to offset 1, and what was made of it, record 1 of copier, "
        "is aborted at offset 2, at orders-1 offset 0"
    )
    assert {"position", "read", "derived", "send of what was made"} <= {one.role for one in finding.moments}


def test_an_input_that_the_group_has_passed_and_nobody_made_anything_of_is_found() -> None:
    trace = fed().begin(1).derive(1, of=0).put(1, at=0, partition=1).give(1, INPUTS).ask(1)
    trace.mark(at=1, partition=1).tell(1, "committed").end()

    assert told(trace) == ["orders-0 offset 1: group billing has come to offset 2, and nothing was made of it"]


def test_an_input_that_the_group_has_not_passed_is_not_due() -> None:
    trace = copied().mark(at=2, partition=1, is_commit=False).tell(1, "aborted").end()

    assert trace.state("exactly once") is State.HOLDS
    assert trace.judged("exactly once").checked == INPUTS


def test_a_position_that_no_transaction_commits_passes_nothing() -> None:
    trace = copied().mark(at=2, partition=1, is_commit=False).tell(1, "unknown", 7).end()

    assert trace.state("exactly once") is State.HOLDS


def test_an_input_that_a_checkpoint_has_passed_with_its_output_aborted_is_found() -> None:
    trace = fed().begin(1).derive(1, of=0).derive(2, of=1).put(1, 2, at=0, partition=1).keep(1, INPUTS)
    # The transaction ran out of time between the checkpoint and the restart.
    trace.mark(at=2, partition=1, is_commit=False).by("restarted").recover(1, "copier", 1).ask(1).tell(1, "fenced", 90)

    (first, second) = trace.end().judged("exactly once").findings
    assert first.what.startswith("orders-0 offset 0: its application goes on to offset 2, and what was made of it")
    assert second.record == INPUTS


def test_an_output_that_was_removed_as_old_is_not_missing() -> None:
    trace = copied().mark(at=2, partition=1).tell(1, "committed")
    for broker in (1, 2, 3):
        trace.events.append(events.LogStartAdvanced(trace.now_us, broker, "orders", 1, 2, "retention.ms"))

    assert trace.end().state("exactly once") is State.HOLDS


def test_another_groups_position_makes_nothing_due() -> None:
    trace = fed().begin(1).derive(1, of=0).put(1, at=0, partition=1).give(1, 1).ask(1).mark(at=1, partition=1)
    trace.tell(1, "committed").join("auditor", group="audit")
    trace.ask_for_position("auditor", commit=1, offset=2, group="audit")

    trace.answer_commit("auditor", commit=1, offset=2, group="audit").end()

    assert trace.state("exactly once") is State.HOLDS


def test_it_is_asked_where_something_is_made_of_something() -> None:
    asked = GUARANTEES["exactly once"].concerns

    assert not asked(Ledger(fed().end().events))
    assert asked(Ledger(copied().end().events))
