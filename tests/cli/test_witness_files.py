"""Files of witnesses and traces: they name no place of a machine, travel with their scenario, and say what has changed."""

import json
import shutil
from pathlib import Path

import pytest

from sim import load
from sim.explore.shrink_witness import Shrinking
from sim.faults.schedule import Schedule
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


def test_a_changed_scenario_is_said_to_have_changed_where_the_file_holds_none(
    story: Path, acklab: Acklab, tmp_path: Path
) -> None:
    acklab("run", "./mine.py", "--witness", "night.json")
    old = json.loads((tmp_path / "night.json").read_text())
    del old["told"]
    (tmp_path / "night.json").write_text(json.dumps(old))
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
    assert (
        "neither its story nor acklab has changed since: unless its seed, properties, schedule or records" in told.err
    )
    assert "were changed by hand, please report it" in told.err


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


def test_a_witness_stands_alone(story: Path, acklab: Acklab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    acklab("run", str(story), "--witness", "night.json", "--seed", "3")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move("night.json", elsewhere)
    story.unlink()
    monkeypatch.chdir(elsewhere)

    assert str(tmp_path) not in Path("night.json").read_text()
    replayed = acklab("replay", "night.json")
    assert (replayed.status, replayed.err) == (1, "")
    assert "lost_ack_duplicate, seed 3" in replayed.out
    assert acklab("run", "night.json").out == replayed.out.replace(
        "acklab replay night.json", "acklab run night.json --seed 3"
    )
    watched = acklab("watch", "night.json", "--plain")
    assert (watched.status, watched.err) == (1, "")


def test_a_witness_from_a_folder_far_away_names_none_of_the_folders_between(
    story: Path, acklab: Acklab, tmp_path: Path
) -> None:
    (tmp_path / "secret_project").mkdir()
    (tmp_path / "tickets").mkdir()
    far = Path(shutil.move(story, tmp_path / "secret_project"))

    acklab("run", str(far), "--witness", str(tmp_path / "tickets" / "night.json"))

    assert "secret_project" not in (tmp_path / "tickets" / "night.json").read_text()
    assert acklab("replay", str(tmp_path / "tickets" / "night.json")).status == 1


def test_a_scenario_that_has_changed_since_is_told_and_the_story_is_the_one_that_was(
    story: Path, acklab: Acklab
) -> None:
    acklab("run", "./mine.py", "--witness", "night.json")
    story.write_text(story.read_text().replace("Workload(", "Workload(value_bytes=17, ", 1))

    told = acklab("replay", "night.json")

    assert told.status == 1
    assert told.err == "acklab: mine.py has changed since: this is the story as it was, which the file holds\n"
    assert "mine.py has changed since" in acklab("watch", "night.json", "--plain").out


def test_a_story_that_was_changed_in_the_file_is_told_and_is_no_bug_of_ours(
    story: Path, acklab: Acklab, tmp_path: Path
) -> None:
    acklab("run", "./mine.py", "--witness", "night.json")
    kept = json.loads((tmp_path / "night.json").read_text())
    kept["told"]["workload"]["Workload"]["records"] = 12
    (tmp_path / "night.json").write_text(json.dumps(kept))

    told = acklab("replay", "night.json")

    assert told.status == 3
    assert "the story in it was changed since, so the file shows nothing of what is there now" in told.err


def test_a_story_that_cannot_be_read_is_named(story: Path, acklab: Acklab, tmp_path: Path) -> None:
    acklab("run", "./mine.py", "--witness", "night.json")
    kept = json.loads((tmp_path / "night.json").read_text())
    kept["told"]["cluster"] = {"Cluster": {}}
    (tmp_path / "night.json").write_text(json.dumps(kept))

    for verb in ("replay", "run", "shrink"):
        told = acklab(verb, "night.json")

        assert told.status == 2
        assert told.err == (
            "acklab: night.json: the story in it cannot be read: Cluster is nothing that a story is made of\n"
        )


def test_a_story_with_a_class_of_its_own_says_that_its_file_is_needed(
    story: Path, acklab: Acklab, tmp_path: Path
) -> None:
    odd = "class Odd:\n    def key(self, number, chance):\n        return b'odd'\n\n\nSCENARIO"
    story.write_text(story.read_text().replace("SCENARIO", odd, 1).replace("Workload(", "Workload(keys=Odd(), ", 1))

    told = acklab("run", "mine.py", "--witness", "night.json")

    assert told.status == 1
    assert told.err == (
        "acklab: night.json does not hold its story: it has a Odd of its own; whoever is to replay it needs mine.py, too\n"
    )
    assert json.loads((tmp_path / "night.json").read_text())["told"] is None
    assert acklab("replay", "night.json").status == 1


def test_a_run_from_a_witness_takes_changes_over_it(story: Path, acklab: Acklab) -> None:
    acklab("run", "mine.py", "--witness", "night.json", "--seed", "3", "--fault", "at 9s: crash b3")

    told = acklab("run", "night.json", "--set", "enable.idempotence=true", "--seed", "4")

    assert told.status == 0
    assert "lost_ack_duplicate, seed 4" in told.out
    assert "at 9s: crash b3" in told.out
    assert "again   acklab run night.json --seed 4 --set enable.idempotence=true" in told.out


MORE = ("--fault", "at 3s: pause b2", "--fault", "at 4s: resume b2", "--fault", "at 20s: crash b3 if possible")


def test_shrink_writes_the_smallest_schedule_that_still_breaks_it(story: Path, acklab: Acklab, tmp_path: Path) -> None:
    acklab("run", "mine.py", "--witness", "night.json", *MORE)
    story.unlink()

    told = acklab("shrink", "night.json")

    assert (told.status, told.err) == (0, "")
    assert "4 faults became 1" in told.out
    kept = json.loads((tmp_path / "night-shrunk.json").read_text())
    assert kept["verdicts"]["duplicated"] == "violated"
    assert len(kept["schedule"]) == 1
    again = acklab("replay", "night-shrunk.json")
    assert (again.status, again.err) == (1, "")
    assert json.loads(acklab("shrink", "night.json", "--out", "x.json", "--json").out)["faults_before"] == 4


def test_shrink_keeps_the_smallest_so_far_when_it_is_interrupted(
    story: Path, acklab: Acklab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acklab("run", "mine.py", "--witness", "night.json", *MORE)
    tried = 0
    real = Shrinking.fails

    def interrupted(self: Shrinking, candidate: Schedule) -> bool:
        nonlocal tried
        tried += 1
        if real(self, candidate):
            raise KeyboardInterrupt
        return False

    monkeypatch.setattr(Shrinking, "fails", interrupted)

    told = acklab("shrink", "night.json")

    assert told.status == 130
    assert told.err == "acklab: interrupted: the smallest so far is written\n"
    assert len(json.loads((tmp_path / "night-shrunk.json").read_text())["schedule"]) < 4
    assert acklab("replay", "night-shrunk.json").status == 1


def test_shrink_has_nothing_to_do_where_no_promise_broke(acklab: Acklab, tmp_path: Path) -> None:
    acklab("run", "default_config", "--witness", str(tmp_path / "calm.json"))

    told = acklab("shrink", str(tmp_path / "calm.json"))

    assert told.status == 2
    assert told.err == "acklab: no promise breaks in it, so there is nothing to keep while it gets smaller\n"
    assert not (tmp_path / "calm-shrunk.json").exists()
