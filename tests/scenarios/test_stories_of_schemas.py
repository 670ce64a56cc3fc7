"""What the stories in schemas tell beyond their verdicts: who is told what, what breaks, and that it holds with the remedy."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from sim.faults.schedule import parse_entry
from sim.judges.report import Report
from sim.stories.runner import run
from sim.stories.scenario import Scenario, load
from sim.stories.schemas import RegistryConfig
from sim.trace.events import (
    RecordDecoded,
    RecordNotSerialized,
    RecordRead,
    RecordSent,
    RecordUnreadable,
    SchemaRefused,
    SchemaRegistered,
)
from sim.world.units import SECOND_US


def events(report: Report, kind: type[Any], client: str = "") -> list[Any]:
    return [one for one in report.trace if type(one) is kind and one.client == (client or one.client)]


def broken(report: Report) -> set[str]:
    return {verdict.guarantee for verdict in report.violated}


def unreadable(report: Report) -> set[str]:
    """Who sent what nobody can decode."""
    return {finding.client for finding in report.verdict("unreadable").findings}


# -- field_removed_breaks_consumer -------------------------------------------------------------------------------------


def test_every_order_without_its_amount_is_acknowledged_and_nobody_can_read_it() -> None:
    report = run(load("field_removed_breaks_consumer"))

    assert report.counts.acknowledged == report.counts.sent == 20
    assert unreadable(report) == {"shop.2"}
    written = [one for one in events(report, RecordSent) if one.client == "shop.2"]
    assert len(report.verdict("unreadable").findings) == len(written)


@pytest.mark.parametrize("level", ["FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"])
def test_a_level_that_minds_today_s_readers_refuses_the_removal(level: str) -> None:
    report = run(load(f"field_removed_breaks_consumer+level={level}"))

    assert {(one.status, "amount" in one.why) for one in events(report, SchemaRefused)} == {(409, True)}
    told = events(report, RecordNotSerialized, "shop.2")
    assert len(told) == 20 - report.counts.sent > 0
    assert report.exit_code == 0


@pytest.mark.parametrize("level", ["NONE", "BACKWARD", "BACKWARD_TRANSITIVE"])
def test_any_other_level_lets_it_through(level: str) -> None:
    assert broken(run(load(f"field_removed_breaks_consumer+level={level}"))) == {"unread", "unreadable"}


# -- backward_is_not_forward -------------------------------------------------------------------------------------------


def deployed(line: str) -> Report:
    return run(load("backward_is_not_forward"), faults=[parse_entry(line)])


def test_the_registry_takes_the_schema_and_the_consumer_stands_still() -> None:
    report = run(load("backward_is_not_forward"))

    assert [one.version for one in events(report, SchemaRegistered)] == [1, 2]
    assert not events(report, SchemaRefused)
    (stopped,) = events(report, RecordUnreadable, "billing")
    assert (stopped.version, stopped.then) == (1, "stop")


def test_consumers_first_and_everything_is_read() -> None:
    report = deployed("at 100ms: deploy billing version 2")

    assert not events(report, RecordUnreadable)
    assert len(events(report, RecordDecoded)) == 20
    assert report.exit_code == 0


def test_consumers_late_and_everything_is_read_late() -> None:
    report = deployed("at 5s: deploy billing version 2")

    (stopped,) = events(report, RecordUnreadable)
    late = [one for one in events(report, RecordDecoded) if one.version == 2]
    assert late[0].offset == stopped.offset
    assert min(one.at_us for one in late) - stopped.at_us > 4 * SECOND_US
    assert report.exit_code == 0


def test_forward_refuses_what_needs_the_consumer_first() -> None:
    report = run(load("backward_is_not_forward+level=FORWARD"))

    assert {one.status for one in events(report, SchemaRefused)} == {409}
    assert report.exit_code == 0


# -- auto_register_in_production ---------------------------------------------------------------------------------------


def test_the_misspelling_is_registered_as_the_next_version_and_billing_passes_over_its_orders() -> None:
    report = run(load("auto_register_in_production"))

    (typo,) = events(report, SchemaRegistered, "shop.2")
    assert (typo.version, "amuont" in typo.schema) == (2, True)
    passed = events(report, RecordUnreadable, "billing")
    assert {one.then for one in passed} == {"skip"}
    assert len(passed) == len(report.verdict("unreadable").findings) > 0
    # Of each of those nothing is left but a line in a log.
    assert report.verdict("unread").findings == ()


def test_without_auto_register_the_misspelling_is_an_error_at_the_shop() -> None:
    report = run(load("auto_register_in_production"), properties={"auto.register.schemas": "false"})

    assert {(one.client, one.code) for one in events(report, SchemaRefused)} == {("shop.2", 40403)}
    assert {one.client for one in events(report, RecordNotSerialized)} == {"shop.2"}
    assert report.counts.sent == len(events(report, RecordDecoded))
    assert report.exit_code == 0


# -- id_of_another_registry --------------------------------------------------------------------------------------------


def test_the_same_id_means_an_order_in_staging_and_a_customer_in_production() -> None:
    report = run(load("id_of_another_registry"))

    (staged,) = events(report, SchemaRegistered, "shop")
    (refused,) = events(report, RecordUnreadable, "billing")
    assert (staged.registry, staged.schema_id) == ("http://staging-registry-1:8081", 1)
    assert refused.schema_key == "1"
    assert "Customer" in refused.why


def test_with_the_registry_of_production_billing_reads_everything() -> None:
    report = run(load("id_of_another_registry"), properties={"schema.registry.url": "http://registry-1:8081"})

    assert len(events(report, RecordDecoded)) == 10
    assert report.exit_code == 0


def test_a_guid_that_billing_s_registry_does_not_know_is_no_customer() -> None:
    report = run(load("id_of_another_registry"), properties={"value.schema.id.serializer": "header"})

    (refused,) = events(report, RecordUnreadable, "billing")
    assert len(refused.schema_key) == 36
    assert "40403" in refused.why
    assert broken(report) == {"unread", "unreadable"}


# -- poison_record_blocks_partition ------------------------------------------------------------------------------------


def test_one_record_blocks_its_partition_and_the_other_one_goes_on() -> None:
    report = run(load("poison_record_blocks_partition"))

    (poison,) = events(report, RecordUnreadable, "billing")
    assert (poison.partition, poison.schema_key) == (0, "")
    assert unreadable(report) == {"legacy"}
    assert {finding.partition for finding in report.verdict("unread").findings} == {0}
    decoded = [one.partition for one in events(report, RecordDecoded)]
    assert decoded.count(1) == 15
    assert decoded.count(0) == poison.offset < 15


def test_with_dead_letters_everything_behind_it_is_read() -> None:
    report = run(load("poison_record_blocks_partition+unreadable=dead"))

    assert broken(report) == {"unreadable"}
    assert len(report.verdict("unreadable").findings) == 1
    assert len(events(report, RecordDecoded)) == 30
    (letter,) = [one for one in events(report, RecordSent) if one.topic == "orders.dead"]
    (poison,) = list(events(report, RecordSent, "legacy"))
    assert letter.value == poison.value


def test_who_passes_over_it_reads_what_lies_behind_as_well() -> None:
    report = run(load("poison_record_blocks_partition+unreadable=skip"))

    assert broken(report) == {"unreadable"}
    assert len(events(report, RecordDecoded)) == 30


# -- registry_is_down_at_start -----------------------------------------------------------------------------------------


def test_who_has_asked_before_goes_on_and_who_starts_now_does_not() -> None:
    report = run(load("registry_is_down_at_start"))

    assert {one.client for one in events(report, RecordNotSerialized)} == {"newcomer"}
    assert len(events(report, RecordNotSerialized)) == 5
    assert [(one.client, one.acknowledged) for one in report.clients] == [("shop", 40)]
    down = list(events(report, SchemaRefused, "newcomer"))
    assert {one.status for one in down} == {0}


def test_a_reader_that_starts_meanwhile_reads_nothing_until_the_registry_is_back() -> None:
    report = run(load("registry_is_down_at_start"))

    crashed = report.trace.begun_us + SECOND_US
    first = {name: events(report, RecordRead, name)[0].at_us for name in ("billing", "audit")}
    assert first["billing"] < crashed
    assert first["audit"] > crashed + 5 * SECOND_US
    assert len(events(report, RecordDecoded, "audit")) == len(events(report, RecordDecoded, "billing")) == 40


def test_a_patient_newcomer_waits_for_the_registry() -> None:
    patient = {"newcomer:schema.registry.max.retries": "9"}

    report = run(load("registry_is_down_at_start"), properties=patient)

    assert not events(report, RecordNotSerialized)
    assert report.counts.acknowledged == 45


def test_a_second_registry_answers_the_newcomer() -> None:
    report = run(with_two_registries(load("registry_is_down_at_start")))

    assert not events(report, RecordNotSerialized)
    assert report.counts.acknowledged == 45
    assert report.exit_code == 0


def with_two_registries(scenario: Scenario) -> Scenario:
    both = {"schema.registry.url": "http://registry-1:8081,http://registry-2:8081"}
    applications = tuple(replace(one, producer={**one.producer, **both}) for one in scenario.applications)
    return replace(scenario, registry=RegistryConfig(nodes=2), applications=applications)


# -- mock_registry_accepts_what_the_real_one_refuses -------------------------------------------------------------------


def test_the_mock_takes_what_the_real_one_refuses() -> None:
    report = run(load("mock_registry_accepts_what_the_real_one_refuses"))

    (taken,) = events(report, SchemaRegistered, "test.2")
    assert (taken.registry, taken.version) == ("mock://tests", 2)
    refused = events(report, SchemaRefused, "shop")
    assert {(one.status, "amount" in one.why) for one in refused} == {(409, True)}
    assert len(events(report, RecordNotSerialized, "shop")) == 10
    assert unreadable(report) == {"test.2"}


def test_a_real_registry_without_a_level_is_no_better_than_the_mock() -> None:
    report = run(load("mock_registry_accepts_what_the_real_one_refuses+level=NONE"))

    assert unreadable(report) == {"test.2", "shop"}


def test_tests_against_a_registry_that_checks_refuse_the_version_as_well() -> None:
    scenario = load("mock_registry_accepts_what_the_real_one_refuses")
    real = "http://registry-1:8081"
    checked = replace(
        scenario,
        applications=tuple(
            replace(one, producer={**one.producer, "schema.registry.url": real}) for one in scenario.applications
        ),
        deserializing=tuple(replace(one, registry=real) for one in scenario.deserializing),
    )

    report = run(checked)

    assert {one.client for one in events(report, SchemaRefused)} == {"test.2", "shop"}
    assert report.exit_code == 0


def test_what_a_story_s_reader_decodes_is_what_was_meant() -> None:
    report = run(load("field_removed_breaks_consumer+level=FULL"))

    assert {json.dumps(json.loads(one.value)) for one in events(report, RecordDecoded)} == {
        '{"id": 1, "amount": 9.5}',
        '{"id": 2, "amount": 20.0}',
    }
