"""`acklab` without a command, as text and JSON; the searches that its screen begins; and that a learner's files stay whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.cli.desk import LocalCampaigns, desk
from sim.explore.search import Search
from sim.stories.scenario import names
from sim.stories.witness import read_witness
from sim.tui.home.desk import Asked, CampaignError, Finding, Looked
from sim.tui.home.memory import Memory
from tests.cli.command import Told

Acklab = Callable[..., Told]
BREAKS = "acks_one_leader_crash"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state of one's own, and a folder without witnesses."""
    folder = tmp_path / "state"
    monkeypatch.setenv("ACKLAB_STATE", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


class Heard:
    """Hears of a search, and stops it once something failed, if it is asked to."""

    def __init__(self, *, stops: bool = False) -> None:
        self.findings: list[Finding] = []
        self.last = Looked(0, 0, 0, 0)
        self._stops = stops

    def looked(self, so_far: Looked) -> None:
        assert so_far.looked >= self.last.looked
        self.last = so_far

    def found(self, finding: Finding) -> None:
        self.findings.append(finding)

    def is_stopped(self) -> bool:
        return self._stops and self.last.failing > 0


def test_as_text_it_names_each_story_with_its_command_and_no_ending(acklab: Acklab) -> None:
    told = acklab("--plain")

    assert told.status == 0
    assert "COURSE, " in told.out
    assert "acklab learn start acks" in told.out
    assert all(f"\n{name}\n" in told.out for name in names())
    assert "breaks: lost" not in told.out


def test_as_text_it_tells_an_ending_that_was_seen(acklab: Acklab, state: Path) -> None:
    Memory(state / "screen.json").keep_ending(BREAKS)

    assert "✗ breaks: lost" in acklab("--plain").out


def test_as_json_it_has_course_searches_witnesses_and_stories(acklab: Acklab) -> None:
    acklab("run", BREAKS, "--witness", "mine.json")
    told = json.loads(acklab("--json").out)

    assert told["format"] == "acklab-home-1"
    assert [one["name"] for one in told["stories"]] == list(names())
    assert {one["state"] for one in told["course"]} == {"not begun"}
    assert told["witnesses"][0] | {"about": "", "command": ""} == {
        "name": "mine.json",
        "about": "",
        "command": "",
        "trouble": "",
        "path": "mine.json",
        "scenario": BREAKS,
        "seed": 0,
        "broken": ["lost"],
        "planted_bug": "",
    }


def test_its_options_are_of_no_command(acklab: Acklab) -> None:
    told = acklab("--json", "list")

    assert told.status == 2
    assert "acklab list has options of its own" in told.err


def test_it_is_shown_in_one_way_at_a_time(acklab: Acklab) -> None:
    told = acklab("--plain", "--json")

    assert told.status == 2
    assert told.err == "acklab: --plain and --json are ways to show the first screen: give one of them\n"


def test_a_damaged_progress_is_told_in_the_place_of_the_lessons(acklab: Acklab, state: Path) -> None:
    state.mkdir()
    (state / "progress.json").write_text("{", encoding="utf-8")

    told = acklab("--plain")

    assert told.status == 0
    assert "holds your progress and cannot be read" in told.out
    assert all(f"\n{name}\n" in told.out for name in names())


def test_a_lesson_shows_its_text_up_to_the_first_question_and_no_further(acklab: Acklab) -> None:
    first = desk().lessons()[0]
    assert first.text[-3].startswith("? ")

    acklab("learn", "start", "acks", "--predict", "a: nobody copied them")
    later = desk().lessons()[0]

    assert later.state == "begun"
    assert len(later.text) > len(first.text)
    assert "\n".join(first.text[:-3]) in "\n".join(later.text)


def test_a_search_finds_and_writes_what_the_command_does(tmp_path: Path) -> None:
    heard = Heard()

    LocalCampaigns(tmp_path / "out", jobs=1).run(Asked("default_config", "warm", 10), heard)

    assert heard.last == Looked(10, 0, 10, 0)
    assert heard.findings == []
    assert not (tmp_path / "out").exists()


def test_a_search_that_is_stopped_writes_what_it_saw_break(tmp_path: Path) -> None:
    heard = Heard(stops=True)
    search = Search(scenario=BREAKS)
    first = next(number for number in range(50) if search.look(number).broken)

    LocalCampaigns(tmp_path / "out", jobs=1).run(Asked(BREAKS, "warm", 50), heard)

    assert heard.last.looked == first + 1
    assert heard.findings
    assert all(read_witness(one.path).scenario.startswith(BREAKS) for one in heard.findings)


def test_a_search_that_cannot_write_is_refused_before_it_begins(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("", encoding="utf-8")
    heard = Heard()

    with pytest.raises(CampaignError, match="is not a directory"):
        LocalCampaigns(tmp_path / "out").run(Asked(BREAKS, "warm", 50), heard)

    assert heard.last.looked == 0


@pytest.mark.parametrize("words", [["high", "watermark"], ["hw"], ["HIGH WATERMARK"]])
def test_a_word_is_explained_however_it_is_written(words: list[str], acklab: Acklab) -> None:
    told = acklab("glossary", *words)

    assert told.status == 0
    assert told.out.startswith("high watermark\n    The offset below which")


def test_an_unknown_word_is_a_mistake_with_the_nearest_name(acklab: Acklab) -> None:
    told = acklab("glossary", "purgatry")

    assert told.status == 2
    assert told.err == "acklab: the glossary has no 'purgatry': did you mean purgatory?\n"


def test_the_glossary_as_json_has_every_word_with_its_subject(acklab: Acklab) -> None:
    from sim.tui.glossary.table import WORDS

    told = json.loads(acklab("glossary", "--json").out)

    assert told["format"] == "acklab-glossary-1"
    assert [one["name"] for one in told["words"]] == [word.name for word in WORDS]
    assert all(one["subject"] and one["meaning"] for one in told["words"])
    assert len(acklab("glossary").out.splitlines()) > 2 * len(WORDS)
