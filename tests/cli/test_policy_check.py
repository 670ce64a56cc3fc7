"""`acklab policy check`: the status says whether, each line which file, line and key."""

import json
from pathlib import Path

import pytest

from tests.cli.command import Told, run_here

RIGHT = "version: 1\ntopics:\n  - match: orders-*\n    required: [event_time, tenant_id]\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "right.yaml").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "wrong.yaml").write_text(RIGHT.replace("required", "requird"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_policy_ends_with_0_and_no_word(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_here(capsys, monkeypatch, "policy", "check", "right.yaml") == Told(0, "", "")


def test_what_is_none_ends_with_1_and_names_line_and_key(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = run_here(capsys, monkeypatch, "policy", "check", "right.yaml", "wrong.yaml", "none.yaml")

    assert told.status == 1
    first, second = told.out.splitlines()
    assert first.startswith("wrong.yaml:4: topics[0].requird: is no key here, must be one of match, ")
    assert second == "none.yaml: cannot be read: No such file or directory"


def test_it_says_the_same_as_json(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = run_here(capsys, monkeypatch, "policy", "check", "wrong.yaml", "--json")

    said = json.loads(told.out)
    assert (told.status, said["is_policy"]) == (1, False)
    assert (said["errors"][0]["line"], said["errors"][0]["path"]) == (4, "topics[0].requird")
