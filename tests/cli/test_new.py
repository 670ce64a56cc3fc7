"""`acklab new` gives a story of one's own that runs as it stands, and touches nothing that is there."""

import sys
from pathlib import Path

import pytest

from sim.cli.new import FIRST, renamed, templates
from sim.stories.scenario import load, names
from tests.cli.command import ROOT
from tests.cli.conftest import Acklab

each_template = pytest.mark.parametrize("template", templates())


def test_the_beginnings_are_those_that_the_help_names() -> None:
    assert templates() == ("applications", "crash", "duplicates")
    assert FIRST in templates()


@each_template
def test_every_beginning_runs_as_it_stands_and_comes_to_what_it_expects(
    acklab: Acklab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: str
) -> None:
    monkeypatch.chdir(tmp_path)

    written = acklab("new", "my_story", "--like", template)
    told = acklab("run", "my_story.py")

    assert (written.status, written.err) == (0, "")
    assert "acklab run my_story.py" in written.out
    assert (told.status, told.err) == (1 if load("my_story.py").expects else 0, "")
    assert "my_story, seed 0" in told.out
    broken = {line.split()[1] for line in told.out.splitlines() if line.startswith("✗")}
    assert broken == load("my_story.py").expects


@pytest.mark.parametrize(
    "template, before, after, said",
    [
        ("duplicates", ".crash(leader", ".roll(leader", "expects duplicated to break, and it did not"),
        ("duplicates", 'frozenset({"duplicated"})', "frozenset()", "expects duplicated to hold, and it broke"),
        (
            "duplicates",
            '{"duplicated"}',
            '{"lost", "unread"}',
            "expects lost, unread to break, and they did not; duplicated to hold, and it broke",
        ),
    ],
)
def test_a_story_that_comes_to_another_end_than_it_says_is_told_so(
    acklab: Acklab, tmp_path: Path, template: str, before: str, after: str, said: str
) -> None:
    story = tmp_path / "mine.py"
    acklab("new", str(story), "--like", template)
    as_written = acklab("run", str(story))
    source = story.read_text(encoding="utf-8")
    assert source.count(before) >= 1
    story.write_text(source.replace(before, after), encoding="utf-8")

    told = acklab("run", str(story))

    assert "expects " not in as_written.out
    assert f"{said}: the story's `expects` says so" in " ".join(told.out.split())
    assert "expects " not in acklab("run", str(story), "--set", "acks=all").out


@each_template
def test_comments_teach_each_part_of_a_story(template: str) -> None:
    source = (ROOT / "scenarios" / "templates" / f"{template}.py").read_text(encoding="utf-8")

    for part in (
        "the cluster",
        "what goes wrong",
        "what it comes to",
        "acklab faults",
        "acklab events",
        "microseconds",
    ):
        assert part in source, part


@pytest.mark.parametrize("name", names())
def test_every_scenario_of_the_catalogue_can_be_begun_with(name: str) -> None:
    source = (ROOT / "scenarios" / f"{name}.py").read_text(encoding="utf-8")

    text = renamed(source, name, "my_story")

    assert 'name="my_story"' in text
    compile(text, name, "exec")


def test_a_file_that_is_there_is_left_as_it_is(acklab: Acklab, tmp_path: Path) -> None:
    story = tmp_path / "mine.py"
    story.write_text("# mine\n", encoding="utf-8")

    told = acklab("new", str(tmp_path / "mine"))

    assert told.status == 2
    assert told.err == f"acklab: {story} is there already, and is left as it is\n"
    assert story.read_text(encoding="utf-8") == "# mine\n"


@pytest.mark.parametrize(
    "story, said",
    [
        ("my story", "'my story' names no story: a letter, then letters, digits, '_' and '-'; how about my_story?"),
        ("1st", "'1st' names no story: a letter, then letters, digits, '_' and '-'; how about st?"),
        ("", "'' names no story: a letter, then letters, digits, '_' and '-'"),
        ("hot_key", "hot_key is a scenario of the catalogue already: acklab run hot_key; to begin with it, acklab new my_hot_key --like hot_key"),
        ("nowhere/mine", "cannot write nowhere/mine.py: there is no folder nowhere"),
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_is_told(
    acklab: Acklab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, story: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)

    told = acklab("new", story)

    assert (told.status, told.err) == (2, f"acklab: {said}\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "like, said",
    [
        ("duplicate", "--like 'duplicate' is no beginning of a story; did you mean duplicates?"),
        ("hot_keyy", "--like 'hot_keyy' is no beginning of a story; did you mean hot_key?"),
        ("dup", "--like 'dup' is no beginning of a story; did you mean duplicates?"),
        (
            "zzz",
            "--like 'zzz' is no beginning of a story: there are applications, crash, duplicates, and all of acklab list",
        ),
    ],
)
def test_a_beginning_that_is_not_there_is_told_with_the_nearest(
    acklab: Acklab, tmp_path: Path, like: str, said: str
) -> None:
    told = acklab("new", str(tmp_path / "mine"), "--like", like)

    assert (told.status, told.err) == (2, f"acklab: {said}\n")
    assert list(tmp_path.iterdir()) == []


def test_templates_are_no_scenarios_of_the_catalogue() -> None:
    assert "templates" not in names()
    assert not set(templates()) & set(names())
    assert "scenarios.templates.crash" not in sys.modules
