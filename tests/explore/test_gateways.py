"""Searches in which the gateway's process is struck: what is drawn, where it is, and that no promise breaks."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from sim.explore.kinds import ALL_KINDS
from sim.explore.search import Search
from sim.faults import OF_GATEWAY
from sim.trace.events import GatewayEnded
from tests.cli.conftest import Acklab

THROUGH = Search("gateway_dies_in_mid_stream", classes="G")
OF_KINDS = {kind.name for kind in ALL_KINDS.values() if kind.is_of_gateway}

trial = cache(THROUGH.trial)


def faults_drawn(search: Search, count: int) -> set[type[Any]]:
    return {type(entry.fault) for number in range(count) for entry in search.schedule(number)}


def test_every_fault_of_a_gateway_is_drawn_where_there_is_one_and_rules_and_quotas_have_no_place() -> None:
    assert faults_drawn(THROUGH, 16) == set(OF_GATEWAY)


@pytest.mark.parametrize("story", ["acl_revoked_in_mid_stream", "noisy_neighbour_with_quota"])
def test_without_a_gateway_none_is_drawn_and_what_is_drawn_stays_as_it_was(
    story: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = Search(story, classes="NCG")
    schedules = [search.schedule(number) for number in range(8)]
    for name in OF_KINDS:
        monkeypatch.delitem(ALL_KINDS, name)

    assert not {type(entry.fault) for schedule in schedules for entry in schedule} & set(OF_GATEWAY)
    assert [search.schedule(number) for number in range(8)] == schedules


def test_with_other_classes_they_are_drawn_besides_and_without_class_g_not_at_all() -> None:
    besides = faults_drawn(Search("policy_at_the_gateway", classes="NCG"), 14)
    without = faults_drawn(Search("policy_at_the_gateway", classes="NC"), 6)

    assert besides > set(OF_GATEWAY)
    assert without
    assert not without & set(OF_GATEWAY)


def test_a_gateway_that_writes_dead_letters_is_no_application_that_a_search_could_strike() -> None:
    course = Search("policy_at_the_gateway+on_violation=dead_letter", classes="NCAR").trial(0).course

    assert course.clients == ("shop",)


@pytest.mark.parametrize("number", range(1, 6))
def test_a_gateway_that_dies_stops_or_stands_still_breaks_no_promise(number: int) -> None:
    report = THROUGH.tried(trial(number))

    assert THROUGH.broken(trial(number), report) == ()


def test_where_nobody_is_told_what_a_gateway_took_with_it_the_search_finds_the_loss() -> None:
    silent = Search("gateway_dies_in_mid_stream", classes="G", properties={"acks": "0"})
    tried = [(silent.trial(number), silent.tried(silent.trial(number))) for number in range(11, 15)]

    assert any(isinstance(event, GatewayEnded) for _, report in tried for event in report.trace)
    assert {one for drawn, report in tried for one in silent.broken(drawn, report)} == {"lost"}


def test_the_command_searches_and_says_what_was_drawn(acklab: Acklab) -> None:
    ended = acklab("explore", "gateway_dies_in_mid_stream", "--faults", "G", "-n", "4")

    assert (ended.status, ended.err) == (0, "")
    assert "gateway" in ended.out
