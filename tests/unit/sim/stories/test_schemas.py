"""Stories told in schemas: values become bytes by what a registry says, over the network and in virtual time, and values again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from producer.schemas.schema import Schema, SchemaType
from sim.faults.points import acknowledged, event, sent
from sim.faults.words import after, at
from sim.judges.guarantees import State
from sim.judges.report import Report
from sim.stories.applications import Application
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.stories.schemas import RegistryConfig, Version
from sim.stories.witness import Witness
from sim.stories.workload import Workload
from sim.trace.events import (
    ApplicationStarted,
    RecordDecoded,
    RecordNotSerialized,
    RecordRead,
    RecordSent,
    RecordSerialized,
    RecordUnreadable,
    RegistryAnswered,
    SchemaFound,
    SchemaRefused,
    SchemaRegistered,
    VersionDeployed,
)
from sim.trace.trace import Trace, TraceHeader
from sim.world.units import SECOND_US
from tests.unit.sim.stories.orders import FIRST, ORDER, SECOND, WITH_NOTE, WITHOUT_AMOUNT, events, shop, story


def broken(report: Report) -> list[str]:
    return [verdict.guarantee for verdict in report.violated]


def test_what_the_shop_means_is_what_billing_is_given() -> None:
    report = run(story())

    written = [json.loads(one.value) for one in events(report, RecordSerialized)]
    decoded = [json.loads(one.value) for one in events(report, RecordDecoded)]
    assert written == decoded == [*FIRST.values] * 5
    assert report.exit_code == 0
    assert report.verdict("unreadable").checked == 10


def test_a_record_names_the_schema_that_the_registry_gave_an_id() -> None:
    report = run(story())

    (registered,) = events(report, SchemaRegistered)
    (found,) = events(report, SchemaFound)
    assert (registered.client, registered.subject, registered.version, registered.schema_id) == (
        "shop",
        "orders-value",
        1,
        1,
    )
    assert (found.client, found.schema_key, json.loads(found.schema)) == ("billing", "1", json.loads(ORDER.text))
    values = [one.value for one in events(report, RecordSent) if one.client == "shop"]
    assert {value[:5] for value in values} == {b"\0\0\0\0\1"}


def test_the_registry_is_asked_once_by_each_and_over_links_that_take_their_time() -> None:
    report = run(story())

    asked = [one for one in events(report, RegistryAnswered) if one.client in {"shop", "billing"}]
    assert [(one.client, one.method) for one in asked] == [("shop", "POST"), ("billing", "GET")]
    (registered,) = events(report, SchemaRegistered)
    (answered, _) = asked
    assert registered.at_us > answered.at_us > report.trace.begun_us


def test_same_seed_gives_the_same_digest_and_another_seed_another_one() -> None:
    one = story(schedule=(after(sent(5, by="shop")).pause("registry-1"),))

    assert run(one, 1).digest == run(one, 1).digest
    assert run(one, 1).digest != run(one, 2).digest


def test_another_version_of_the_shop_goes_on_where_the_last_one_stopped() -> None:
    deploys = after(sent(5, by="shop")).deploy("shop", version=2)

    report = run(story(shop(FIRST, SECOND), schedule=(deploys,), reads=(None,)))

    assert [one.client for one in events(report, ApplicationStarted)] == ["shop.2"]
    senders = [one.client for one in events(report, RecordSent) if one.topic == "orders"]
    assert senders == sorted(senders)
    assert len(senders) == 10
    written = {(one.client, one.version, one.schema_key) for one in events(report, RecordSerialized)}
    assert written == {("shop", 1, "1"), ("shop.2", 2, "2")}
    assert report.exit_code == 0


def test_a_reader_stops_at_what_it_cannot_read_and_its_next_version_goes_on_there() -> None:
    schedule = (
        after(sent(5, by="shop")).deploy("shop", version=2),
        at(2 * SECOND_US).deploy("billing", version=2),
    )

    report = run(story(shop(FIRST, SECOND), schedule=schedule, reads=(ORDER, WITHOUT_AMOUNT)))

    (stopped,) = events(report, RecordUnreadable)
    assert (stopped.version, stopped.then) == (1, "stop")
    assert "No default value for field amount" in stopped.why
    decoded = events(report, RecordDecoded)
    assert [one.offset for one in decoded] == list(range(10))
    assert {one.version for one in decoded if one.offset >= stopped.offset} == {2}
    assert min(one.at_us for one in decoded if one.version == 2) >= report.trace.begun_us + 2 * SECOND_US
    assert report.exit_code == 0


def test_nothing_behind_what_stops_a_reader_is_given_to_it() -> None:
    deploys = after(sent(5, by="shop")).deploy("shop", version=2)

    report = run(story(shop(FIRST, SECOND), schedule=(deploys,)))

    (stopped,) = events(report, RecordUnreadable)
    given = [one.offset for one in events(report, RecordRead) if one.client == "billing"]
    assert given == list(range(stopped.offset))
    assert broken(report) == ["unread", "unreadable"]
    assert len(report.verdict("unreadable").findings) == 10 - stopped.offset


def test_a_reader_that_passes_over_it_reads_what_lies_behind() -> None:
    poison = shop(SECOND, name="other", records=1)

    report = run(story(shop(), poison, unreadable="skip"))

    (passed,) = events(report, RecordUnreadable)
    assert passed.then == "skip"
    assert len(events(report, RecordDecoded)) == 10
    assert broken(report) == ["unreadable"]


def test_a_dead_letter_is_acknowledged_before_the_reader_goes_on() -> None:
    poison = shop(SECOND, name="other", records=1)

    report = run(story(shop(), poison, unreadable="dead", topics=("orders", "orders.dead")))

    (dead,) = events(report, RecordUnreadable)
    (letter,) = [one for one in events(report, RecordSent) if one.topic == "orders.dead"]
    read = next(one for one in events(report, RecordRead) if (one.client, one.offset) == ("billing", dead.offset))
    acknowledged_us = next(
        one.at_us for one in report.trace if type(one).__name__ == "RecordAcknowledged" and one.topic == "orders.dead"
    )
    assert letter.client == "billing-dead-letters"
    assert read.at_us >= acknowledged_us > dead.at_us
    assert len(events(report, RecordDecoded)) == 10


def test_a_value_that_does_not_fit_is_told_before_anything_is_queued() -> None:
    misfit = Version(schema=ORDER, values=({"id": 1, "amount": 2.5}, {"id": "one", "amount": 2.5}))

    report = run(story(shop(misfit)))

    refused = events(report, RecordNotSerialized)
    assert [one.record for one in refused] == [2, 4, 6, 8, 10]
    assert "id" in refused[0].why
    assert [one.record for one in events(report, RecordSent) if one.client == "shop"] == [1, 3, 5, 7, 9]
    assert [(one.client, one.not_serialized) for one in report.schemas] == [("shop", 5)]
    assert report.as_json()["schemas"][0]["not_serialized"] == 5
    assert report.exit_code == 0


def test_a_registry_that_refuses_a_schema_keeps_its_records_out_of_the_log() -> None:
    deploys = after(sent(5, by="shop")).deploy("shop", version=2)

    report = run(story(shop(FIRST, SECOND), schedule=(deploys,), registry=RegistryConfig(level="FULL")))

    refused = [one for one in events(report, SchemaRefused) if one.client == "shop.2"]
    assert {(one.status, one.code) for one in refused} == {(409, 409)}
    assert "amount" in refused[0].why
    assert len(events(report, RecordNotSerialized)) == len(refused) > 0
    assert {one.client for one in events(report, RecordSent) if one.topic == "orders"} == {"shop"}
    assert report.exit_code == 0


def test_who_has_asked_before_goes_on_while_the_registry_is_down() -> None:
    crash = after(acknowledged(3, by="shop")).crash("registry-1")

    report = run(story(shop(), schedule=(crash,)))

    assert not events(report, RecordNotSerialized)
    assert report.counts.acknowledged == 10
    assert report.exit_code == 0


def test_who_has_not_asked_before_is_told_that_nobody_answers() -> None:
    crash = at(0).crash("registry-1")
    hasty = shop(records=2, schema_registry_max_retries="0")

    report = run(story(hasty, schedule=(crash,)))

    assert {one.status for one in events(report, SchemaRefused)} == {0}
    assert [one.record for one in events(report, RecordNotSerialized)] == [1, 2]
    assert report.counts.sent == 0


def test_who_waits_longer_than_the_registry_stands_still_is_served() -> None:
    pauses = (at(0).pause("registry-1"), at(3 * SECOND_US).resume("registry-1"))

    report = run(story(schedule=pauses))

    assert report.counts.acknowledged == 10
    (registered,) = events(report, SchemaRegistered)
    assert registered.at_us >= report.trace.begun_us + 3 * SECOND_US


def test_a_registry_that_is_slow_answers_late() -> None:
    report = run(story(schedule=(at(0).slow_registry("registry-1", factor=2_000),)))

    (registered,) = events(report, SchemaRegistered)
    assert registered.at_us >= report.trace.begun_us + 2 * SECOND_US


def test_a_cut_to_the_registry_costs_the_time_of_a_connection() -> None:
    cut = at(0).cut_link("shop", "registry-1")
    patient = shop(schema_registry_http_connect_timeout_ms="2000", schema_registry_retries_wait_ms="100")

    report = run(story(patient, schedule=(cut,)))

    # Repaired a second after the last fault.
    (registered,) = events(report, SchemaRegistered)
    assert registered.at_us >= report.trace.begun_us + SECOND_US
    assert report.counts.acknowledged == 10


def test_of_two_registries_the_other_one_answers() -> None:
    both = "http://registry-1:8081,http://registry-2:8081"
    application = shop(schema_registry_url=both, schema_registry_http_connect_timeout_ms="500")
    one = story(
        application,
        schedule=(at(0).crash("registry-1"),),
        registry=RegistryConfig(nodes=2, level="NONE", subjects=(("orders-value", ORDER),)),
        at_registry=both,
    )

    report = run(one)

    assert report.counts.acknowledged == 10
    assert {event.registry for event in events(report, RegistryAnswered) if event.client == "shop"} == {"registry-2"}


def test_what_is_registered_before_the_story_is_there_for_who_registers_nothing() -> None:
    careful = shop(auto_register_schemas="false")

    report = run(story(careful, registry=RegistryConfig(subjects=(("orders-value", ORDER),))))

    # By the operator, before the story begins.
    (registered,) = events(report, SchemaRegistered)
    assert registered.at_us < report.trace.begun_us
    assert report.counts.acknowledged == 10


def test_the_latest_version_writes_what_the_shop_s_own_schema_does_not_say() -> None:
    registry = RegistryConfig(subjects=(("orders-value", ORDER), ("orders-value", WITH_NOTE)))
    application = shop(auto_register_schemas="false", use_latest_version="true")

    report = run(story(application, registry=registry, reads=(WITH_NOTE,)))

    assert {one.version for one in events(report, RecordSerialized)} == {2}
    assert {json.loads(one.value)["note"] for one in events(report, RecordDecoded)} == {""}


def test_a_registry_apart_has_ids_of_its_own() -> None:
    registry = RegistryConfig(apart=("staging-registry-1",), subjects=(("customers-value", WITHOUT_AMOUNT),))
    application = shop(schema_registry_url="http://staging-registry-1:8081")

    report = run(story(application, registry=registry))

    assert {one.schema_key for one in events(report, RecordSerialized)} == {"1"}
    assert broken(report) == ["unread", "unreadable"]


def test_who_gives_one_mock_the_same_name_shares_it() -> None:
    report = run(story(shop(schema_registry_url="mock://tests"), registry=None, at_registry="mock://tests"))

    assert len(events(report, RecordDecoded)) == 10
    assert not events(report, RegistryAnswered)
    assert report.exit_code == 0


def test_a_serializer_that_asks_no_registry_writes_what_nobody_can_decode() -> None:
    plain = Application(
        name="plain",
        producer={"value.serializer": "json"},
        versions=(Version(values=({"id": 1},)),),
        workload=Workload(records=2),
    )

    report = run(story(plain, unreadable="skip"))

    assert [one.value for one in events(report, RecordSent) if one.client == "plain"] == [b'{"id":1}'] * 2
    assert {one.schema_key for one in events(report, RecordSerialized)} == {""}
    assert broken(report) == ["unreadable"]


def test_a_tombstone_has_no_schema() -> None:
    deletes = replace(shop(), workload=Workload(records=4, tombstone_every=2))

    report = run(story(deletes))

    values = [one.value for one in events(report, RecordSent) if one.client == "shop"]
    assert [value is None for value in values] == [False, True, False, True]
    assert report.verdict("unreadable").checked == 2
    assert report.exit_code == 0


def test_a_point_in_the_protocol_may_be_a_schema_s() -> None:
    crash = after(event("SchemaRegistered", where={"client": "shop"})).crash("registry-1")

    report = run(story(schedule=(crash,), reads=(None,)))

    # Billing has yet to ask by then, and is patient; somebody starts the registry again.
    assert len(events(report, RecordDecoded)) == 10
    assert report.exit_code == 0


def test_a_run_with_schemas_survives_its_trace_file_and_its_witness(tmp_path: Path) -> None:
    report = run(story())
    file = tmp_path / "trace.jsonl"
    with file.open("w", encoding="utf-8") as out:
        report.trace.write(out, TraceHeader("orders", 0, {}))

    with file.open(encoding="utf-8") as source:
        _, trace = Trace.read(source)

    assert trace.digest() == report.digest
    assert VersionDeployed in {type(one) for one in trace}
    written = Witness.of(report, scenario="orders", records=None)
    assert Witness.model_validate_json(written.model_dump_json()).verdicts["unreadable"] == "holds"


def test_a_story_without_schemas_has_no_word_of_them() -> None:
    report = run(load("default_config"))

    assert "schemas" not in report.as_json()
    assert "unreadable" not in {verdict.guarantee for verdict in report.verdicts}


@pytest.mark.parametrize("level, is_written", [("NONE", True), ("BACKWARD", True), ("FORWARD", False), ("FULL", False)])
def test_the_level_decides_whether_the_field_may_go(level: str, is_written: bool) -> None:
    deploys = after(sent(5, by="shop")).deploy("shop", version=2)

    report = run(story(shop(FIRST, SECOND), schedule=(deploys,), registry=RegistryConfig(level=level)))

    assert (report.verdict("unreadable").state is State.VIOLATED) == is_written


@pytest.mark.parametrize("kind, text, value", [
    (SchemaType.JSON, '{"title": "Order", "type": "object", "properties": {"id": {"type": "integer"}}}', {"id": 7}),
    (SchemaType.PROTOBUF, 'syntax = "proto3"; message Order { int32 id = 1; }', {"id": 7}),
])  # fmt: skip
def test_every_format_is_told_by_its_own_rules(kind: SchemaType, text: str, value: dict[str, int]) -> None:
    schema = Schema(kind, text)
    name = "protobuf" if kind is SchemaType.PROTOBUF else "json_schema"
    application = shop(Version(schema=schema, values=(value,)), value_serializer=name)

    report = run(story(application, reads=(schema,)))

    assert {one.value for one in events(report, RecordDecoded)} == {'{"id": 7}'}
    assert report.exit_code == 0
