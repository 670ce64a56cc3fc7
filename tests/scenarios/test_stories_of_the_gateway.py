"""What the stories of the gateway tell beyond their verdicts, in both polarities, for eight seeds; and whatever strikes it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from producer.errors import Code, ConfigError
from sim.faults.schedule import parse_entry
from sim.judges.report import Report
from sim.judges.report.telling import sentence
from sim.stories.applications import Application
from sim.stories.fingerprint import fingerprint
from sim.stories.gateways import GatewayConfig
from sim.stories.processing import Processing
from sim.stories.runner import run
from sim.stories.scenario import Scenario, load
from sim.stories.secrets import KeyServiceConfig
from sim.stories.witness import Witness
from sim.trace.events import (
    AuditRead,
    BatchAtRest,
    GatewayCrossed,
    GatewayEnded,
    GatewayPassed,
    GatewayRefused,
    GatewayStarted,
    KeyAnswered,
    RecordFailed,
    RecordRead,
    RequestReceived,
)
from sim.trace.trace import EVENT_TYPES
from sim.world.kernel import Stream

SEEDS = range(8)
CARD = b"4111-1111-1111-1111"
HELD = ["policy_at_the_gateway", "policy_at_the_gateway+on_violation=dead_letter", "gateway_dies_in_mid_stream"]


def events(report: Report, kind: type[Any]) -> list[Any]:
    return [one for one in report.trace if type(one) is kind]


def broken(report: Report) -> set[str]:
    return {verdict.guarantee for verdict in report.violated}


def struck(name: str, *lines: str) -> Scenario:
    return replace(load(name), schedule=tuple(map(parse_entry, lines)))


@pytest.mark.parametrize("name", HELD)
def test_through_the_gateway_every_promise_holds_for_eight_seeds(name: str) -> None:
    for seed in SEEDS:
        report = run(load(name), seed)

        assert broken(report) == set()
        assert report.is_settled
        assert not report.stopped
        assert not report.unfired


def test_past_the_gateway_every_card_lies_on_every_disk_for_eight_seeds() -> None:
    for seed in SEEDS:
        report = run(load("policy_at_the_gateway+through=brokers"), seed)

        assert broken(report) == {"disclosed"}
        assert len(report.verdict("disclosed").findings) == 12
        assert report.counts.acknowledged == 12


@pytest.mark.parametrize("name", HELD)
def test_nobody_but_the_gateway_comes_to_a_broker_for_the_shop(name: str) -> None:
    report = run(load(name))

    # Brokers see it by its own address, and hear the name that the client gives itself.
    of_the_shop = {one.client for one in events(report, RequestReceived) if one.client_id == "shop"}
    assert of_the_shop == {"gateway"}
    assert {one.client for one in events(report, GatewayCrossed)} == {"shop"}


# -- the policy --------------------------------------------------------------------------------------------------------


def test_the_bad_order_is_refused_by_kafka_s_code_and_the_field_and_the_others_pass_encrypted() -> None:
    report = run(load("policy_at_the_gateway"))

    (failed,) = events(report, RecordFailed)
    assert (failed.record, failed.code, failed.outcome) == (6, Code.INVALID_RECORD, "failed")
    (refused,) = events(report, GatewayRefused)
    assert (refused.client, refused.records, refused.bad, refused.why) == (
        "shop",
        1,
        1,
        "record 0: tenant_id: is missing",
    )
    passed = events(report, GatewayPassed)
    assert sum(one.records for one in passed) == 11
    assert all(json.loads(value or b"")["card"].startswith("enc1:") for one in passed for _, value, _ in one.made)
    assert not [one for one in events(report, BatchAtRest) if CARD in one.data]


def test_a_dead_letter_is_written_by_the_gateway_before_the_shop_hears_of_it() -> None:
    report = run(load("policy_at_the_gateway+on_violation=dead_letter"))

    (letter,) = [one for one in events(report, RecordRead) if one.topic == "orders.dead"]
    said = dict(letter.headers)
    assert (said["acklab.dead.letter.topic"], said["acklab.dead.letter.error.name"]) == (b"orders", b"INVALID_RECORD")
    assert CARD not in letter.value
    told = [number for number, one in enumerate(report.trace) if isinstance(one, RecordFailed) and one.client == "shop"]
    written = [
        number
        for number, one in enumerate(report.trace)
        if type(one).__name__ == "RecordAcknowledged" and one.client == "gateway"
    ]
    assert written < told


def test_while_dead_letters_cannot_be_written_the_bad_order_is_asked_for_again_and_nothing_of_it_is_told() -> None:
    scenario = load("policy_at_the_gateway+on_violation=dead_letter")
    # Its topic is there for nobody: a letter waits for it until max.block.ms is over.
    without = replace(scenario.cluster, topics=scenario.cluster.topics[:1], auto_create_topics=False)
    (shop,) = scenario.applications
    hasty = replace(shop, producer={"delivery.timeout.ms": "31000"})
    report = run(replace(scenario, cluster=without, applications=(hasty,)))

    refused = [one for one in events(report, GatewayRefused) if not one.bad]
    assert refused
    assert {one.why for one in refused} == {"dead letters: they could not be written"}
    failed = [one for one in events(report, RecordFailed) if one.client == "shop"]
    assert 6 in {one.record for one in failed}
    assert Code.INVALID_RECORD not in {one.code for one in failed}
    assert broken(report) == set()


def test_while_the_key_service_is_away_nothing_passes_and_nothing_is_lost() -> None:
    report = run(struck("policy_at_the_gateway", "at 0s: pause key-service", "at 3s: resume key-service"))

    assert {one.client for one in events(report, KeyAnswered)} == {"gateway"}
    assert next(one.why for one in events(report, GatewayRefused) if not one.bad).startswith(
        "key service: tenant acme: "
    )
    assert report.counts.acknowledged == 11
    assert broken(report) == set()


def test_a_gateway_s_answers_of_its_own_are_in_their_turn_among_those_of_brokers() -> None:
    scenario = load("policy_at_the_gateway")
    (shop,) = scenario.applications
    # All leave as fast as they can: what is refused at once must not overtake what waits for a broker.
    hurried = replace(shop, workload=replace(shop.workload, phases=(replace(shop.workload.phases[0], every_us=0),)))
    report = run(replace(scenario, applications=(replace(hurried, producer={"batch.size": "0"}),)))

    assert report.counts.acknowledged == 11
    assert broken(report) == set()


# -- its process -------------------------------------------------------------------------------------------------------


def test_each_life_begins_knowing_nobody_and_what_died_with_one_is_written_once() -> None:
    report = run(load("gateway_dies_in_mid_stream"))

    assert [one.life for one in events(report, GatewayStarted)] == [1, 2, 3]
    assert [one.how for one in events(report, GatewayEnded)] == ["killed", "killed"]
    assert (report.counts.acknowledged, report.counts.read) == (60, 60)


def test_with_acks_0_what_the_gateway_had_in_its_hands_is_gone() -> None:
    for seed in SEEDS:
        report = run(load("gateway_dies_in_mid_stream"), seed, properties={"acks": "0"})

        assert "lost" in broken(report)
        assert broken(report) <= {"lost"}


@pytest.mark.parametrize("verb", ["crash", "stop"])
def test_nobody_begins_it_again_but_a_fault_or_whoever_looks_after_the_cluster(verb: str) -> None:
    report = run(struck("gateway_dies_in_mid_stream", f"after RecordAcknowledged#10: {verb} gateway"))

    ended, began = events(report, GatewayEnded)[0], events(report, GatewayStarted)[1]
    assert ended.how == {"crash": "killed", "stop": "stopped"}[verb]
    assert 15_000_000 <= began.at_us - ended.at_us <= 17_000_000
    assert broken(report) == set()
    assert report.counts.acknowledged == 60


@pytest.mark.parametrize(
    "line",
    [
        "after RecordAcknowledged#10: pause gateway",
        "after RecordAcknowledged#10: cut gateway <-> *",
        "after RecordAcknowledged#10: reject shop <-> gateway",
        "after RecordAcknowledged#10: reset gateway <-> *",
        "after RecordAcknowledged#10: hold gateway -> b1",
        "after RecordAcknowledged#10: crash leader(orders-0)",
        "after RecordAcknowledged#10: drop Produce orders-0 x1 by leader(orders-0) then reset",
    ],
)
def test_whatever_strikes_its_host_or_its_links_is_survived(line: str) -> None:
    report = run(struck("gateway_dies_in_mid_stream", line))

    assert broken(report) == set()
    assert report.counts.acknowledged == 60


VERBS = (
    "crash gateway", "restart gateway", "stop gateway", "pause gateway", "resume gateway", "cut gateway <-> *",
    "open gateway <-> *", "reset shop <-> gateway", "reject gateway <-> *", "crash leader(orders-0)", "kill shop", "restart shop",
    "pause key-service", "drop Produce orders-0 x1 by leader(orders-0) then reset",
)  # fmt: skip


def _drawn(number: int) -> tuple[str, ...]:
    chance = Stream(seed=number, name="gateway")
    lines = []
    for _ in range(1 + chance.randrange(6)):
        moment = (
            f"at {chance.randrange(5_000)}ms",
            f"after RecordSent#{1 + chance.randrange(11)} +{chance.randrange(90)}ms",
        )
        lines.append(f"{moment[chance.randrange(2)]}: {VERBS[chance.randrange(len(VERBS))]} if possible")
    return tuple(lines)


@pytest.mark.parametrize("number", range(24))
def test_drawn_faults_lose_double_and_disclose_nothing_and_the_audit_knows_of_all(number: int) -> None:
    scenario = struck("policy_at_the_gateway+on_violation=dead_letter", *_drawn(number))
    assert scenario.gateway is not None
    audited = replace(scenario, gateway=replace(scenario.gateway, audit=True))
    report = run(audited, number)

    assert broken(report) == set()
    assert report.is_settled


# -- the audit ---------------------------------------------------------------------------------------------------------


def test_the_audit_of_all_lives_is_one_chain_and_says_whose_records_passed() -> None:
    report = run(load("gateway_dies_in_mid_stream"))

    (read,) = events(report, AuditRead)
    lines = [json.loads(line) for line in read.text.splitlines()]
    assert [line["kind"] for line in lines].count("opened") == 3
    intents = [line for line in lines if line["kind"] == "intent"]
    assert {(line["principal"], line["client_id"], line["host"]) for line in intents} == {
        ("User:ANONYMOUS", "shop", "shop")
    }
    outcomes = {line["offset"] for line in lines if line["kind"] == "outcome" and line["outcome"] == "acknowledged"}
    assert len(outcomes) >= 58
    assert report.verdict("unaudited").checked >= 60


def test_a_line_that_is_missing_is_found() -> None:
    from sim.judges.guarantees import Ledger, judge_ledger

    report = run(replace(load("gateway_dies_in_mid_stream"), schedule=()))
    kept = [
        one._replace(text=b"\n".join(one.text.split(b"\n")[:-2]) + b"\n") if isinstance(one, AuditRead) else one
        for one in report.trace
    ]

    (unaudited,) = [one for one in judge_ledger(Ledger(kept)) if one.guarantee == "unaudited"]
    assert [finding.what for finding in unaudited.findings] == [
        "acknowledged at offset 59, and gateway's audit has no line about it"
    ]


# -- words, and the same run again -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HELD)
def test_the_same_seed_gives_the_same_run_in_any_process(name: str) -> None:
    line = f"from sim.stories.runner import run; from sim.stories.scenario import load; print(run(load({name!r}), 3).digest)"
    digests = {
        subprocess.run(
            [sys.executable, "-c", line],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        ).stdout
        for hash_seed in ("1", "4711")
    }

    assert digests == {f"{run(load(name), 3).digest}\n"}


def test_faults_of_a_gateway_survive_a_witness_and_the_story_s_fingerprint_says_what_it_enforces() -> None:
    lines = [
        f"at {place}s: {verb} gateway" for place, verb in enumerate(("stop", "crash", "restart", "pause", "resume"))
    ]
    schedule = tuple(map(parse_entry, lines))
    witness = Witness(scenario="x", seed=0, properties={}, schedule=schedule, digest="", verdicts={})

    assert Witness.model_validate_json(witness.model_dump_json()).schedule == schedule
    assert [str(entry) for entry in schedule] == lines
    scenario = load("policy_at_the_gateway")
    assert scenario.gateway is not None
    audited = replace(scenario, gateway=replace(scenario.gateway, audit=True))
    assert len({fingerprint(one) for one in (scenario, audited, load("policy_at_the_gateway+through=brokers"))}) == 3


def test_every_event_of_a_gateway_is_told_in_a_sentence() -> None:
    reports = [run(load(name)) for name in HELD]
    told = {
        type(one).__name__ for report in reports for one in report.trace if type(one).__name__.startswith("Gateway")
    }

    assert told == {name for name in EVENT_TYPES if name.startswith("Gateway")} - {"GatewaySessionBroken"}
    assert all(sentence(one) for report in reports for one in report.trace if type(one).__name__ in told)


@pytest.mark.parametrize(
    "line, said",
    [
        ("at 1s: restart gateway", "gateway runs already"),
        ("at 1s: resume gateway", "gateway does not stand still"),
    ],
)
def test_what_makes_no_sense_is_refused_and_says_why(line: str, said: str) -> None:
    report = run(struck("gateway_dies_in_mid_stream", line))

    assert [one.reason for one in report.refused] == [said]


def test_a_story_without_a_gateway_knows_no_host_of_that_name() -> None:
    with pytest.raises(ValueError, match="names host 'gateway'"):
        replace(load("default_config"), schedule=(parse_entry("at 1s: cut gateway <-> *"),))


def test_words_that_cannot_be_are_named() -> None:
    scenario = load("policy_at_the_gateway")
    (shop,) = scenario.applications

    with pytest.raises(ValueError, match=r"Application.through is 'gatewy', must be 'gateway', or empty: directly"):
        replace(shop, through="gatewy")
    with pytest.raises(ValueError, match=r"Application.name is 'gateway'"):
        Application(name="gateway")
    with pytest.raises(ValueError, match=r"shop comes through a gateway, and Scenario.gateway is None"):
        replace(scenario, gateway=None)
    with pytest.raises(ValueError, match="stands there for nobody"):
        replace(scenario, applications=(replace(shop, through=""),))
    with pytest.raises(ValueError, match="neither processes"):
        Application(name="job", through="gateway", processing=Processing(topic="orders", to="made"))
    with pytest.raises(ValueError, match=r"bootstrap\.servers"):
        GatewayConfig(producer={"bootstrap.servers": "x:1"})


def test_a_policy_that_is_wrong_ends_the_run_before_it_begins() -> None:
    scenario = load("policy_at_the_gateway")

    with pytest.raises(ConfigError, match="gateway's policy: a policy:1: version: is 2, must be 1"):
        run(replace(scenario, gateway=GatewayConfig(policy={"version": 2, "topics": [{"match": "orders"}]})))
    with pytest.raises(ConfigError, match="gateway's producer has no effect: its policy makes no dead letters"):
        run(replace(scenario, gateway=GatewayConfig(producer={"acks": "1"})))


def test_without_a_key_service_nothing_that_is_to_be_hidden_passes() -> None:
    report = run(replace(load("policy_at_the_gateway"), keys=None))

    assert report.counts.acknowledged == 0
    assert broken(report) == set()
    assert "there is no key service" in events(report, GatewayRefused)[0].why
    assert KeyServiceConfig().tenants == ()


def test_who_logs_in_does_so_at_the_broker_and_the_gateway_knows_who_it_is() -> None:
    scenario = load("acl_revoked_in_mid_stream")
    (shop,) = scenario.applications
    through = replace(scenario, applications=(replace(shop, through="gateway"),), gateway=GatewayConfig(audit=True))
    report = run(through)

    assert broken(report) == set()
    assert 0 < report.counts.acknowledged < 40
    (read,) = events(report, AuditRead)
    principals = {json.loads(line)["principal"] for line in read.text.splitlines() if b'"intent"' in line}
    assert principals == {"User:shop"}


def test_two_listeners_have_no_one_way_through_one_gateway() -> None:
    scenario = load("acl_revoked_in_mid_stream")
    (shop,) = scenario.applications
    till = Application(name="till", through="gateway")
    through = replace(scenario, applications=(replace(shop, through="gateway"), till), gateway=GatewayConfig())

    with pytest.raises(ConfigError, match="shop and till come through one gateway by two listeners"):
        run(through)


def test_transactions_pass_through_the_gateway_whole() -> None:
    scenario = load("transaction_is_not_torn")
    cast = tuple(replace(one, through="gateway") for one in scenario.cast)
    whole = replace(scenario, applications=cast, gateway=GatewayConfig(audit=True))
    report = run(whole)

    assert broken(report) == broken(run(scenario))
    assert report.counts.acknowledged == run(scenario).counts.acknowledged
