"""The lineage of a run names, beforehand, the readers that a renamed field breaks; those break, and no other, for eight seeds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from producer.governance.lineage.graph import graph_of
from producer.governance.lineage.impact import Affected, impact, named
from sim.faults.schedule import parse_entry
from sim.judges.report import Report
from sim.stories.lineage import lineage_of
from sim.stories.runner import run
from sim.stories.scenario import Scenario, load
from sim.trace.events import RecordRead, RecordUnreadable

SEEDS = range(8)
STORY = "lineage_names_who_breaks"
FIELDS = ("id", "total", "note")


def told(scenario: Scenario, seed: int = 0) -> tuple[Report, list[dict[str, Any]]]:
    report = run(scenario, seed)
    assert report.trace is not None
    return report, lineage_of(scenario, seed, report.trace.events)


def reached(events: list[dict[str, Any]], what: str) -> tuple[Affected, ...]:
    graph = graph_of(events)
    return impact(graph, named(graph, what)).affected


def broken(report: Report) -> set[str]:
    return {verdict.guarantee for verdict in report.violated}


def unreadable_to(report: Report) -> set[str]:
    assert report.trace is not None
    return {one.client for one in report.trace.events if isinstance(one, RecordUnreadable)}


def test_whom_lineage_names_before_the_change_breaks_by_it_and_nobody_else_does() -> None:
    scenario = load(STORY)
    _, before = told(replace(scenario, schedule=()))
    names = {one.name for one in reached(before, "orders.amount")}
    assert names == {"billing"}
    assert all(one.is_certain for one in reached(before, "orders.amount"))

    for seed in SEEDS:
        report = run(scenario, seed)

        assert broken(report) == {"unread"}
        assert unreadable_to(report) == names
        assert report.trace is not None
        read = [one.client for one in report.trace.events if isinstance(one, RecordRead)]
        assert (read.count("warehouse"), read.count("statistics")) == (20, 20)


def test_a_field_that_another_reader_uses_names_that_one_and_breaks_it() -> None:
    scenario = load(STORY)
    _, before = told(replace(scenario, schedule=()))
    assert {one.name for one in reached(before, "orders.note")} == {"warehouse"}

    (shop,) = scenario.applications
    first, second = shop.versions
    assert first.schema is not None
    text = first.schema.text.replace('"note"', '"remark"')
    renamed = replace(
        second, schema=first.schema._replace(text=text), values=({"id": 2, "amount": 9.5, "remark": "by noon"},)
    )
    report = run(replace(scenario, applications=(replace(shop, versions=(first, renamed)),)))

    assert unreadable_to(report) == {"warehouse"}


def test_a_field_that_nobody_uses_reaches_nobody_and_breaks_nobody() -> None:
    scenario = load(STORY)
    kept = tuple(one for one in scenario.deserializing if one.reader != "billing")
    readers = tuple(one for one in scenario.readers if "billing" not in str(one))
    without = replace(scenario, deserializing=kept, readers=readers)

    assert reached(told(replace(without, schedule=()))[1], "orders.amount") == ()
    assert broken(run(without)) == set()


def test_where_the_registry_refuses_the_schema_nobody_breaks() -> None:
    for seed in SEEDS:
        assert broken(run(load(f"{STORY}+level=FULL"), seed)) == set()


def test_a_topic_reaches_all_who_read_it() -> None:
    _, events = told(load(STORY))

    assert {one.name for one in reached(events, "orders")} == {"billing", "warehouse", "statistics"}


def test_each_life_is_a_run_of_its_job_that_begins_once_and_ends_once() -> None:
    scenario = replace(
        load(STORY),
        schedule=(parse_entry("after RecordSent#5 client=shop: kill shop"), parse_entry("at 3s: restart shop")),
    )
    _, events = told(scenario)

    runs: dict[str, list[str]] = {one["run"]["runId"]: [] for one in events}
    for one in events:
        runs[one["run"]["runId"]].append(one["eventType"])
    assert all(kinds[0] == "START" and kinds[-1] in {"COMPLETE", "FAIL"} for kinds in runs.values())
    assert all(kinds.count("START") == 1 for kinds in runs.values())
    of_the_shop = [one for one in events if one["job"]["name"] == "shop"]
    assert len({one["run"]["runId"] for one in of_the_shop}) == 2
    assert [one["eventType"] for one in of_the_shop if one["eventType"] in {"COMPLETE", "FAIL"}] == ["FAIL", "COMPLETE"]


def test_who_could_not_go_on_fails_and_the_topics_of_registries_are_nobody_s_data() -> None:
    _, events = told(load(STORY))

    ends = {one["job"]["name"]: one["eventType"] for one in events if one["eventType"] in {"COMPLETE", "FAIL"}}
    assert ends == {"shop": "COMPLETE", "billing": "FAIL", "warehouse": "COMPLETE", "statistics": "COMPLETE"}
    assert {data["name"] for one in events for data in (*one["inputs"], *one["outputs"])} == {"orders"}


def test_the_same_run_has_the_same_lineage() -> None:
    assert told(load(STORY), 3)[1] == told(load(STORY), 3)[1]
