"""Schedules with crashes: an audit of intents holds in all of them, and one behind the answers is soon found to miss a record."""

from sim.explore.course import undisturbed
from sim.explore.search import Search
from sim.stories.scenario import load

AHEAD = Search(scenario="audit_gap_is_found+write_ahead=1", classes="NCA", guarantees=("unaudited",))
BEHIND = Search(scenario="audit_gap_is_found", classes="A", guarantees=("unaudited",))
SCHEDULES = 40


def test_the_lines_of_an_audit_are_moments_at_which_a_process_may_die() -> None:
    course = undisturbed(load(AHEAD.scenario), 0, is_warm=True)

    assert {point.where for point in course.points if point.event == "AuditLineKept"} == {
        (("kind", "intent"),), (("kind", "outcome"),),
    }  # fmt: skip


def test_an_audit_of_intents_holds_whatever_dies() -> None:
    outcomes = [AHEAD.look(number) for number in range(SCHEDULES)]

    assert [one.number for one in outcomes if one.broken or not one.is_repeatable] == []
    assert any("kill application" in struck.label for one in outcomes for struck in one.struck)


def test_one_behind_the_answers_is_found_to_miss_a_record_and_the_witness_is_a_kill() -> None:
    number = next(number for number in range(2 * SCHEDULES) if BEHIND.look(number).broken)

    found = BEHIND.shrink(number)

    assert found.broken == ("unaudited",)
    assert {entry.fault.kind for entry in found.witness.schedule} <= {
        "kill application",
        "replace application",
        "stop application",
        "pause application",
    }
