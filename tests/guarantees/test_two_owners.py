"""A partition belongs to one member of a group at a time, by what the members were told."""

from sim.judges.guarantees import GUARANTEES, State
from sim.stories.planted import planted_bug
from sim.stories.runner import run
from sim.stories.scenario import load
from tests.guarantees.written import WrittenTrace


def handed_over() -> WrittenTrace:
    """The first one has it in epoch 1, gives it up, and the second one is given it in epoch 2."""
    return WrittenTrace().join("one", "two").assign("one", epoch=1).give_up("one").assign("two", epoch=2)


def test_partition_that_is_given_up_before_it_is_given_is_as_it_should_be() -> None:
    assert handed_over().end().state("two owners") is State.HOLDS


def test_partition_that_is_given_while_its_owner_is_affirmed_is_found() -> None:
    trace = WrittenTrace().join("one", "two").assign("one", epoch=1).assign("two", epoch=2)
    trace.affirm("one", epoch=1, asked_us=trace.now_us).give_up("one").end()

    (finding,) = trace.judged("two owners").findings
    assert finding.name == "orders-0 of group billing"
    assert finding.what.startswith("given to two while one had it")
    assert [moment.role for moment in finding.moments] == [
        "assigned to one",
        "assigned to two",
        "one is told so",
        "one gives it up",
    ]


def test_who_stands_still_and_is_told_that_it_is_no_member_had_nothing_to_say() -> None:
    trace = WrittenTrace().join("one", "two").assign("one", epoch=1)
    trace.affirm("one", epoch=1, asked_us=trace.now_us).assign("two", epoch=2)

    assert trace.give_up("one", why="lost").end().state("two owners") is State.HOLDS


def test_answer_to_what_was_asked_before_the_other_was_told_says_nothing() -> None:
    trace = WrittenTrace().join("one", "two").assign("one", epoch=1)
    asked_us = trace.now_us
    trace.assign("two", epoch=2).affirm("one", epoch=1, asked_us=asked_us).give_up("one", why="lost")

    assert trace.end().state("two owners") is State.HOLDS


def test_partition_of_two_members_in_one_epoch_is_found() -> None:
    trace = WrittenTrace().join("one", "two").assign("one", epoch=3).assign("two", epoch=3).end()

    (finding,) = trace.judged("two owners").findings
    assert finding.what == "given to one and to two in epoch 3"


def test_partition_that_is_kept_into_the_epoch_in_which_another_is_given_it_is_found() -> None:
    trace = WrittenTrace().join("one", "two").assign("one", epoch=1)
    trace.affirm("one", epoch=2, asked_us=trace.now_us).assign("two", epoch=2).give_up("one", why="lost").end()

    assert trace.state("two owners") is State.VIOLATED


def test_members_of_two_groups_may_have_the_same_partition() -> None:
    trace = WrittenTrace().join("one").join("two", group="audit").assign("one", epoch=1)

    assert trace.assign("two", epoch=1, group="audit").end().state("two owners") is State.HOLDS


def test_report_tells_of_groups_transactions_and_governance_only_where_there_are_some() -> None:
    of_records = [name for name, guarantee in GUARANTEES.items() if guarantee.subject is None]

    told = [verdict.guarantee for verdict in run(load("default_config")).verdicts]

    assert told == of_records
    assert GUARANTEES.keys() - of_records == {
        "unreadable", "two owners", "forgotten", "torn", "aborted read", "fencing", "exactly once", "disclosed", "isolation",
        "unaudited",
    }  # fmt: skip


def test_partition_that_is_given_before_it_was_revoked_is_seen_by_the_members_and_on_the_disks() -> None:
    story = load("coordinator_fails_over")

    planted = run(story, mutant=planted_bug("partition_given_before_revoked"))

    assert [verdict.guarantee for verdict in planted.violated] == ["two owners"]
    assert planted.breach is not None
    assert planted.breach.invariant == "group owners"
