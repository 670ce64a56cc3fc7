"""Files of witnesses and traces: they name no place of a machine, travel with their scenario, and say what has changed."""

import json
import shutil
from pathlib import Path

import pytest

from sim import load
from sim.stories.fingerprint import fingerprint
from tests.cli.command import ROOT, run_process
from tests.cli.conftest import Acklab

SOURCE = ROOT / "scenarios" / "lost_ack_duplicate.py"


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scenario of one's own, in the folder in which one stands."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copy(SOURCE, tmp_path / "mine.py"))


@pytest.mark.parametrize("option", ["--witness", "--trace"])
@pytest.mark.parametrize("given", ["./mine.py", "{absolute}", "mine.py+brokers=4"])
def test_a_witness_names_its_scenario_as_seen_from_itself_and_travels_with_it(
    option: str, given: str, story: Path, acklab: Acklab, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    told = acklab("run", given.format(absolute=story), option, str(kept / "file.json"))
    assert told.status == 1, told.err

    text = (kept / "file.json").read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move(kept, elsewhere / "kept")
    shutil.move(story, elsewhere / "mine.py")

    assert acklab("replay", str(elsewhere / "kept" / "file.json")).status == 1
    assert acklab("watch", str(elsewhere / "kept" / "file.json"), "--plain").status == 1


def test_what_a_search_finds_names_no_place_of_the_machine(story: Path, acklab: Acklab, tmp_path: Path) -> None:
    told = acklab(
        "explore", str(story), "-n", "10", "-j", "1", "--until-found", "--planted-bug", "acks_before_replication"
    )
    assert told.status == 1, told.err

    (found,) = (tmp_path / "witnesses").glob("*.json")
    assert json.loads(found.read_text())["scenario"].startswith("./../mine.py+")
    assert acklab("replay", str(found)).status == 1
    assert (tmp_path / "witnesses" / ".gitignore").read_text() == "*\n"


def test_a_changed_scenario_is_said_to_have_changed_and_is_no_bug_of_ours(story: Path, acklab: Acklab) -> None:
    acklab("run", "./mine.py", "--witness", "night.json")
    story.write_text(story.read_text().replace("Workload(", "Workload(value_bytes=17, ", 1))

    told = acklab("replay", "night.json")

    assert told.status == 3
    assert "mine.py has changed since, so the file shows nothing of what is there now" in told.err
    assert "mine.py has changed since" in acklab("watch", "night.json", "--plain").out


def test_another_run_of_the_same_scenario_is_our_bug(story: Path, acklab: Acklab, tmp_path: Path) -> None:
    acklab("run", "./mine.py", "--witness", "night.json")
    kept = json.loads((tmp_path / "night.json").read_text())
    (tmp_path / "night.json").write_text(json.dumps({**kept, "digest": "0" * 32}))

    told = acklab("replay", "night.json")

    assert told.status == 70
    assert "nothing that it holds has changed since: please report it" in told.err


def test_another_version_of_acklab_is_named(story: Path, acklab: Acklab, tmp_path: Path) -> None:
    acklab("run", "./mine.py", "--witness", "night.json")
    kept = json.loads((tmp_path / "night.json").read_text())
    (tmp_path / "night.json").write_text(json.dumps({**kept, "digest": "0" * 32, "acklab": "0.0.1"}))

    told = acklab("replay", "night.json")

    assert told.status == 3
    assert "acklab has changed since: it was 0.0.1" in told.err


def test_what_is_said_about_a_story_does_not_change_it_and_what_is_played_does() -> None:
    story = load("two_applications")
    again = run_process("run", "two_applications", "--witness", "/dev/stdout", "--json").out

    assert f'"story": "{fingerprint(story)}"' in again, "the same in another process"
    assert fingerprint(story) == fingerprint(load("two_applications"))
    assert fingerprint(story) != fingerprint(load("two_applications+brokers=4"))
    assert fingerprint(load("default_config")) != fingerprint(load("default_config+keys=1"))
