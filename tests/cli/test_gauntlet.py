"""`acklab gauntlet`: one table, a replay for each cell that broke, and one line for what cannot be."""

import json
from pathlib import Path

from sim.cli.endings import Exit
from tests.cli.conftest import Acklab

STORY = "lost_ack_duplicate"


def test_a_library_that_breaks_a_promise_is_named_with_the_command_that_shows_it(
    acklab: Acklab, tmp_path: Path
) -> None:
    told = acklab("gauntlet", STORY, "--client", "confluent-kafka", "--journals", str(tmp_path))

    assert told.status == Exit.VIOLATED
    default, safest = [
        line for line in told.out.splitlines() if line.startswith(("confluent-kafka ", "  at its safest"))
    ]
    assert "duplicated" in default
    assert safest.endswith("every promise held")
    journal = tmp_path / f"{STORY}-confluent-kafka-default.jsonl"
    assert f"confluent-kafka, default: acklab replay {journal}" in told.out

    again = acklab("replay", str(journal))

    assert again.status == Exit.VIOLATED
    assert "client=confluent-kafka, default" in again.out
    assert "duplicated VIOLATED" in again.out
    assert f"acklab replay {journal}" in again.out


def test_json_has_every_cell(acklab: Acklab, tmp_path: Path) -> None:
    told = acklab("gauntlet", STORY, "--client", "acklab", "--client", "java", "--journals", str(tmp_path), "--json")

    assert told.status == Exit.HOLDS
    cells = json.loads(told.out)["cells"]
    assert [(one["client"], one["configuration"], one["broken"], one["hung"]) for one in cells] == [
        ("acklab", "default", {}, 0),
        ("acklab", "safest", {}, 0),
        ("java", "default", {}, 0),
        ("java", "safest", {}, 0),
    ]
    assert [bool(one["report"]) for one in cells] == [True, True, False, False]


def test_nobody_asked_is_inconclusive(acklab: Acklab, tmp_path: Path) -> None:
    told = acklab("gauntlet", STORY, "--client", "java", "--journals", str(tmp_path))

    assert told.status == Exit.INCONCLUSIVE
    assert told.out.count("not asked: --java CLASSPATH says where its jars are") == 2


def test_a_client_that_nobody_is_is_one_line(acklab: Acklab, tmp_path: Path) -> None:
    told = acklab("gauntlet", STORY, "--client", "sarama", "--journals", str(tmp_path))

    assert told.status == Exit.USAGE
    assert told.err.startswith("acklab: there is no client 'sarama', clients are acklab, java, confluent-kafka")
    assert told.out == ""


def test_a_story_of_several_applications_is_refused_before_anything_begins(acklab: Acklab, tmp_path: Path) -> None:
    told = acklab("gauntlet", "two_applications", "--journals", str(tmp_path / "none"))

    assert told.status == Exit.USAGE
    assert "several applications" in told.err
    assert not (tmp_path / "none").exists()


def test_a_folder_that_cannot_be_made_is_named(acklab: Acklab, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    told = acklab("gauntlet", STORY, "--client", "acklab", "--journals", str(tmp_path / "taken"))

    assert told.status == Exit.USAGE
    assert str(tmp_path / "taken") in told.err


def test_a_folder_that_is_there_already_keeps_its_gitignore(acklab: Acklab, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")

    acklab("gauntlet", STORY, "--client", "java", "--journals", str(tmp_path))

    assert (tmp_path / ".gitignore").read_text() == "mine\n"
