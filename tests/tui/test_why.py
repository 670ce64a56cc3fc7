"""Why: asked by event, record or promise, on the screen and as text; one cause further back with each press."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from sim.tui.app import AcklabApp
from sim.tui.lines import text_of
from sim.tui.panels.why import FORMAT, why_rows
from sim.tui.questions import QuestionError, question_at, question_of
from sim.tui.widgets.event_list import EventList
from sim.tui.widgets.verdict_list import VerdictList
from sim.tui.widgets.why_list import WhyList
from tests.cli.command import Told, run_here
from tests.tui.runs import LOST, event_of, frame, press, run_of, use
from tests.tui.test_app import check_golden, on_top

Acklab = Callable[..., Told]
SIZES = [(80, 24), (100, 30), (120, 40), (160, 48)]


@pytest.fixture
def acklab(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Acklab:
    """Run `acklab WORDS` in this process."""
    return lambda *words: run_here(capsys, monkeypatch, *words)


# -- what may be asked -------------------------------------------------------------------------------------------------


def test_an_event_a_record_and_a_promise_may_be_asked_about() -> None:
    watched = run_of(LOST)
    cut = event_of(watched, "LogTruncated")

    assert question_of(watched, "#131") == question_of(watched, "131") == question_at(watched, 131)
    assert question_of(watched, "lost").event == question_of(watched, "record 16").event == cut
    assert question_of(watched, "record 1").event == event_of(watched, "RecordAcknowledged", 1)


def test_a_lost_record_is_explained_with_its_own_batch() -> None:
    watched = run_of(LOST)
    question = question_of(watched, "record 21 of producer-1")

    assert question.finding is not None
    assert question.finding.name == "record 21"
    assert event_of(watched, "RecordSent", 21) in {step.event for step in question.steps(watched)}


@pytest.mark.parametrize(
    "text, said",
    [
        ("#999", "#999 is behind the end: the events are #0..#227"),
        ("record 99", "nobody sent record 99 in this run"),
        ("record 1 of nobody", "nobody sent record 1 of nobody"),
        ("los", "did you mean lost?"),
        ("phantom", "phantom is holds in this run"),
    ],
)
def test_what_is_not_there_is_named(text: str, said: str) -> None:
    with pytest.raises(QuestionError, match="^.*" + said.replace("?", r"\?")):
        question_of(run_of(LOST), text)


# -- as text -----------------------------------------------------------------------------------------------------------


def test_plain_tells_the_faults_in_one_sentence_and_the_way_back(acklab: Acklab) -> None:
    told = acklab("watch", LOST, "--plain", "--why", "record 16")

    first, finding, *steps = told.out.splitlines()
    assert told.status == 1
    assert first == "2 faults are behind it: pause b2,b3 (#107); crash b1 (#181)."
    assert finding == "✗ record 16: acknowledged at offset 15, and now in no log"
    assert steps[0].endswith("#195 ! b1 cuts orders-0: offsets 15-29 gone (diverging epoch)")
    assert steps[5].endswith("#181 x because fault: crash b1")
    assert steps[6].endswith("#190 ▲ and, for #195: b2 leads orders-0, epoch 1; its log ends at 15")


def test_what_no_fault_is_behind_is_told_so(acklab: Acklab) -> None:
    assert acklab("watch", LOST, "--plain", "--why", "#131").out.startswith("No fault is behind it.\n")


def test_json_tells_the_same_steps(acklab: Acklab) -> None:
    told = json.loads(acklab("watch", LOST, "--json", "--why", "lost").out)

    assert (told["format"], told["asked"], told["finding"]["name"]) == (FORMAT, 195, "record 16")
    assert [(step["event"], step["relation"]) for step in told["steps"][:3]] == [
        (195, "asked"),
        (193, "because"),
        (188, "because"),
    ]
    assert [step["told"] for step in told["steps"] if step["is_fault"]] == ["fault: crash b1", "fault: pause b2,b3"]


@pytest.mark.parametrize(
    "words, said",
    [
        (["--why", "lost"], "--why is printed: give --plain or --json with it"),
        (["--plain", "--why", "lost", "--view", "governance"], "neither --view nor --export"),
        (["--plain", "--why", "record 99"], "--why: nobody sent record 99"),
    ],
)
def test_a_question_that_cannot_be_answered_is_a_mistake_of_use(acklab: Acklab, words: list[str], said: str) -> None:
    told = acklab("watch", LOST, *words)

    assert told.status == 2
    assert said in told.err
    assert told.out == ""


@pytest.mark.parametrize("width", [30, 59, 79, 159])
def test_no_step_is_cut_at_any_width(width: int) -> None:
    watched = run_of("default_config_survives_leader_moves")
    question = question_at(watched, event_of(watched, "BatchRetried", 4))
    rows = why_rows(watched, question, question.steps(watched), width=width)

    assert max(len(text_of(row.line)) for row in rows) <= width
    assert not [row for row in rows if "…" in text_of(row.line)]


# -- on the screen -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_broken_promise_is_explained_back_to_its_fault(size: tuple[int, int]) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        await press(pilot, *["w"] * 5)
        return frame(app)

    check_golden(f"why_{size[0]}x{size[1]}.txt", use(run_of(LOST), act, size=size))


def test_each_press_goes_one_cause_further_back_and_the_state_follows() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[int]:
        places = []
        for _ in range(6):
            await press(pilot, "w")
            places.append(on_top(app).playhead.index)
        await press(pilot, "up", "down", "down")
        return [*places, on_top(app).playhead.index]

    assert use(run_of(LOST), act) == [195, 193, 188, 187, 182, 181, 190]


def test_the_last_cause_stays_and_enter_asks_anew() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[int, int, int | None]:
        await press(pilot, *["w"] * 40)
        last = on_top(app).playhead.index
        await press(pilot, "w")
        stays = on_top(app).playhead.index
        await press(pilot, "enter")
        question = app.screen.query_one(WhyList).question
        return last, stays, None if question is None else question.event

    last, stays, asked = use(run_of(LOST), act)
    assert last == stays == asked


def test_escape_ends_the_explanation_where_it_was_asked() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[int, bool, bool, type]:
        await press(pilot, "tab", "end", "left", "w", "w", "w", "escape")
        why, verdicts = app.screen.query_one(WhyList), app.screen.query_one(VerdictList)
        return on_top(app).playhead.index, why.display, verdicts.display, type(app.focused)

    assert use(run_of(LOST), act) == (226, False, True, VerdictList)


def test_of_several_lost_records_the_chosen_one_is_explained() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        # Closed, the findings stand one below the other.
        await press(pilot, "enter", "enter", "down", "down", "w")
        question = app.screen.query_one(WhyList).question
        assert question is not None
        assert question.finding is not None
        return question.finding.name

    assert use(run_of(LOST), act) == "record 18"


def test_the_events_stand_beside_or_one_tab_away() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[type]:
        kinds = []
        for key in ("w", "tab", "tab"):
            await press(pilot, key)
            kinds.append(type(app.focused))
        return kinds

    assert use(run_of(LOST), act) == [WhyList, EventList, WhyList]
