"""Report, JSON and screen tell of promises about transactions as of the others: with counts, events and sentences, and side by side."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from sim.cli.verdicts import tell, tell_both
from sim.judges.guarantees import Ledger, judge_ledger, paired
from sim.judges.report import Report
from sim.judges.report.telling import sentence
from sim.stories.runner import run
from sim.stories.scenario import Scenario, load
from sim.trace import events
from sim.trace.events import exactly_once
from sim.trace.trace import Trace
from sim.tui.lines import Line
from sim.tui.panels.comparison import ending_lines
from sim.tui.panels.verdicts import verdict_rows
from sim.tui.session import Watched
from tests.guarantees.transactional import TransactionalTrace

TORN = "1 of 2 records of transaction 1 of producer-1 count, and this one is aborted at offset 1, at orders-1 offset 0"


def torn() -> TransactionalTrace:
    """One transaction of one application, committed in one partition and aborted in the other; nobody reads."""
    trace = TransactionalTrace().begin(1).put(1, at=0).put(2, at=0, partition=1).ask(1)
    return trace.mark(at=1).mark(at=1, is_commit=False, partition=1).tell(1, "committed").end()


@cache
def plain() -> tuple[Report, Scenario]:
    scenario = load("lost_ack_duplicate")
    return run(scenario), scenario


def report(trace: TransactionalTrace | None = None) -> tuple[Report, Scenario]:
    """A written trace in a report's clothes."""
    before, scenario = plain()
    written = Trace()
    written.events += (trace or torn()).events
    return replace(before, verdicts=judge_ledger(Ledger(written.events)), trace=written), scenario


def watched(one: Report) -> Watched:
    return Watched(one.scenario, "", one.seed, {}, (), one.trace.events, one.trace.begun_us, one.verdicts, one.digest)


def text(lines: list[Line]) -> list[str]:
    return ["".join(span.text for span in one) for one in lines]


def test_a_torn_transaction_is_told_with_its_events(capsys: pytest.CaptureFixture[str]) -> None:
    one, scenario = report()

    tell(one, scenario, again="again")

    told = " ".join(capsys.readouterr().out.split())
    assert "✗ torn VIOLATED by 1 of 1 transactions: a transaction counts as a whole or not at all" in told
    assert f"Record 2: {TORN}." in told
    assert "b1 commits what producer 7 wrote to orders-0, at offset 1" in told
    assert "b1 aborts what producer 7 wrote to orders-1, at offset 1" in told
    assert "the application asks for transaction 1 to be committed" in told
    assert "the application is told that transaction 1 is committed" in told


def test_programs_read_it_like_any_other() -> None:
    one, _ = report()

    (verdict,) = [verdict for verdict in one.as_json()["verdicts"] if verdict["guarantee"] == "torn"]

    assert (verdict["state"], verdict["checked"]) == ("violated", 1)
    assert verdict["findings"][0]["what"] == TORN
    assert {"commit marker", "abort marker"} <= {moment["role"] for moment in verdict["findings"][0]["moments"]}


def test_the_screen_lists_it_first_and_unfolds_its_events() -> None:
    one, _ = report()

    rows = text([row.line for row in verdict_rows(watched(one), unfolded=[("torn", 0)])])

    assert rows[0].startswith("✗ torn       1 of 1; promised: a transaction counts as a whole")
    assert any("b1 aborts what producer 7 wrote to orders-1, at offset 1" in row for row in rows)


def test_names_that_are_longer_than_others_move_all_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    trace = torn()
    trace.events.pop()
    trace.isolate().read(1, at=0).read(2, at=0, partition=1).end()
    longer, scenario = report(trace)

    tell(longer, scenario, again="again")
    rows = text([row.line for row in verdict_rows(watched(longer), unfolded=[])])

    lines = capsys.readouterr().out.splitlines()
    assert [line.index("VIOLATED") for line in lines if "VIOLATED" in line] == [15, 15]
    assert {row.index("1 of") for row in rows if "1 of" in row and "promised" in row} == {15}


def test_two_runs_are_set_side_by_side_promise_by_promise(capsys: pytest.CaptureFixture[str]) -> None:
    (one, scenario), (other, _) = report(), plain()

    tell_both(one, other, scenario, again="again")
    lines = text(ending_lines(watched(one), watched(other), width=100))

    assert [first is not None and second is not None for first, second in paired(one.verdicts, other.verdicts)] == [
        *[True] * len(other.verdicts),
        False,
    ]
    (row,) = [row for row in capsys.readouterr().out.splitlines() if row.startswith("torn")]
    assert row.split("  ")[-1].strip() == "not asked"
    assert any("✗ torn       1 of 1" in row for row in lines)


@pytest.mark.parametrize("event", [name for name in vars(exactly_once) if name in events.__all__])
def test_every_event_of_an_application_s_transactions_has_a_sentence(event: str) -> None:
    kind = getattr(events, event)
    words = {"client": "billing", "outcome": "committed", "positions": (("orders", 0, 3),), "code": 0}

    told = sentence(kind(*[words.get(name, 1) for name in kind._fields]))

    assert told != event
    assert told.startswith("billing ")
