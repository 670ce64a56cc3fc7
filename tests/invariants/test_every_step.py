"""Every invariant holds after every step of many runs, however disks, links and brokers fail, and with acks=1 as with all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.explore.search import Search
from sim.faults.schedule import parse_entry
from sim.stories.runner import run
from sim.stories.scenario import Scenario, load, names
from sim.world.kernel import Stream

STORY = load("default_config")

PAUSES_MS = (1, 5, 200, 900, 1_003, 1_500, 4_000, 12_000)
VERBS = ("crash", "crash", "crash {}, wiped", "crash {}, unflushed lost", "restart", "restart", "pause", "resume")
LINKS = ("cut b1 <-> b2", "cut b2 <-> b3", "cut b3 <-> controller", "cut b1 <-> controller", "hold b1 <-> b3")


def drawn(number: int) -> tuple[Scenario, dict[str, str]]:
    """Draw a cluster that may lose records, by ELR or min ISR or unclean elections, and what happens to it."""
    chance = Stream(seed=number, name="every step")
    topics = tuple(replace(topic, min_insync_replicas=1 + chance.randrange(3)) for topic in STORY.cluster.topics)
    cluster = replace(
        STORY.cluster,
        topics=topics,
        unclean_leader_election=not chance.randrange(4),
        eligible_leader_replicas=not chance.randrange(2),
        log_flush_interval_us=(30_000_000, 500_000)[chance.randrange(2)],
        replica_lag_time_max_us=(30_000_000, 2_000_000)[chance.randrange(2)],
    )
    lines = []
    at_ms = chance.randrange(8_000)
    for _ in range(3 + chance.randrange(10)):
        at_ms += PAUSES_MS[chance.randrange(len(PAUSES_MS))]
        broker = f"b{1 + chance.randrange(3)}"
        match chance.randrange(6):
            case 0:
                what = f"move orders-{chance.randrange(2)} to {broker}"
            case 1:
                what = LINKS[chance.randrange(len(LINKS))]
            case 2:
                what = f"open {broker} <-> *"
            case 3:
                what = f"shrink orders-0 by {broker} for 3s"
            case _:
                verb = VERBS[chance.randrange(len(VERBS))]
                what = verb.format(broker) if "{}" in verb else f"{verb} {broker}"
        lines.append(f"after PhaseEnded#1 phase=1 +{at_ms}ms: {what} if possible")
    properties = {"acks": ("all", "1")[chance.randrange(2)]}
    if chance.randrange(2):
        properties |= {"delivery.timeout.ms": "6000", "request.timeout.ms": "2000"}
    return replace(STORY, cluster=cluster, schedule=tuple(map(parse_entry, lines))), properties


@pytest.mark.parametrize("name", names())
def test_invariants_hold_after_every_step_of_every_scenario(name: str) -> None:
    assert run(load(name), is_thorough=True).breach is None


@pytest.mark.parametrize("number", range(8))
def test_invariants_hold_after_every_step_of_what_a_search_draws(number: int) -> None:
    search = Search()

    report = run(replace(STORY, schedule=search.schedule(number)), number, is_thorough=True)

    assert report.given_up == ()


@pytest.mark.parametrize("number", range(12))
def test_invariants_hold_after_every_step_where_disks_are_lost_and_elections_unclean(number: int) -> None:
    scenario, properties = drawn(number)

    run(scenario, number, properties=properties, is_thorough=True)


def test_looking_changes_nothing() -> None:
    scenario, properties = drawn(3)

    quick = run(scenario, 3, properties=properties)
    thorough = run(scenario, 3, properties=properties, is_thorough=True)

    assert thorough.digest == quick.digest
