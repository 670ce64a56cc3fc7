"""Text such as `1.5s` stands wherever a story, a workload, an application or a fault takes microseconds."""

from collections.abc import Callable
from typing import Any

import pytest

from sim.faults.clocks import SetClock
from sim.faults.leadership import ShrinkIsr
from sim.faults.points import phase_began
from sim.faults.schedule import After, At
from sim.faults.text import FaultTextError
from sim.faults.words import after, at
from sim.stories.applications import Application, Resends
from sim.stories.checkpoints import Checkpoints
from sim.stories.processing import Processing
from sim.stories.scenario import ClusterConfig, Scenario, load
from sim.stories.workload import Phase

HALF: Any = "1.5s"


def told(**times: Any) -> Scenario:
    return Scenario(name="a", question="?", cluster=ClusterConfig(), **times)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda us: Phase(every_us=us), "every_us"),
        (lambda us: Phase(quiet_us=us), "quiet_us"),
        (lambda us: Application(starts_after_us=us), "starts_after_us"),
        (lambda us: Application(latency_p99_us=us), "latency_p99_us"),
        (lambda us: Resends(wait_us=us), "wait_us"),
        (lambda us: Checkpoints(every_us=us), "every_us"),
        (lambda us: Processing(work_us=us), "work_us"),
        (lambda us: told(repairs_after_us=us), "repairs_after_us"),
        (lambda us: told(duration_us_max=us), "duration_us_max"),
        (At, "us"),
        (lambda us: After("PhaseBegan", delay_us=us), "delay_us"),
        (lambda us: ShrinkIsr("orders-0", (1,), us), "lasts_us"),
        (lambda us: SetClock("b1", us), "offset_us"),
        (lambda us: at(0).delay_response(by_us=us, by="b1").fault, "by_us"),
        (lambda us: at(0).detain_request(by_us=us, to="b1").fault, "by_us"),
    ],
)
def test_a_time_may_be_text(make: Callable[[Any], Any], field: str) -> None:
    assert getattr(make(HALF), field) == 1_500_000
    assert make(HALF) == make(1_500_000)
    with pytest.raises(FaultTextError, match="'soon' is not a duration"):
        make("soon")


def test_a_clock_is_set_behind_by_text_with_a_minus() -> None:
    assert at(0).set_clock("b1", ahead_us="-90s") == at(0).set_clock("b1", ahead_us=-90_000_000)
    assert str(at("2s").shrink_isr("orders-0", by="b2", lasts_us="250ms")) == "at 2s: shrink orders-0 by b2 for 250ms"
    assert str(after(phase_began(1)).wait("1.5s").crash("b1").when).endswith("+1500ms")


def test_a_changed_name_takes_text_as_well() -> None:
    assert load("default_config+every_us=2ms+repairs_after_us=1.5s").repairs_after_us == 1_500_000
    assert load("default_config+every_us=2ms").workload.phases[0].every_us == 2_000
