"""What the stories of rights tell beyond their verdicts: who is refused when, by which code, and which rule it takes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from producer.errors import Code
from sim.clients.drivers import CODE_NOT_SENT
from sim.faults.schedule import parse_entry
from sim.judges.report import Report
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import AclCreated, AclDeleted, ClientAuthenticated, RecordAcknowledged, RecordFailed
from sim.world.units import MILLISECOND_US

SEEDS = range(8)
REFUSED = {int(Code.TOPIC_AUTHORIZATION_FAILED)}
each_seed = pytest.mark.parametrize("seed", SEEDS)


def told(name: str, seed: int = 0, *lines: str) -> Report:
    return run(load(name), seed, faults=[parse_entry(line) for line in lines])


def events(report: Report, kind: type[Any], client: str = "") -> list[Any]:
    return [one for one in report.trace if type(one) is kind and (not client or one.client == client)]


def outcomes(report: Report) -> Counter[str]:
    """How many of whose records are acknowledged."""
    return Counter(one.client for one in events(report, RecordAcknowledged) if one.client in {"shop", "intern"})


# -- acl_revoked_in_mid_stream -----------------------------------------------------------------------------------------


@each_seed
def test_what_is_sent_between_revocation_and_grant_is_refused_and_told_and_all_else_is_written(seed: int) -> None:
    report = told("acl_revoked_in_mid_stream", seed)

    (revoked,), (granted,) = events(report, AclDeleted), events(report, AclCreated)
    failed = events(report, RecordFailed)
    assert {one.code for one in failed} == REFUSED
    assert report.counts.acknowledged + len(failed) == report.counts.sent
    assert all(revoked.at_us < one.at_us < granted.at_us + 50 * MILLISECOND_US for one in failed)
    assert report.exit_code == 0


@each_seed
def test_a_broker_that_has_not_heard_of_the_revocation_refuses_nothing(seed: int) -> None:
    report = told("acl_revoked_in_mid_stream", seed, "after RecordAcknowledged#9: cut controller <-> b1")

    assert len(events(report, AclDeleted)) == 1
    assert report.counts.acknowledged == report.counts.sent


def test_without_the_grant_nothing_is_taken_for_good() -> None:
    scenario = load("acl_revoked_in_mid_stream")

    report = run(replace(scenario, schedule=scenario.schedule[:1]))

    assert 0 < report.counts.acknowledged < 15
    assert report.counts.failed == report.counts.sent - report.counts.acknowledged


def test_no_password_is_told() -> None:
    report = told("acl_revoked_in_mid_stream")

    everything = f"{report.properties} {[repr(event) for event in report.trace]}"
    assert [one.principal for one in events(report, ClientAuthenticated, "shop")]
    assert "the-shop-s-own" not in everything


def test_a_wrong_password_is_told_and_nothing_is_written() -> None:
    report = run(load("acl_revoked_in_mid_stream"), properties={"sasl.password": "guessed"})

    assert report.counts.acknowledged == 0
    assert report.counts.failed == report.counts.sent


# -- prefix_acl_too_wide, deny_before_allow ----------------------------------------------------------------------------


@each_seed
def test_the_intern_s_records_are_acknowledged_and_nobody_can_read_them(seed: int) -> None:
    report = told("prefix_acl_too_wide", seed)

    assert outcomes(report) == {"shop": 20, "intern": 3}
    assert {one.client for one in report.verdict("unreadable").findings} == {"intern"}


@each_seed
def test_a_prefix_that_is_narrow_enough_refuses_the_same_program(seed: int) -> None:
    scenario = load("prefix_acl_too_wide")
    narrow = parse_entry("after RecordSent#5 client=shop: grant User:intern WRITE topic orders-test*")

    report = run(replace(scenario, schedule=(narrow, scenario.schedule[1])), seed)

    # Nothing lets the intern see the topic, so no batch is made: the metadata says so already.
    assert {one.code for one in events(report, RecordFailed, "intern")} == {CODE_NOT_SENT}
    assert outcomes(report) == {"shop": 20}
    assert report.exit_code == 0


@each_seed
def test_the_rule_that_denies_wins_and_only_over_whom_it_names(seed: int) -> None:
    report = told("deny_before_allow", seed)

    assert {one.code for one in events(report, RecordFailed, "intern")} == REFUSED
    assert outcomes(report) == {"shop": 20}


def test_without_the_rule_that_denies_billing_cannot_read() -> None:
    scenario = load("deny_before_allow")

    report = run(replace(scenario, schedule=scenario.schedule[1:]))

    assert {verdict.guarantee for verdict in report.violated} == {"unread", "unreadable"}


def test_who_denies_everybody_denies_the_shop_and_another_grant_is_of_no_use() -> None:
    closed = "after RecordSent#12 client=shop: deny User:* WRITE topic orders"
    again = "after RecordSent#14 client=shop: grant User:shop ALL topic orders"
    reopened = "after RecordSent#14 client=shop: revoke User:* WRITE topic orders"

    refused = told("deny_before_allow", 0, closed, again)
    taken_back = told("deny_before_allow", 0, closed, reopened)

    assert {one.code for one in events(refused, RecordFailed, "shop")} == REFUSED
    assert 10 <= outcomes(refused)["shop"] < 13
    assert outcomes(taken_back)["shop"] > 16
