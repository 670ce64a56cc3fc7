"""Where room is short: what fits is not cut, and what does not fit goes on in the next line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from sim.tui.app import AcklabApp
from sim.tui.lines import Line, Span, Tone, laid, text_of, width_of
from sim.tui.panels.verdicts import first_finding, verdict_rows
from sim.tui.session import Watched
from sim.tui.widgets.verdict_list import VerdictList
from tests.tui.runs import LOST, drawn, frame, press, run_of, use

STORIES = [LOST, "default_config", "zombie_application", "unclean_election_takes_back_what_was_read"]
WIDTHS = [60, 72, 80, 100, 120, 160]
spans = st.builds(Span, st.text("ab ", min_size=1, max_size=30), st.sampled_from(Tone))
lines = st.lists(spans, min_size=1, max_size=5).map(tuple)


def words(text: str) -> str:
    """The text, however it is laid out."""
    return " ".join(text.split())


def letters(one: Line) -> list[tuple[str, Tone]]:
    return [(letter, span.tone) for span in one for letter in span.text if letter != " "]


async def seen_while_walking_down(app: AcklabApp, pilot: Pilot[None], watched: Watched) -> list[str]:
    """Every line of the list of verdicts as it is drawn, from the first to the last."""
    listed = app.screen.query_one(VerdictList)
    seen: dict[int, str] = {}
    for row in (*range(0, listed.count, 4), listed.count - 1):
        listed.point_at(row)
        await drawn(pilot)
        shown, region = frame(app).splitlines(), listed.region
        for y in range(region.height):
            text = shown[region.y + y][region.x : region.x + listed.room].rstrip()
            seen[y + int(listed.scroll_offset.y)] = text
    return [text for _, text in sorted(seen.items())]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("story", STORIES)
def test_everything_that_was_judged_is_told_whole_at_every_width(story: str, width: int) -> None:
    watched = run_of(story)

    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[str]:
        listed = app.screen.query_one(VerdictList)
        assert all(width_of(row.line) <= listed.room for row in listed.rows)
        return await seen_while_walking_down(app, pilot, watched)

    shown = use(watched, act, size=(width, 30))

    first = first_finding(watched.verdicts)
    whole = verdict_rows(watched, unfolded=() if first is None else {first}, width=10_000, has_question=False)
    assert "…" not in "".join(shown)
    told = words(" ".join(shown))
    for row in whole:
        assert words(text_of(row.line)) in told


@pytest.mark.parametrize("width", [72, 80, 100, 120, 160])
def test_a_promise_that_fits_has_one_line(width: int) -> None:
    watched = run_of(LOST)

    whole = verdict_rows(watched, unfolded=(), width=10_000)
    rows = verdict_rows(watched, unfolded=(), width=width)

    fitting = [row.line for row in whole if row.guarantee and width_of(row.line) <= width]
    assert fitting
    assert [row.line for row in rows if row.line in fitting] == fitting


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("keys", [[], ["tab"]])
def test_what_stands_above_a_list_is_not_cut(width: int, keys: list[str]) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        await press(pilot, *keys)
        return frame(app)

    heading = next(row for row in use(run_of(LOST), act, size=(width, 30)).splitlines() if row[:8] in HEADINGS)
    assert "…" not in heading
    assert "Tab" in heading or width >= 120


HEADINGS = ("VERDICTS", "EVENTS  ")


@pytest.mark.parametrize("width", [60, 80])
def test_nobody_stops_amid_a_promise_and_a_choice_stays_when_the_screen_gets_another_size(width: int) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[list[str], list[str]]:
        listed = app.screen.query_one(VerdictList)
        listed.point_at(next(row for row, one in enumerate(listed.rows) if one.guarantee == "duplicated"))
        stops, before = [], listed.rows[listed.cursor].guarantee
        for _ in range(4):
            await press(pilot, "down")
            stops.append(listed.rows[listed.cursor].guarantee)
        await press(pilot, *["up"] * 4)
        await pilot.resize_terminal(width + 47, 30)
        await drawn(pilot)
        return stops, [before, listed.rows[listed.cursor].guarantee]

    stops, same = use(run_of(LOST), act, size=(width, 30))
    assert stops == ["repeated", "reordered", "key order", "phantom"]
    assert same == ["duplicated", "duplicated"]


@given(lines, st.integers(20, 60), st.integers(0, 13))
def test_a_line_laid_out_keeps_every_letter_and_its_tone(one: Line, width: int, indent: int) -> None:
    out = laid(one, width, indent=indent)

    assert all(width_of(part) <= width for part in out)
    assert [pair for part in out for pair in letters(part)] == letters(one)
    assert all(text_of(part).startswith(" " * indent) for part in out[1:])
