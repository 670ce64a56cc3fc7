"""What the story of an audit tells beyond its verdict: which record is missing, what lies at the file's end, and the remedy in both polarities."""

import json
from dataclasses import replace

import pytest

from producer.governance.audit.verify import verify
from sim.faults.schedule import parse_entry
from sim.judges.report import Report
from sim.stories.auditing import Audit
from sim.stories.runner import run
from sim.stories.scenario import InvalidScenarioError, load
from sim.trace.events import AuditOpened, AuditRead, RecordSerialized

SEEDS = range(8)
AGAIN = parse_entry("after ApplicationKilled#1 +1s: restart shop")


def kept(report: Report) -> bytes:
    (read,) = (one for one in report.trace if isinstance(one, AuditRead))
    return read.text


@pytest.mark.parametrize("seed", SEEDS)
def test_a_record_is_missing_though_the_chain_is_whole(seed: int) -> None:
    report = run(load("audit_gap_is_found"), seed)

    assert {one.guarantee for one in report.violated} == {"unaudited"}
    seen = verify(kept(report))
    assert (seen.breach, seen.without_outcome) == (None, ())
    assert seen.torn_bytes > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_with_intents_none_is_missing_and_what_is_unknown_is_said(seed: int) -> None:
    report = run(load("audit_gap_is_found+write_ahead=1"), seed)

    assert report.exit_code == 0
    assert ("shop", 20) in verify(kept(report)).without_outcome


@pytest.mark.parametrize("seed", SEEDS)
def test_the_next_life_goes_on_with_the_chain(seed: int) -> None:
    report = run(load("audit_gap_is_found+write_ahead=1"), seed, faults=[AGAIN])

    assert report.exit_code == 0
    assert report.counts.acknowledged == report.counts.sent
    _, second = (one for one in report.trace if isinstance(one, AuditOpened))
    assert second.without_outcome >= 1
    assert verify(kept(report)).breach is None


def test_an_intent_names_subject_and_version_of_what_was_deployed_and_nothing_where_no_schema_is() -> None:
    scenario = load("field_removed_breaks_consumer")
    (shop,) = scenario.applications
    report = run(replace(scenario, applications=(replace(shop, audit=Audit()),)))

    told = {
        (one.client, one.record): (one.schema_key, one.subject, one.version)
        for one in report.trace
        if isinstance(one, RecordSerialized)
    }
    assert {version for _, _, version in told.values()} == {1, 2}
    assert schemas_told(report) == told
    assert set(schemas_told(run(load("audit_gap_is_found+write_ahead=1"))).values()) == {(None, None, None)}


def schemas_told(report: Report) -> dict[tuple[str, int], tuple[str | None, str | None, int | None]]:
    lines = [json.loads(line) for line in kept(report).splitlines() if b'"intent"' in line]
    return {
        (line["client_id"], line["record"]): (line["schema"], line["subject"], line["schema_version"]) for line in lines
    }


def test_write_ahead_is_refused_where_nobody_is_audited() -> None:
    with pytest.raises(InvalidScenarioError, match="nobody is audited"):
        load("default_config+write_ahead=1")
