"""Faults of schema registries strike whom they name, in the words that are said of brokers."""

from __future__ import annotations

import pytest

from sim.faults import (
    CrashRegistry,
    Deploy,
    FaultTextError,
    PauseApplication,
    PauseRegistry,
    RestartRegistry,
    ResumeRegistry,
    SlowRegistry,
    StopRegistry,
    parse_fault,
)
from sim.faults.words import at
from sim.stories.runner import run
from sim.stories.schemas import RegistryConfig
from sim.trace.events import RegistryEnded, RegistryLed, RegistryStarted
from sim.world.units import SECOND_US
from tests.unit.sim.stories.orders import ORDER, events, shop, story


@pytest.mark.parametrize(
    "line, kind",
    [
        ("stop registry-1", StopRegistry),
        ("crash staging-registry-1", CrashRegistry),
        ("restart registry-2", RestartRegistry),
        ("pause registry-1", PauseRegistry),
        ("resume registry-1", ResumeRegistry),
        ("slow registry-1 x10", SlowRegistry),
        ("pause registry", PauseApplication),
        ("pause registry-one", PauseApplication),
    ],
)
def test_a_registry_is_known_by_its_name(line: str, kind: type[object]) -> None:
    fault = parse_fault(line)

    assert type(fault) is kind
    assert str(fault) == line


def test_verbs_of_a_schedule_say_the_same() -> None:
    moment = at(0)

    said = [
        moment.stop("registry-1"), moment.crash("registry-1"), moment.restart("registry-1"), moment.pause("registry-1"),
        moment.resume("registry-1"), moment.slow_registry("registry-1", factor=3), moment.deploy("shop", version=2),
    ]  # fmt: skip

    assert [str(entry).partition(": ")[2] for entry in said] == [
        "stop registry-1", "crash registry-1", "restart registry-1", "pause registry-1", "resume registry-1",
        "slow registry-1 x3", "deploy shop version 2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "make",
    [
        lambda: PauseRegistry("b1"),
        lambda: SlowRegistry("registry-1", 0),
        lambda: Deploy("shop", 0),
        lambda: Deploy("b1", 1),
    ],
)
def test_a_value_that_cannot_be_is_refused(make: object) -> None:
    with pytest.raises(FaultTextError):
        make()  # type: ignore[operator]


def test_a_crash_is_over_with_a_restart_that_reads_the_log_again() -> None:
    schedule = (at(SECOND_US).crash("registry-1"), at(2 * SECOND_US).restart("registry-1"))
    registry = RegistryConfig(subjects=(("orders-value", ORDER),))
    late = shop(every_us=400_000, auto_register_schemas="false")

    report = run(story(late, schedule=schedule, registry=registry))

    assert [event.how for event in events(report, RegistryEnded)] == ["killed"]
    assert len(events(report, RegistryStarted)) == 2
    assert report.exit_code == 0


def test_of_two_the_other_one_leads_at_once_where_the_first_is_stopped() -> None:
    stops = at(SECOND_US).stop("registry-1")

    report = run(story(shop(every_us=500_000), schedule=(stops,), registry=RegistryConfig(nodes=2)))

    led = [event.leader for event in events(report, RegistryLed) if event.registry == "registry-2"]
    assert led[-1] == "registry-2"
    assert [event.how for event in events(report, RegistryEnded)] == ["stopped"]


@pytest.mark.parametrize(
    "lines, said",
    [
        (("pause registry-1", "pause registry-1"), "registry-1 stands still already"),
        (("resume registry-1",), "registry-1 does not stand still"),
        (("restart registry-1",), "registry-1 runs already"),
        (("crash registry-1", "stop registry-1"), "registry-1 does not run"),
        (("deploy shop version 1",), "shop runs version 1 already"),
        (("deploy billing version 1",), "billing runs version 1 already"),
    ],
)
def test_a_verb_that_makes_no_sense_is_refused_with_the_reason(lines: tuple[str, ...], said: str) -> None:
    schedule = tuple(at(100_000 * place).fault(parse_fault(line)) for place, line in enumerate(lines, start=1))

    report = run(story(shop(every_us=100_000), schedule=schedule))

    assert [one.reason for one in report.refused] == [said]
    assert report.exit_code == 3


def test_a_registry_apart_keeps_what_was_registered_over_its_lives() -> None:
    apart = "http://staging-registry-1:8081"
    schedule = (at(200_000).crash("staging-registry-1"), at(400_000).restart("staging-registry-1"))
    one = story(
        shop(schema_registry_url=apart, every_us=100_000),
        schedule=schedule,
        registry=RegistryConfig(nodes=0, apart=("staging-registry-1",)),
        at_registry=apart,
    )

    report = run(one)

    assert report.counts.acknowledged == 10
    assert report.exit_code == 0
