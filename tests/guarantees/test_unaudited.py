"""Unaudited: every lie that an audit may tell is found, and what is honest passes, whatever kills its process."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import pytest

from producer.governance.audit.chain import BEGIN, seal, unsealed
from producer.governance.audit.lines import INTENT, OUTCOME
from sim.faults.schedule import parse_entry
from sim.judges.guarantees import GUARANTEES, Ledger
from sim.judges.report import Report
from sim.judges.verdict import State, Verdict
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import ApplicationKilled, AuditOpened, AuditRead, RecordAcknowledged

AHEAD = "audit_gap_is_found+write_ahead=1"
Lines = list[dict[str, Any]]


@cache
def honest() -> Report:
    """An application that is audited by intents, killed amid its records."""
    return run(load(AHEAD))


def sealed(lines: Lines) -> bytes:
    """A chain of these lines, whole whatever they say."""
    text, head = b"", BEGIN
    for fields in lines:
        line, head = seal(fields, head)
        text += line
    return text


def said(text: bytes) -> Lines:
    found = [unsealed(line) for line in text.split(b"\n")[:-1]]
    return [one.fields for one in found if one is not None]


def judged(change: Callable[[bytes], bytes]) -> Verdict:
    """The verdict if this lay on the audit's disk."""
    return judged_in(honest().trace.events, change)


def judged_in(events: Iterable[Any], change: Callable[[bytes], bytes]) -> Verdict:
    """The verdict on a run if its audits were other ones."""
    changed = [one._replace(text=change(one.text)) if isinstance(one, AuditRead) else one for one in events]
    return GUARANTEES["unaudited"].judge(Ledger(changed))


def relined(change: Callable[[Lines], object]) -> Verdict:
    """The same, if its writer had told something else, in a chain that is whole."""

    def changed(text: bytes) -> bytes:
        lines = said(text)
        change(lines)
        return sealed(lines)

    return judged(changed)


def place(lines: Lines, kind: str, record: int) -> int:
    return next(at for at, one in enumerate(lines) if (one["kind"], one.get("record")) == (kind, record))


def records(verdict: Verdict) -> list[int]:
    return [one.record for one in verdict.findings]


def test_an_intent_before_each_record_leaves_no_gap() -> None:
    assert honest().verdict("unaudited").state is State.HOLDS
    assert judged(lambda text: text).state is State.HOLDS
    assert relined(lambda _lines: None).state is State.HOLDS


def test_behind_the_answer_the_record_of_the_kill_is_missing_alone() -> None:
    report = run(load("audit_gap_is_found"))

    last = [one.record for one in report.trace if isinstance(one, RecordAcknowledged)][-1]
    assert records(report.verdict("unaudited")) == [last]
    assert [one.event_of("killed") > 0 for one in report.verdict("unaudited").findings] == [True]


def test_what_no_line_tells_is_found() -> None:
    def forget(lines: Lines) -> None:
        lines[:] = [one for one in lines if one.get("record") != 3]

    assert records(relined(forget)) == [3]


def test_another_offset_is_found() -> None:
    def lie(lines: Lines) -> None:
        lines[place(lines, OUTCOME, 3)]["offset"] = 99

    verdict = relined(lie)
    assert records(verdict) == [3]
    assert "offset 99" in verdict.findings[0].what


def test_another_outcome_is_found() -> None:
    def lie(lines: Lines) -> None:
        lines[place(lines, OUTCOME, 3)].update(outcome="failed", partition=None, offset=None)

    assert records(relined(lie)) == [3]


@pytest.mark.parametrize("kind", [INTENT, OUTCOME])
def test_a_line_of_a_record_that_nobody_sent_is_found(kind: str) -> None:
    def invent(lines: Lines) -> None:
        lines.append({**lines[place(lines, kind, 3)], "record": 3, "client_id": "nobody"})

    verdict = relined(invent)
    assert [one.client for one in verdict.findings] == [""]
    assert "record 3 of nobody, which nobody sent" in verdict.findings[0].what


def test_an_outcome_that_is_told_twice_is_found() -> None:
    assert records(relined(lambda lines: lines.append(lines[place(lines, OUTCOME, 3)]))) == [3]


def test_an_outcome_that_the_application_was_never_told_is_found() -> None:
    report = run(load(AHEAD), faults=[parse_entry("after RecordSent#18: kill shop")])
    ledger = Ledger(report.trace.events)
    (untold, *_) = [record.number for record in ledger.history.sent if record not in ledger.history.told]
    lie = {
        "kind": OUTCOME,
        "client_id": "shop",
        "record": untold,
        "outcome": "acknowledged",
        "partition": 0,
        "offset": 5,
    }

    verdict = judged_in(report.trace.events, lambda text: sealed([*said(text), lie]))

    assert records(verdict) == [untold]
    assert "was told none" in verdict.findings[0].what


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b'"topic":"orders"', b'"topic":"others"', 1),
        lambda text: b"".join(text.splitlines(keepends=True)[1:]),
        lambda text: text.splitlines(keepends=True)[0] + text,
    ],
    ids=["changed", "removed", "inserted"],
)
def test_a_broken_chain_is_found(change: Callable[[bytes], bytes]) -> None:
    verdict = judged(change)

    assert verdict.state is State.VIOLATED
    assert verdict.findings[0].what.split(":")[0] in {"changed", "removed", "inserted"}


def test_a_missing_outcome_is_honest_only_where_the_process_was_killed() -> None:
    def forget(lines: Lines) -> None:
        del lines[place(lines, OUTCOME, 3)]

    def forgotten(text: bytes) -> bytes:
        lines = said(text)
        forget(lines)
        return sealed(lines)

    events = honest().trace.events
    assert judged_in(events, forgotten).state is State.HOLDS
    assert 3 in records(judged_in([one for one in events if not isinstance(one, ApplicationKilled)], forgotten))


def test_an_audit_that_nobody_read_back_says_nothing() -> None:
    events = [one for one in honest().trace.events if not isinstance(one, AuditRead)]

    verdict = GUARANTEES["unaudited"].judge(Ledger(events))

    # Without its lines the records have none; without records there is nothing to be said.
    assert verdict.state is not State.HOLDS


def test_whoever_is_not_audited_is_not_judged() -> None:
    assert "unaudited" not in {one.guarantee for one in run(load("default_config")).verdicts}


def test_the_next_life_goes_on_behind_what_was_torn_and_says_so() -> None:
    report = run(load("audit_gap_is_found"), faults=[parse_entry("after ApplicationKilled#1 +1s: restart shop")])

    first, second = (one for one in report.trace if isinstance(one, AuditOpened))
    assert (first.lines, first.torn_bytes) == (0, 0)
    assert second.torn_bytes > 0
    (read,) = (one for one in report.trace if isinstance(one, AuditRead))
    opened = [one for one in said(read.text) if one["kind"] == "opened"]
    assert [one["torn_bytes"] for one in opened] == [0, second.torn_bytes]


def test_a_life_that_replaces_a_living_one_has_an_audit_of_its_own() -> None:
    report = run(load(AHEAD), faults=[parse_entry("after RecordAcknowledged#16: replace shop")])

    assert [one.audit for one in report.trace if isinstance(one, AuditRead)] == ["shop", "shop.2"]
    assert report.verdict("unaudited").state is State.HOLDS
