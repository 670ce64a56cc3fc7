"""What the stories of policies and keys tell beyond their verdicts, in both polarities, for eight seeds; and that no trace has a secret."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import Any

import pytest

from producer.errors import ConfigError
from producer.records import Record
from sim.explore.search import Search
from sim.faults.schedule import parse_entry
from sim.judges.report import Report
from sim.judges.report.telling import sentence
from sim.stories.runner import run
from sim.stories.scenario import Scenario, load
from sim.stories.witness import Witness
from sim.trace.events import BatchAtRest, KeyAnswered, KeyShredded, RecordGoverned, RecordRead, RecordSent

SEEDS = range(8)
HELD = [
    "masked_field_still_joins",
    "missing_key_passes_plaintext+on_missing_key=refuse",
    "key_rotation_lag+data_key_age_s=1",
    "encrypted_key_defeats_compaction+key_by=tokenise",
    "encrypted_key_defeats_compaction+key_by=hash",
    "policy_refuses_one_record_of_a_batch",
    "policy_refuses_one_record_of_a_batch+on_violation=dead_letter",
]
BROKEN = ["missing_key_passes_plaintext", "key_rotation_lag", "encrypted_key_defeats_compaction"]


def events(report: Report, kind: type[Any]) -> list[Any]:
    return [one for one in report.trace if type(one) is kind]


def broken(report: Report) -> set[str]:
    return {verdict.guarantee for verdict in report.violated}


def rulings(report: Report) -> dict[str, int]:
    told = [one.verdict for one in events(report, RecordGoverned)]
    return {verdict: told.count(verdict) for verdict in told}


@pytest.mark.parametrize("name", [*HELD, *BROKEN])
def test_it_ends_as_it_says_for_eight_seeds(name: str) -> None:
    for seed in SEEDS:
        report = run(load(name), seed)

        assert broken(report) == ({"disclosed"} if name in BROKEN else set())
        assert report.verdict("disclosed").checked > 0
        assert report.is_settled


def without_policy(scenario: Scenario) -> Scenario:
    return replace(scenario, applications=tuple(replace(one, policy=None) for one in scenario.applications))


@pytest.mark.parametrize("name", ["masked_field_still_joins", "policy_refuses_one_record_of_a_batch"])
def test_without_the_policy_the_secrets_lie_on_every_disk(name: str) -> None:
    scenario = load(name)
    report = run(without_policy(scenario))

    found = [finding.what for finding in report.verdict("disclosed").findings]
    assert {secret.name for secret in scenario.secrets} == {
        secret.name for secret in scenario.secrets if any(secret.name in what for what in found)
    }
    assert all("on b1, b2, b3" in what for what in found)


# -- no secret in what is told ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HELD)
def test_no_trace_no_report_and_no_log_has_a_secret_where_the_promise_holds(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    scenario = load(name)
    report = run(scenario)

    # In a story about deletion the address is there to be read until it is deleted.
    secrets = [one.text for one in scenario.secrets if one.name != "Ada's address" or "email" in str(scenario.cast)]
    told = "\n".join([*map(repr, report.trace), *filter(None, map(sentence, report.trace)), str(report), caplog.text])
    assert [text for text in secrets if text in told or text.encode().hex() in told] == []
    assert [text for text in secrets if text in repr(scenario.secrets)] == []


@pytest.mark.parametrize("name", [name for name in HELD if "encrypted_key" not in name])
def test_whatever_strikes_no_secret_is_told_or_lies_on_a_disk(name: str) -> None:
    secrets = [one.text for one in load(name).secrets]
    search = Search(scenario=name, seed=11)

    for number in range(4):
        report = search.tried(search.trial(number))

        assert not report.verdict("disclosed").findings
        told = "\n".join([*map(repr, report.trace), *filter(None, map(sentence, report.trace)), str(report)])
        assert [text for text in secrets if text in told] == []


# -- masked_field_still_joins ----------------------------------------------------------------------------------------


def tokens(report: Report, topic: str) -> list[str]:
    sent = [one for one in events(report, RecordSent) if one.topic == topic]
    return [json.loads(one.value)["customer"]["email"] for one in sent]


def test_orders_meet_their_payments_by_tokens() -> None:
    report = run(load("masked_field_still_joins"))

    orders, payments = tokens(report, "orders"), tokens(report, "payments")
    assert orders == payments
    assert [orders.index(one) for one in orders] == [0, 1, 2, 0, 2, 0]
    assert {one[-12:-11] + one[-4:-3] for one in orders} == {"@."}


def test_with_another_domain_for_one_of_them_nothing_meets() -> None:
    scenario = load("masked_field_still_joins")
    shop, till = scenario.applications
    assert till.policy is not None
    topic = {
        "match": "payments",
        "protect": {"customer.email": {"by": "tokenise", "key": "customers", "domain": "payer"}},
    }
    apart = replace(scenario, applications=(shop, replace(till, policy={**till.policy, "topics": [topic]})))

    report = run(apart)

    assert not set(tokens(report, "orders")) & set(tokens(report, "payments"))


# -- missing_key_passes_plaintext ------------------------------------------------------------------------------------


def test_only_what_was_sent_while_the_key_service_stood_still_lies_there() -> None:
    report = run(load("missing_key_passes_plaintext"))

    plain = {one.record for one in events(report, RecordGoverned) if one.is_plain}
    assert 0 < len(plain) < 20
    assert {finding.record for finding in report.verdict("disclosed").findings} == plain
    assert {one.error for one in events(report, KeyAnswered)} == {
        "key service: tenant acme: no answer within 2 s",
        "",
    }


def test_where_records_are_refused_the_shop_is_told_why_and_nothing_of_them_is_sent() -> None:
    report = run(load("missing_key_passes_plaintext+on_missing_key=refuse"))

    told = rulings(report)
    assert told["refused"] + told["passed"] == 20
    assert report.counts.sent == told["passed"] > 0
    refused = [one for one in events(report, RecordGoverned) if one.verdict == "refused"]
    assert {one.error for one in refused} == {"key service: tenant acme: no answer within 2 s"}


@pytest.mark.parametrize("line", ["at 0s: cut shop <-> key-service", "at 0s: reject shop <-> key-service"])
def test_a_link_that_is_struck_is_as_bad_as_a_service_that_stands_still(line: str) -> None:
    scenario = replace(load("missing_key_passes_plaintext"), schedule=(parse_entry(line),))

    assert broken(run(scenario)) == {"disclosed"}


# -- key_rotation_lag ------------------------------------------------------------------------------------------------


def test_what_is_sent_after_the_pause_is_under_the_old_key_and_with_a_short_age_under_the_new_one() -> None:
    late, quick = run(load("key_rotation_lag")), run(load("key_rotation_lag+data_key_age_s=1"))

    assert {finding.record for finding in late.verdict("disclosed").findings} == set(range(11, 21))
    assert {one.version for one in events(late, KeyAnswered)} == {1}
    assert [one.version for one in events(quick, KeyAnswered)][-1] == 2


def test_a_shredded_tenant_s_orders_are_refused_once_the_data_key_is_too_old() -> None:
    scenario = load("key_rotation_lag+data_key_age_s=1")
    report = run(replace(scenario, schedule=(parse_entry("at 2s: shred key of acme"),)))

    assert [one.tenant for one in events(report, KeyShredded)] == ["acme"]
    assert rulings(report) == {"passed": 10, "refused": 10}
    assert broken(report) == set()


# -- encrypted_key_defeats_compaction --------------------------------------------------------------------------------


@pytest.mark.parametrize("by, is_gone", [("encrypt", False), ("tokenise", True), ("hash", True)])
def test_the_address_is_gone_from_every_disk_only_where_equal_keys_are_equal(by: str, is_gone: bool) -> None:
    report = run(load(f"encrypted_key_defeats_compaction+key_by={by}"))

    lying = [one for one in events(report, BatchAtRest) if b"Saint James" in one.data]
    assert (lying == []) is is_gone
    assert not [one for one in events(report, BatchAtRest) if b"customer-ada" in one.data]


# -- policy_refuses_one_record_of_a_batch ----------------------------------------------------------------------------


def test_the_other_nine_are_written_and_the_one_is_told_by_kafka_s_code_and_the_field() -> None:
    report = run(load("policy_refuses_one_record_of_a_batch"))

    (refused,) = [one for one in events(report, RecordGoverned) if one.verdict == "refused"]
    assert refused.violations == "tenant_id: is missing"
    assert refused.error == "orders: INVALID_RECORD (87), not written: tenant_id: is missing"
    assert (report.counts.sent, report.counts.acknowledged) == (9, 9)


def test_as_a_dead_letter_it_lies_in_its_topic_without_its_card() -> None:
    report = run(load("policy_refuses_one_record_of_a_batch+on_violation=dead_letter"))

    (letter,) = [one for one in events(report, RecordRead) if one.topic == "orders.dead"]
    assert dict(letter.headers)["acklab.dead.letter.error.name"] == b"INVALID_RECORD"
    assert json.loads(letter.value)["card"] not in {"", "4111-1111-1111-1111"}
    assert report.counts.acknowledged == 10


def test_where_it_is_only_counted_it_is_written() -> None:
    report = run(load("policy_refuses_one_record_of_a_batch+on_violation=count"))

    assert rulings(report) == {"passed": 10}
    assert [one.violations for one in events(report, RecordGoverned) if one.violations] == ["tenant_id: is missing"]


def test_a_value_that_begins_as_one_by_a_schema_is_refused_where_no_registry_is_asked() -> None:
    scenario = load("policy_refuses_one_record_of_a_batch")
    (shop,) = scenario.applications
    records = (Record("orders", b"\0\0\0\0\1abc"), Record("orders", b"\xff"))

    report = run(replace(scenario, applications=(replace(shop, workload=replace(shop.workload, records=records)),)))

    told = [one.error for one in events(report, RecordGoverned)]
    assert told[0] == "schema registry: a value's schema: a story's policy asks no registry"
    assert told[1].endswith("format: is bytes, must be json") or "is missing" in told[1]
    assert report.counts.sent == 0


def test_faults_of_keys_survive_a_witness() -> None:
    schedule = tuple(
        map(parse_entry, ("at 1s: rotate key of acme", "at 2s: shred key of acme", "at 3s: pause key-service"))
    )

    witness = Witness(scenario="x", seed=0, properties={}, schedule=schedule, digest="", verdicts={})

    assert Witness.model_validate_json(witness.model_dump_json()).schedule == schedule


@pytest.mark.parametrize(
    "given, said",
    [
        ({"version": 2, "topics": [{"match": "orders"}]}, "shop's policy: a policy:1: version: is 2, must be 1"),
        ({"version": 1, "topics": [{"match": "orders", "requird": []}]}, "topics[0].requird: is no key here"),
    ],
)
def test_a_policy_that_is_wrong_ends_the_run_before_it_begins(given: dict[str, Any], said: str) -> None:
    scenario = load("policy_refuses_one_record_of_a_batch")
    (shop,) = scenario.applications

    with pytest.raises(ConfigError) as raised:
        run(replace(scenario, applications=(replace(shop, policy=given),)))

    assert said in str(raised.value)


# -- a policy promises nothing of the producer's own -------------------------------------------------------------------

REPEATED = (
    "after BatchAppended#1 topic=orders partition=0 +100us: reject shop <-> *",
    "after BatchAppended#1 topic=orders partition=0 +11200100us: open shop <-> *",
    "after BatchAppended#1 topic=orders partition=0 +1ms: answer Produce orders-0 MESSAGE_TOO_LARGE x2 by leader(orders-0)",
)
"""Of 3,900 drawn runs of governed stories six wrote a record twice, each by what the default configuration does not promise: three as here, where a
batch in doubt is refused when it comes again (`new_epoch_repeats_a_record`), three by a new producer's pipelined batches (`fresh_producer_hole`)."""


def test_a_record_that_is_written_twice_is_so_by_the_default_configuration_and_not_by_the_safe_one() -> None:
    name = "policy_refuses_one_record_of_a_batch+on_violation=count"
    scenario = replace(load(name), schedule=tuple(map(parse_entry, REPEATED)))

    assert broken(run(scenario)) == {"duplicated"}
    assert broken(run(scenario, properties={"acklab.profile": "safe"})) == set()
