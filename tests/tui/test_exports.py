"""What leaves the screen is what stood on it; a page holds every moment, and nothing that a record says gets out of its text."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from textual.pilot import Pilot

from sim.judges.report import chain
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.stories.workload import KeyValue
from sim.trace.trace import Trace
from sim.tui.app import AcklabApp
from sim.tui.exports import scrubber
from sim.tui.exports.files import EXPORTS, UnknownEndingError, content_of, export_of, write
from sim.tui.exports.frame import frame_of, frame_svg, frame_text
from sim.tui.exports.page import opened_at, page_of
from sim.tui.exports.scrubber import PANELS, scrubber_of, window
from sim.tui.headless import frame_unseen
from sim.tui.lines import text_of
from sim.tui.panels.events import event_text, matching
from sim.tui.screens.export import ExportScreen
from sim.tui.session import Watched, of_file, of_report, of_scenario
from tests.tui.noting import said
from tests.tui.runs import LOST, STORIES, drawn, frame, press, run_of, use

TELLING = (*STORIES, "late_produce_after_abort", "acl_revoked_in_mid_stream", "field_removed_breaks_consumer")
"""With transactions, with rules, with records that are objects."""


class Elements(HTMLParser):
    """What a browser makes of a page: its elements, and the text of scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "script":
            self.scripts[-1] += data
        else:
            self.text += data


def data_of(page: str) -> dict[str, Any]:
    """What the page's script reads."""
    found: dict[str, Any] = json.loads(Elements(page).scripts[0])
    return found


def film_lines(watched: Watched, index: int) -> dict[str, list[str]]:
    """What the panels show after an event, folded by the film."""
    state = watched.film.state_at(index)
    return {title: [text_of(one).rstrip() for one in shows(watched, index, state)] for title, shows in PANELS}


def without_empty(lines: list[str]) -> list[str]:
    while lines and not lines[-1]:
        lines = lines[:-1]
    return lines


def hostile(*values: bytes) -> Watched:
    records = tuple(KeyValue(value, value) for value in values)
    scenario = load(LOST)
    return of_report(run(scenario, records=records), source=LOST, scenario=scenario, records=records)


# -- the states of a page ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TELLING)
def test_a_file_holds_the_states_of_the_film(name: str) -> None:
    watched = run_of(name)
    held = scrubber_of(watched, range(len(watched.events)))
    titles = [panel.title for panel in held.panels]

    for index in range(0, len(watched.events), 7):
        shown = {title: without_empty(lines) for title, lines in film_lines(watched, index).items()}
        for place, title in enumerate(titles):
            if title in shown:
                assert [text_of(one) for one in held.shown(place, index)] == shown.pop(title), (index, title)
        assert not any(shown.values())


def test_a_panel_that_shows_nothing_in_a_run_is_left_out() -> None:
    watched = run_of(LOST)

    assert [one.title for one in scrubber_of(watched, range(len(watched.events))).panels] == ["Cluster", "Producer"]


@pytest.mark.skipif(shutil.which("node") is None, reason="runs the page's own script")
@pytest.mark.parametrize("name", [LOST, "late_produce_after_abort"])
def test_the_script_of_a_page_finds_the_states_of_the_film(name: str, tmp_path: Path) -> None:
    watched = run_of(name)
    script = Elements(page_of(watched)).scripts
    asks = """
      const data = JSON.parse(require("fs").readFileSync(process.argv[2], "utf8")), found = [];
      for (let event = 0; event < data.total; event += 5)
        found.push(data.panels.map((panel, place) => [panel.title, acklab.text(data, place, event)]));
      console.log(JSON.stringify({found, matching: acklab.matching(data, "Batch b1"),
        faults: [acklab.next(data.faults, -1, 1), acklab.next(data.faults, data.total, -1), acklab.next([], 3, 1) ?? null]}));
    """
    (tmp_path / "data.json").write_text(script[0], encoding="utf-8")
    (tmp_path / "page.js").write_text(script[1] + asks, encoding="utf-8")
    done = subprocess.run(
        ["node", str(tmp_path / "page.js"), str(tmp_path / "data.json")], capture_output=True, text=True, check=True
    )

    told = json.loads(done.stdout)
    for index, panels in zip(range(0, len(watched.events), 5), told["found"], strict=True):
        shown = film_lines(watched, index)
        assert {title: lines for title, lines in panels if title in shown} == {
            title: without_empty(shown[title]) for title, _ in panels if title in shown
        }
    assert told["matching"] == matching(watched, "Batch b1")
    assert told["faults"] == [
        *([watched.marks.faults[0], watched.marks.faults[-1]] if watched.marks.faults else [None, None]),
        None,
    ]


