"""Searches in which rights and quotas change: what is drawn, what is promised, and that the judge of rights needs no authorizer's word."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sim.explore.kinds import ALL_KINDS, GOVERNANCE, KINDS
from sim.explore.search import Search
from sim.explore.unlawful import HEARD_US, NAME, unlawful, unlawful_in
from sim.faults import OF_GATEWAY, OF_QUOTAS, OF_RIGHTS, Deny, SetQuota
from sim.faults.schedule import parse_entry
from sim.mutants import MUTANTS
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import AclCreated, AuthorizationRefused, AuthorizerBegan, BatchAppended, ClientAuthenticated
from tests.cli.conftest import Acklab

STORY = "acl_revoked_in_mid_stream"
RIGHTS = Search(STORY, classes="NCG", properties={"acklab.fresh.producer.pipelining": "false"})
QUOTAS = Search("noisy_neighbour_with_quota", classes="G")


def test_no_other_search_draws_them() -> None:
    of_governance = {fault for kind in ALL_KINDS.values() if kind.fault_class == GOVERNANCE for fault in kind.faults}

    assert of_governance == {*OF_RIGHTS, *OF_QUOTAS, *OF_GATEWAY}
    assert not of_governance & {fault for kind in KINDS.values() for fault in kind.faults}


def test_every_second_schedule_changes_rights_alone() -> None:
    faults = [[type(entry.fault) for entry in RIGHTS.schedule(number)] for number in range(40)]

    assert all(set(kinds) <= {*OF_RIGHTS} for kinds in faults[1::2])
    assert Deny in {kind for kinds in faults for kind in kinds}


@pytest.mark.parametrize("number", [*range(1, 25, 2), 136])
def test_rights_that_change_take_nothing_and_brokers_heed_them(number: int) -> None:
    trial = RIGHTS.trial(number)
    report = RIGHTS.tried(trial)

    assert NAME in trial.promises
    assert RIGHTS.broken(trial, report) == ()


def test_a_quota_that_is_drawn_takes_the_neighbour_s_latency_from_what_counts_and_nothing_else() -> None:
    trials = [QUOTAS.trial(number) for number in range(6)]

    drawn = [trial for trial in trials if any(isinstance(entry.fault, SetQuota) for entry in trial.schedule)]
    assert drawn
    assert all("isolation" not in trial.promises and "lost" in trial.promises for trial in drawn)
    assert QUOTAS.broken(drawn[0], QUOTAS.tried(drawn[0])) == ()


@pytest.mark.parametrize("name", ["deny_after_allow", "prefix_as_literal"])
def test_a_planted_bug_of_the_authorizer_is_seen_by_who_reads_the_rules_again(name: str) -> None:
    line = "after RecordAcknowledged#10: deny User:* WRITE topic ord*"
    scenario = replace(load(STORY), schedule=(parse_entry(line),))

    assert unlawful(run(scenario)) == ""
    assert unlawful(run(scenario, mutant=MUTANTS[name])) == "b1 let User:shop write to orders, which no rule allowed"


def test_a_client_that_is_told_to_wait_and_read_on_breaks_what_its_neighbour_was_promised() -> None:
    report = run(load("noisy_neighbour_with_quota"), mutant=MUTANTS["throttle_not_muted"])

    assert unlawful(report) == "b1 read a request of export that had to wait for its quota's sake"
    assert {verdict.guarantee for verdict in report.violated} == {"isolation"}


# -- the judge, by hand --------------------------------------------------------------------------------------------------

PREFIX = ("TOPIC", "ord", "PREFIXED", "User:shop", "*", "WRITE", "ALLOW")
DENIED = ("TOPIC", "orders", "LITERAL", "User:*", "*", "ALL", "DENY")


def append(at_us: int) -> BatchAppended:
    told: dict[str, Any] = dict.fromkeys(BatchAppended._fields, 0)
    return BatchAppended(**told | {"at_us": at_us, "broker": 1, "topic": "orders", "client": "shop"})


def begun(*rules: tuple[str, ...], is_open: bool = False) -> list[Any]:
    who = ClientAuthenticated(0, 1, "shop", 0, "CLIENTS", "PLAIN", "User:shop")
    return [AuthorizerBegan(0, ("User:admin",), is_open, rules), who]


def refused(operation: str, at_us: int) -> AuthorizationRefused:
    return AuthorizationRefused(at_us, 1, "Produce", "shop", "shop", "User:shop", operation, "TOPIC", "orders")


@pytest.mark.parametrize(
    "events, is_found",
    [
        ([*begun(PREFIX), append(1)], False),
        ([*begun(), append(1)], True),
        ([*begun(is_open=True), append(1)], False),
        ([*begun(PREFIX, DENIED), append(1)], True),
        ([*begun(PREFIX), AclCreated(5, *DENIED), append(5 + HEARD_US)], False),
        ([*begun(PREFIX), AclCreated(5, *DENIED), append(6 + HEARD_US)], True),
        ([*begun(PREFIX), refused("WRITE", 1)], True),
        ([*begun(PREFIX), refused("DESCRIBE", 1)], True),
        ([*begun(PREFIX), refused("READ", 1)], False),
        ([*begun(PREFIX, DENIED), refused("WRITE", 1)], False),
        ([append(1)], False),
    ],
)
def test_what_all_rules_agree_on_counts(events: list[Any], is_found: bool) -> None:
    assert bool(unlawful_in(events, HEARD_US)) is is_found


def test_where_a_broker_may_be_cut_off_what_held_once_excuses_it() -> None:
    late = [*begun(PREFIX), AclCreated(5, *DENIED), append(60_000_000)]

    assert unlawful_in(late, None) == ""
    assert unlawful_in(late, HEARD_US) != ""


def test_the_command_says_where_there_is_nothing_to_change(acklab: Acklab) -> None:
    ended = acklab("explore", "hot_key", "--faults", "NCG", "-n", "1")

    assert ended.status == 2
    assert "hot_key has neither rights nor quotas that could change, nor a gateway that could die" in ended.err
