"""Passwords, keys and protected fields are planted in drawn stories, and stand in nothing that is told of them."""

import pytest

from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import AuthenticationFailed, ClientAuthenticated, GatewayCrossed
from tests.planted_secrets.forms import forms, found
from tests.planted_secrets.stories import STORIES, Told, told
from tests.planted_secrets.told import everything, said

SHOWN = b"a s\xfccret, 'quoted' \"twice\" \\"


@pytest.mark.parametrize("number", range(24))
def test_no_planted_secret_is_told(number: int) -> None:
    one, told = everything(number)

    assert one.secrets
    assert found(one.secrets, told) == []


def test_what_is_drawn_has_logins_right_and_wrong_and_keys() -> None:
    ran = [everything(number)[0] for number in range(12)]

    kinds = {type(event) for one in ran for event in one.report.trace}
    names = {name.split()[0] for one in ran for name in one.secrets}
    assert {ClientAuthenticated, AuthenticationFailed} <= kinds
    assert {"password", "guess", "key"} <= names
    assert len({one.scenario.name for one in ran}) >= len(STORIES) // 2


@pytest.mark.parametrize("form, text", list(forms(SHOWN)))
def test_a_secret_is_found_however_it_is_written(form: str, text: str) -> None:
    assert f"it is in there, {form}" in found({"it": SHOWN}, {"there": f"before {text} behind"})


@pytest.mark.parametrize("name", [name for name in STORIES if "gateway" in name])
@pytest.mark.parametrize("number", range(3))
def test_no_secret_that_passes_through_a_gateway_is_told_though_it_dies(name: str, number: int) -> None:
    one = told(number, names=(name,))

    kinds = {type(event) for event in one.report.trace}
    assert GatewayCrossed in kinds
    assert kinds & {ClientAuthenticated, AuthenticationFailed}
    assert found(one.secrets, said(one)) == []


def test_past_the_gateway_the_card_is_found() -> None:
    scenario = load("policy_at_the_gateway+through=brokers")
    one = Told(scenario, run(scenario), {secret.name: secret.text.encode() for secret in scenario.secrets})

    assert any("the trace's file" in line for line in found(one.secrets, said(one)))


def test_plaintext_that_a_policy_lets_pass_is_found() -> None:
    """The search finds what is there: where a policy passes records without a key, their bytes are in the trace, as on the disks."""
    scenario = load("missing_key_passes_plaintext")
    one = Told(scenario, run(scenario), {secret.name: secret.text.encode() for secret in scenario.secrets})

    assert any("the trace's file" in line for line in found(one.secrets, said(one)))