def test_a_page_tells_each_event_as_the_screen_does() -> None:
    watched = run_of(LOST)
    data = data_of(page_of(watched))

    def told(index: int) -> str:
        flat = data["lines"][data["told"][index]]
        return "".join(data["texts"][flat[place]] for place in range(3, len(flat), 2))

    assert all(
        f"{data['kindNames'][data['kinds'][index]]} {told(index)}" == event_text(watched, index)
        for index in range(len(watched.events))
    )


# -- the page ----------------------------------------------------------------------------------------------------------


def test_the_same_run_gives_the_same_bytes() -> None:
    assert page_of(run_of(LOST)) == page_of(of_scenario(LOST))
    assert page_of(run_of(LOST)) != page_of(of_scenario(LOST, seed=1))


def test_a_page_opens_where_the_first_promise_broke() -> None:
    watched = run_of(LOST)

    assert data_of(page_of(watched))["at"] == opened_at(watched) == watched.marks.violations[0]
    assert data_of(page_of(watched, index=3))["at"] == 3
    held = run_of("default_config_survives_leader_moves")
    assert opened_at(held) == held.film.first_of_story


def test_every_step_of_a_verdict_leads_to_its_event() -> None:
    watched = run_of(LOST)
    elements = Elements(page_of(watched))
    led = {int(one["data-event"] or "") for tag, one in elements.tags if tag == "button" and "data-event" in one}

    findings = [one for verdict in watched.verdicts for one in verdict.findings]
    assert led == {number for one in findings for number, _ in chain(watched.events, one.moments)}
    assert sum(tag == "details" for tag, _ in elements.tags) == len(watched.verdicts[0].findings) == 15


def test_a_page_says_how_the_run_is_had_again() -> None:
    assert f"acklab run {LOST} --seed 0" in page_of(run_of(LOST))
    own = replace(run_of(LOST), records=(KeyValue(b"k", b"v"),))
    page = page_of(own)
    assert "acklab run" not in page
    assert f"acklab replay {LOST}-" in page
    assert "no command runs it again" in page_of(replace(run_of(LOST), scenario=None))


def test_the_witness_in_a_page_is_the_runs() -> None:
    watched = run_of(LOST)
    (link,) = [one for tag, one in Elements(page_of(watched)).tags if tag == "a"]
    from base64 import b64decode

    written = b64decode((link["href"] or "").partition("base64,")[2])
    assert json.loads(written)["digest"] == watched.digest


def test_a_page_loads_nothing() -> None:
    elements = Elements(page_of(run_of(LOST)))

    outside = [one for tag, one in elements.tags if tag in {"link", "img", "iframe", "object", "base"} or "src" in one]
    assert outside == []
    assert "default-src 'none'" in page_of(run_of(LOST))


def test_every_control_of_a_page_has_a_name() -> None:
    page = page_of(run_of(LOST))
    for tag, one in Elements(page).tags:
        if tag == "input":
            labelled = "aria-label" in one or f'<label>Words that an event holds <input id="{one["id"]}"' in page
            assert labelled, one
    assert not re.search(r"<button[^>]*></button>", page)
    assert '<html lang="en">' in page


def test_the_colours_of_a_page_stand_out_from_their_ground() -> None:
    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(one: str, other: str) -> float:
        dark, bright = sorted((light(one), light(other)))
        return (bright + 0.05) / (dark + 0.05)

    looks = page_of(run_of(LOST)).split(":root {")[1:]
    assert len(looks) == 3
    for look in looks:
        grounds = re.findall(r"--(?:ground|raised): (#[0-9a-f]{6})", look)
        inks = re.findall(r"\.t-[a-z]+ \{ color: (#[0-9a-f]{6})(?!; background)", look)
        inks += re.findall(r"--(?:ink|dim|link|unsure): (#[0-9a-f]{6})", look)
        assert len(grounds) == 2
        assert len(inks) > 10
        assert [(ink, ground) for ink in inks for ground in grounds if contrast(ink, ground) < 4.5] == []


@pytest.mark.parametrize(
    "value",
    [
        b"</script><script>alert(1)</script>",
        b"<!--<script>",
        b"a\x00b\x1b[31m\x07",
        b"\xed\xa0\x80 and \xff\xfe",
        "\u202egnirts\u2028\u2029\ufeff".encode(),
        b"\"'><img src=x onerror=alert(1)>&amp;",
        b"]]>${7*7}`",
    ],
)
def test_a_record_stays_text(value: bytes) -> None:
    watched = hostile(value, b"plain")
    page = page_of(watched)
    elements = Elements(page)

    assert [tag for tag, _ in elements.tags].count("script") == 2
    assert not [tag for tag, _ in elements.tags if tag == "img"]
    assert not any(name.startswith("on") for _, one in elements.tags for name in one)
    assert page.encode("utf-8").decode("utf-8") == page
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\ud800-\udfff]", page)
    assert data_of(page)["total"] == len(watched.events)


