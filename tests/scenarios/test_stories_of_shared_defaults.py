"""A lock of a configuration bundle: whom it refuses, and what is lost without it, for eight seeds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from producer.errors import ConfigError
from sim.judges.report import Report
from sim.stories.bundling import within_bundles
from sim.stories.fingerprint import fingerprint
from sim.stories.properties import effective_properties
from sim.stories.runner import run
from sim.stories.scenario import InvalidScenarioError, load

SEEDS = range(8)
LOCKED, OPEN = "locked_default_keeps_acks", "locked_default_keeps_acks+locked=0"


def broken(report: Report) -> set[str]:
    return {verdict.guarantee for verdict in report.violated}


def test_with_the_lock_nothing_is_lost() -> None:
    for seed in SEEDS:
        report = run(load(LOCKED), seed)

        assert broken(report) == set()
        assert (report.counts.acknowledged, report.properties["acks"]) == (30, "all")


def test_who_wants_less_is_refused_before_anything_runs_and_hears_who_says_so_and_why() -> None:
    with pytest.raises(ConfigError) as raised:
        run(load(LOCKED), properties={"acks": "1"})

    assert str(raised.value) == (
        "bundles: acks=1 of application shop is refused: organisation acme locks it to all (nothing acknowledged is lost)"
    )


def test_without_the_lock_the_same_shop_is_let_through_and_loses_half() -> None:
    for seed in SEEDS:
        report = run(load(OPEN), seed, properties={"acks": "1"})

        assert broken(report) == {"lost"}
        assert len(report.verdict("lost").findings) == 15


def test_a_default_that_is_not_locked_holds_for_who_says_nothing() -> None:
    assert broken(run(load(OPEN))) == set()
    assert effective_properties(load(OPEN), {}) == {"acks": "all", "linger.ms": "5"}
    assert effective_properties(load(OPEN), {"linger.ms": "20"}) == {"acks": "all", "linger.ms": "20"}


def test_what_holds_is_told_by_a_report_and_holds_again_when_it_is_given_back() -> None:
    scenario = load(LOCKED)
    report = run(scenario)

    assert run(scenario, properties=report.properties).digest == report.digest


def test_a_secret_stays_the_application_s_own() -> None:
    holds = within_bundles(load(LOCKED), "shop", {"sasl.password": "the-shop-s-own", "batch.size": "1"})

    assert holds == {"sasl.password": "the-shop-s-own", "batch.size": "1", "acks": "all", "linger.ms": "5"}


def test_who_stands_in_no_row_has_the_organisation_s_alone() -> None:
    assert within_bundles(load(LOCKED), "till", {}) == {"acks": "all"}


def test_bundles_that_are_wrong_are_named_by_their_place() -> None:
    scenario = load(LOCKED)

    with pytest.raises(ConfigError, match=r"bundles: bundles\[0\]\.layer is 'planet', must be organisation"):
        run(replace(scenario, bundles={"bundles": [{"layer": "planet", "name": "x", "properties": {}}]}))
    with pytest.raises(InvalidScenarioError, match="locked=0: there are no bundles in the story"):
        load("default_config+locked=0")


def test_the_fingerprint_of_a_story_says_which_bundles_hold() -> None:
    assert fingerprint(load(LOCKED)) != fingerprint(load(OPEN))
