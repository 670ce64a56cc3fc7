"""A wide search draws clusters, applications, producers and repairs; a witness holds all of it; only what is promised counts."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from producer.config.config import ProducerConfig
from sim.explore.course import undisturbed
from sim.explore.kinds import CLASSES, KINDS
from sim.explore.promised import RENUMBERS, broken_by, may_lose_disk, unpromised, unpromised_by, with_disk_kept
from sim.explore.search import LOOKED_FOR, Search
from sim.explore.wide import WORLDS, World
from sim.faults import Crash, CutLogShort
from sim.faults.schedule import parse_entry
from sim.stories.scenario import load
from sim.stories.variation import split_name
from sim.stories.variation_words import WORDS
from sim.stories.witness import Witness

WIDE = Search(is_wide=True, classes="".join(CLASSES))
PLACES = range(WORLDS)
FRESH = {"duplicated", "repeated", "reordered", "key order", "stuck"}
"""What a partition that does not know its producer takes with it."""


def config(properties: Mapping[str, str]) -> ProducerConfig:
    return ProducerConfig.from_properties({"bootstrap.servers": "b1:9092", **properties})


def test_worlds_differ_in_all_that_a_search_once_kept_fixed() -> None:
    worlds = [World(place, seed=0) for place in PLACES]
    clusters = [world.surroundings for world in worlds]

    assert {2, 3, 4, 5} == {cluster["brokers"] for cluster in clusters}
    assert any(int(cluster["replication_factor"]) < int(cluster["brokers"]) for cluster in clusters)
    assert {1, 2, 3} == {cluster["min_insync_replicas"] for cluster in clusters}
    assert {0, 1} == {cluster["eligible_leader_replicas"] for cluster in clusters}
    assert {0, 1} == {cluster["others"] for cluster in clusters}
    assert len({cluster["broker_session_timeout_us"] for cluster in clusters}) > 1
    assert len({cluster["value_bytes"] for cluster in clusters}) > 2
    assert {1, 3} == {cluster["controllers"] for cluster in clusters}
    assert len({tuple(world.properties.items()) for world in worlds}) > WORLDS // 3
    assert any(not world.properties for world in worlds)


def test_worlds_say_all_that_a_workload_can() -> None:
    said = {word for place in PLACES for word in World(place, seed=0).surroundings}
    records = [
        event
        for place in PLACES[:16]
        for event in WIDE.tried(WIDE.trial(place), ()).trace
        if type(event).__name__ == "RecordSent"
    ]

    assert WORDS.keys() <= said
    assert {0, 1, 3} == {len(record.headers) for record in records}
    assert any(record.timestamp_ms > 0 for record in records)
    assert any(record.stands_for for record in records)
    assert any(record.partition >= 0 for record in records)
    assert any(record.key is None for record in records)


def test_partition_that_meets_its_producer_late_is_not_held_against_it() -> None:
    known, late = (
        undisturbed(load(f"default_config+{words}"), 0, is_warm=True).knows_producers
        for words in ("keys=4", "keys=4+records=6+partitions=3")
    )

    assert known
    assert not late


def test_batches_hold_one_record_some_or_many() -> None:
    sizes = set()
    for place in PLACES[:16]:
        trial = WIDE.trial(place)
        sizes |= {event.record_count for event in WIDE.tried(trial, ()).trace if type(event).__name__ == "BatchSent"}

    assert 1 in sizes
    assert any(1 < size < 6 for size in sizes)
    assert max(sizes) >= 6


@pytest.mark.parametrize("search", [Search(), WIDE], ids=["narrow", "wide"])
def test_moment_of_the_repair_is_drawn(search: Search) -> None:
    drawn = [split_name(search.trial(number).scenario)[1] for number in range(60)]

    assert len({changes["repairs_after_us"] for changes in drawn}) > 4
    assert len({changes["revives_after_us"] for changes in drawn}) > 3


@pytest.mark.parametrize("number", [3, 70])
def test_witness_of_a_wide_trial_runs_it_again(number: int) -> None:
    found = WIDE.unshrunk(number)

    again = Witness.model_validate_json(found.witness.model_dump_json()).replay()

    assert again.digest == found.witness.digest == WIDE.tried(WIDE.trial(number)).digest


@pytest.mark.parametrize(
    "properties,missing",
    [
        ({}, set()),
        ({"acks": "1"}, {"lost", "misplaced", *FRESH - {"stuck"}}),
        ({"acks": "0", "retries": "0"}, {"lost", "misplaced", "reordered", "key order"}),
        ({"enable.idempotence": "false"}, FRESH - {"stuck"}),
    ],
    ids=["default", "acks=1", "acks=0", "not idempotent"],
)
def test_only_what_a_configuration_promises_counts(properties: dict[str, str], missing: set[str]) -> None:
    assert unpromised(config(properties), is_fresh=False) == missing


def test_fresh_producer_is_promised_all_with_the_remedy_alone() -> None:
    remedied = config({"acklab.fresh.producer.pipelining": "false"})

    assert unpromised(remedied, is_fresh=True) == set()
    assert unpromised(config({}), is_fresh=True) == FRESH


def test_fault_that_breaks_a_promise_by_itself_takes_it_out_of_the_account() -> None:
    assert broken_by([KINDS["crash"], KINDS["pause"]]) == set()
    assert broken_by([KINDS["crash"], KINDS["add partitions"]]) == FRESH
    assert broken_by([KINDS["delete topic"]]) == FRESH | {"unread"}
    assert broken_by([KINDS["elect unclean"]]) == FRESH | {"lost", "dirty read", "misplaced"}


@pytest.mark.parametrize("resends,missing", [("failed", set()), ("unknown", {"repeated"}), ("both", {"repeated"})])
def test_application_that_sends_again_is_promised_no_order_nor_a_single_effect_where_it_may_be_written(
    resends: str, missing: set[str]
) -> None:
    (alone,) = load("default_config").cast
    (application,) = load(f"default_config+resends={resends}").cast

    assert unpromised_by(alone) == set()
    assert unpromised_by(application) == {"reordered", "key order"} | missing


@pytest.mark.parametrize(
    "lines",
    [("at 1s: crash b1, wiped",), ("at 1s: crash b1", "at 2s: truncate orders-0 on b1 by 1 batch")],
    ids=["wiped", "cut short"],
)
def test_a_disk_is_lost_only_where_one_is_stood_and_nobody_else_crashes(lines: tuple[str, ...]) -> None:
    alone = tuple(map(parse_entry, lines))
    two = (*alone, parse_entry("at 3s: crash b2"))

    assert may_lose_disk(load("default_config"), alone)
    assert not may_lose_disk(load("default_config"), two)
    assert not may_lose_disk(load("default_config+min_insync_replicas=1"), alone)
    assert not may_lose_disk(load("default_config+eligible_leader_replicas=0"), alone)


def test_where_no_disk_may_be_lost_crashes_keep_theirs_and_no_log_is_cut_short() -> None:
    lines = ("at 1s: crash b1, wiped", "at 2s: truncate orders-0 on b1 by 1 batch", "at 3s: pause b2")

    assert [str(with_disk_kept(parse_entry(line))) for line in lines] == ["at 1s: crash b1", "None", lines[2]]


def test_three_logs_that_are_cut_short_are_not_held_against_a_cluster_of_min_isr_one() -> None:
    # Drawn like this once: every replica crashed, lost its last batch and came back, and the search called that a find.
    trial = WIDE.trial(182)

    assert sum(isinstance(entry.fault, Crash) for entry in trial.schedule) > 1
    assert not any(isinstance(entry.fault, CutLogShort) for entry in trial.schedule)
    assert len(trial.schedule) == len(trial.labels)


def test_what_a_new_epoch_writes_twice_by_java_s_way_is_not_held_against_users() -> None:
    story = load("new_epoch_repeats_a_record")
    trial = WIDE.trial(0)._replace(
        scenario=story.name, seed=0, properties=dict(story.producer), schedule=story.schedule, promises=LOOKED_FOR
    )
    report = WIDE.tried(trial)
    careful = trial._replace(properties={**trial.properties, RENUMBERS: "false"})
    javas = trial._replace(properties={**trial.properties, RENUMBERS: "true"})

    assert "duplicated" in trial.broken(report)
    assert "duplicated" not in trial.broken(WIDE.tried(careful))
    assert "duplicated" not in WIDE.broken(trial, report)
    assert "duplicated" in WIDE.broken(javas, WIDE.tried(javas)), "who asks for it is told"


def test_what_is_asked_for_goes_over_what_is_drawn() -> None:
    asked = Search(is_wide=True, classes="NC", properties={"linger.ms": "7"})

    assert {asked.trial(number).properties["linger.ms"] for number in range(20)} == {"7"}


def test_wide_search_finds_nothing_in_what_users_get() -> None:
    assert [WIDE.look(number).broken for number in range(40)] == [()] * 40