def test_a_long_run_says_which_part_its_page_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrubber, "EVENTS_MAX", 50)
    watched = run_of(LOST)
    data = data_of(page_of(watched, index=131))

    assert (data["first"], len(data["told"]), data["total"]) == (106, 50, 228)
    assert "This page holds events 106 to 155 of 228" in page_of(watched, index=131)
    # A step of a verdict that is not there leads nowhere, and is told all the same.
    led = [one for tag, one in Elements(page_of(watched, index=131)).tags if "data-event" in one]
    assert {int(one["data-event"] or "") for one in led} <= set(range(106, 156))
    assert "b1 cuts its log" in page_of(watched, index=131)


@pytest.mark.parametrize(("total", "index", "held"), [(10, 4, (0, 10)), (50_000, 0, (0, 20_000)), (50_000, 49_999, (30_000, 50_000)), (50_000, 25_000, (15_000, 35_000))])  # fmt: skip
def test_the_window_of_a_long_run_is_around_its_moment(total: int, index: int, held: tuple[int, int]) -> None:
    found = window(total, index)

    assert (found.start, found.stop) == held
    assert index in found


# -- frames and files --------------------------------------------------------------------------------------------------


def test_a_frame_as_text_is_what_stands_there() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, str]:
        return frame(app), frame_text(frame_of(app.screen))

    shown, text = use(run_of(LOST), act)
    assert text == shown


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
def test_a_frame_as_a_picture_has_each_word_in_its_cell(size: tuple[int, int]) -> None:
    shown = frame_unseen(run_of(LOST), index=131, view="", size=size)
    root = ET.fromstring(frame_svg(shown, title="<b>"))
    texts = list(root.iter("{http://www.w3.org/2000/svg}text"))

    rows: dict[str, list[str]] = {}
    for one in texts:
        column = round((float(one.get("x", "0")) - 8) / 8.4)
        row = rows.setdefault(one.get("y", ""), [" "] * size[0])
        row[column : column + len(one.text or "")] = one.text or ""
    drawn_rows = ["".join(row).rstrip() for row in rows.values()]
    assert drawn_rows == [row for row in frame_text(shown).splitlines() if row]


def test_the_frame_of_a_moment_needs_no_terminal() -> None:
    shown = frame_text(frame_unseen(run_of(LOST), index=131, view="governance", size=(100, 30)))

    assert "#131 of 227" in shown
    assert "governance" in shown


def test_a_trace_that_is_written_is_read_again() -> None:
    watched = run_of(LOST)
    text = content_of(export_of("x.jsonl"), watched, index=0, frame=(), beside=Path("x.jsonl"))
    import io

    header, trace = Trace.read(io.StringIO(text))

    assert trace.events == watched.events
    assert (header.scenario, trace.begun_us) == (LOST, watched.begun_us)
    assert trace.digest() == watched.digest == header.witness["digest"]


def test_an_ending_that_says_nothing_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownEndingError, match=re.escape("'x.png' must end in one of .html, .jsonl, .svg, .txt")):
        export_of("x.png")


def test_a_file_that_is_something_else_is_kept(tmp_path: Path) -> None:
    assert write("one", tmp_path / "a.txt") == tmp_path / "a.txt"
    assert write("one", tmp_path / "a.txt") == tmp_path / "a.txt"
    assert write("two", tmp_path / "a.txt") == tmp_path / "a-2.txt"
    assert (tmp_path / "a.txt").read_text() == "one"


@pytest.mark.parametrize("place", range(len(EXPORTS)))
def test_a_key_writes_the_file_that_is_chosen(place: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, list[str]]:
        before = frame(app)
        await press(pilot, "x")
        assert isinstance(app.screen, ExportScreen)
        await press(pilot, *["down"] * place, "enter")
        await drawn(pilot)
        return before, said(app).splitlines()

    watched = run_of(LOST)
    before, told = use(watched, act)
    (written,) = tmp_path.iterdir()
    assert written.suffix == EXPORTS[place].ending
    assert told == [f"{written.name} was written into this folder"]
    content = written.read_text(encoding="utf-8")
    if written.suffix == ".txt":
        assert content == before
    if written.suffix == ".html":
        assert data_of(content)["at"] == watched.film.first_of_story
    if written.suffix == ".jsonl":
        assert of_file(written).digest == watched.digest


def test_a_folder_that_takes_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    watched = run_of(LOST)
    # A folder of that name: nobody, not even root, writes a file there.
    Path(f"{watched.name}-{watched.digest[:8]}.html").mkdir()

    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[str]:
        await press(pilot, "x", "enter")
        await drawn(pilot)
        return said(app).splitlines()

    (told,) = use(watched, act)
    assert told.startswith("nothing was written: ")
    assert "cannot be written" in told
