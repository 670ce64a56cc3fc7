"""The words of a scenario: what they take, and what they say of what they do not."""

from collections.abc import Callable
from typing import Any

import pytest

from sim import Phase, Scenario, after, at, load, phase_ended
from sim.faults import FaultTextError


def test_a_time_is_a_number_of_microseconds_or_text() -> None:
    assert at("1.5s").crash("b1") == at(1_500_000).crash("b1")
    assert at("1s").wait("500ms").crash("b1") == at(1_500_000).crash("b1")
    assert after(phase_ended(1)).wait("2s").pause("b1") == after(phase_ended(1)).wait(2_000_000).pause("b1")


@pytest.mark.parametrize(
    "said,message",
    [
        (lambda: at(1.5), "1.5 is not a time: expected a whole number of microseconds, or text such as '1.5s'"),  # type: ignore[arg-type]
        (lambda: at(True), "True is not a time"),
        (lambda: at(None), "None is not a time"),  # type: ignore[arg-type]
        (lambda: at("soon"), "'soon' is not a duration"),
        (lambda: at(-1), "at -1 us: a story begins at 0"),
        (lambda: at(0).wait(0.1), "0.1 is not a time"),  # type: ignore[arg-type]
        (lambda: at(0).crash(7.5), "'crash 7.5' is not a fault"),  # type: ignore[arg-type]
        (lambda: at(0).crash(None), "'crash None' is not a fault"),  # type: ignore[arg-type]
        (lambda: at(0).delay_response(by_us=1.5), "1.5 is not a time"),  # type: ignore[arg-type]
        (lambda: at(0).shrink_isr("orders-0", by="b2", lasts_us="long"), "'long' is not a duration"),
        (lambda: at(0).add_partitions("orders", up_to="4"), "count='4'"),  # type: ignore[arg-type]
    ],
)
def test_a_word_with_a_value_that_it_cannot_have_names_it(said: Callable[[], Any], message: str) -> None:
    with pytest.raises(FaultTextError) as refused:
        said()
    assert message in str(refused.value)


@pytest.mark.parametrize("name", ["every_us", "quiet_us", "share"])
def test_a_phase_s_numbers_are_whole(name: str) -> None:
    wrong: dict[str, Any] = {name: 1.5}

    with pytest.raises(ValueError, match=rf"Phase\.{name} is 1\.5, must be a whole number"):
        Phase(**wrong)


@pytest.mark.parametrize("name", ["repairs_after_us", "revives_after_us", "patience_us", "duration_us_max"])
def test_a_scenario_s_times_are_whole(name: str) -> None:
    cluster = load("default_config").cluster
    wrong: dict[str, Any] = {name: 1.5}

    with pytest.raises(ValueError, match=rf"Scenario\.{name} is 1\.5, must be a whole number"):
        Scenario(name="x", question="?", cluster=cluster, **wrong)
