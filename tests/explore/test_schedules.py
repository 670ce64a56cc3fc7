"""Drawn schedules are plain values: repeatable, writable, within their class, and no earlier than they may."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from sim.explore.course import Course, undisturbed
from sim.explore.draw import StreamChoices, drawn
from sim.explore.kinds import KINDS, kinds_of
from sim.explore.search import DEFAULT_SCENARIO, Search
from sim.explore.strategies import schedules
from sim.faults import FAULT_TYPES, OF_GOVERNANCE, OF_QUOTAS, OF_RIGHTS, OF_SCHEMAS, Crash, DropResponse
from sim.faults.schedule import After, At, Schedule, parse_entry
from sim.faults.words import When
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.stories.witness import Witness
from sim.trace.events import GroupMemberBegan
from sim.world.kernel import Stream

WARM = undisturbed(load(DEFAULT_SCENARIO), 0, is_warm=True)
FRESH = undisturbed(load(DEFAULT_SCENARIO), 0, is_warm=False)
ALL = tuple(KINDS.values())
DRAWN = [kind for kind in FAULT_TYPES if kind not in {*OF_SCHEMAS, *OF_RIGHTS, *OF_GOVERNANCE, *OF_QUOTAS}]
MEMBERS = tuple(
    GroupMemberBegan(0, f"{group}-1", group, "orders", protocol, "earliest")
    for group, protocol in (("billing", "classic"), ("audit", "consumer"))
)
PEOPLED = WARM._replace(waiting=("late",), log_dirs=2, members=MEMBERS)
"""A course with a place for every kind of fault."""


@given(schedule=schedules(WARM))
def test_every_entry_survives_its_line_of_text(schedule: Schedule) -> None:
    assert tuple(parse_entry(str(entry)) for entry in schedule) == schedule


@given(number=st.integers(0, 10_000))
@settings(max_examples=30)
def test_drawn_schedule_survives_a_witness(number: int) -> None:
    schedule = drawn(number, seed=3, course=WARM, kinds=ALL)

    witness = Witness(scenario="x", seed=0, properties={}, schedule=schedule, digest="", verdicts={})

    assert Witness.model_validate_json(witness.model_dump_json()).schedule == schedule


def test_schedule_of_a_number_depends_on_nothing_that_was_drawn_before() -> None:
    forwards = [drawn(number, seed=0, course=WARM, kinds=ALL) for number in range(50)]
    backwards = [drawn(number, seed=0, course=WARM, kinds=ALL) for number in reversed(range(50))]

    assert forwards == backwards[::-1]
    assert len(set(forwards)) > 45


def test_another_seed_draws_other_schedules() -> None:
    assert drawn(7, seed=0, course=WARM, kinds=ALL) != drawn(7, seed=1, course=WARM, kinds=ALL)


def test_every_fault_is_drawn_and_a_quarter_of_the_slots_is_empty() -> None:
    many = [drawn(number, seed=0, course=PEOPLED, kinds=ALL) for number in range(2_000)]

    assert {type(entry.fault) for schedule in many for entry in schedule} == set(DRAWN)
    # One slot of eight, a quarter of the time: the cluster is left alone altogether.
    assert 0.02 < sum(not schedule for schedule in many) / len(many) < 0.10


@pytest.mark.parametrize("fault_type", DRAWN, ids=lambda one: one.__name__)
def test_every_fault_there_is_belongs_to_a_kind_that_draws_it(fault_type: type[Any]) -> None:
    drawing = [kind for kind in ALL if fault_type in kind.faults]

    assert drawing, f"no kind of sim.explore.kinds draws {fault_type.__name__}"
    for kind in drawing:
        choices = StreamChoices(Stream(seed=0, name=f"test/{kind.name}"))
        many = [kind.draw(choices, PEOPLED, When(At(0))) for _ in range(300)]
        assert fault_type in {type(entry.fault) for entries in many for entry in entries}
        assert {type(entry.fault) for entries in many for entry in entries} <= set(kind.faults)


def test_faults_of_one_partition_come_together_more_often_than_by_chance() -> None:
    def struck(schedule: Schedule) -> set[str]:
        return {partition for entry in schedule for partition in WARM.partitions if partition in str(entry.fault)}

    many = [drawn(number, seed=0, course=WARM, kinds=ALL) for number in range(400)]
    of_one, of_both = (sum(len(struck(schedule)) == count for schedule in many) for count in (1, 2))

    assert of_one > of_both > 50


@pytest.mark.parametrize("course", [WARM, FRESH], ids=["warm", "fresh"])
def test_no_fault_is_drawn_before_it_may_strike(course: Course) -> None:
    many = [drawn(number, seed=0, course=course, kinds=ALL) for number in range(200)]

    assert all(course.allows(entry.when) for schedule in many for entry in schedule)


def test_warm_faults_find_every_record_of_the_first_phase_acknowledged() -> None:
    scenario = load(DEFAULT_SCENARIO)
    for number in range(30):
        schedule = drawn(number, seed=0, course=WARM, kinds=ALL)
        names = [type(event).__name__ for event in run(replace(scenario, schedule=schedule)).trace]
        if "FaultInjected" in names:
            before = names[: names.index("FaultInjected")]
            assert before.count("RecordAcknowledged") >= 6
            assert "PhaseEnded" in before


def test_class_n_strikes_no_broker_and_no_partition() -> None:
    rooms = {fault_type.__module__ for kind in kinds_of("N") for fault_type in kind.faults}

    assert {"sim.faults.answers", "sim.faults.links"} <= rooms
    assert not rooms & {"sim.faults.brokers", "sim.faults.leadership", "sim.faults.applications"}


def test_hypothesis_shrinks_to_the_two_faults_of_two() -> None:
    def needs_both(schedule: Schedule) -> bool:
        drops = any(isinstance(entry.fault, DropResponse) for entry in schedule)
        return drops and any(isinstance(entry.fault, Crash) for entry in schedule)

    # Kinds that draw chains are drawn whole, and shrink as a search shrinks.
    single = [KINDS[name] for name in ("reset link", "drop response", "hold link", "move leader", "pause", "crash")]
    smallest = find(schedules(WARM, kinds=single), needs_both, settings=settings(max_examples=2_000, derandomize=True))

    assert len(smallest) == 2
    for entry in smallest:
        assert isinstance(entry.when, After)
        assert entry.when.delay_us == 0
        assert entry.when == smallest[0].when


def test_scenario_of_one_phase_cannot_be_warm() -> None:
    assert not Search(scenario="lost_ack_duplicate").is_warm
    assert Search().is_warm
    assert not Search(is_fresh=True).is_warm


def test_kinds_of_groups_are_drawn_only_where_somebody_is_in_one() -> None:
    of_groups = {f"({kind.name})" for kind in ALL if kind.is_of_groups}
    without, with_members = (
        {label.split()[-1] for number in range(150) for label in Search(scenario).trial(number).labels}
        for scenario in (DEFAULT_SCENARIO, "coordinator_fails_over")
    )

    assert of_groups
    assert not of_groups & without
    assert of_groups <= with_members
