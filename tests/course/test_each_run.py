"""An exercise is run seed after seed, for as long as its check wants more; a finding gives the event that a check points at."""

import pytest

from sim.course.each_run import each_run
from sim.stories.runner import run
from sim.stories.scenario import Scenario, load

STORY = load("acks_one_leader_crash")


def test_every_seed_is_run_once_and_told_of() -> None:
    told: list[tuple[int, int]] = []

    runs = list(each_run((7, 3), lambda _seed: STORY, lambda done, of: told.append((done, of))))

    assert [(done, report.seed) for done, _, report in runs] == [(1, 7), (2, 3)]
    assert told == [(1, 2), (2, 2)]


def test_who_wants_no_more_runs_has_none_run() -> None:
    asked: list[int] = []

    def story(seed: int) -> Scenario:
        asked.append(seed)
        return STORY

    next(each_run(range(100), story, lambda _done, _of: None))

    assert asked == [0]


def test_a_finding_gives_the_event_of_a_role_and_names_what_it_has_otherwise() -> None:
    report = run(STORY, 0)
    finding = report.verdict("lost").findings[0]

    assert report.trace[finding.event_of("acknowledgement")].record == finding.record
    with pytest.raises(LookupError, match=r"has no read among .*acknowledgement"):
        finding.event_of("read")
