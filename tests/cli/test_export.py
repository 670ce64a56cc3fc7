"""`acklab watch --export` and `acklab run --report`: files without a terminal, the statuses of `run`, clear errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from sim.tui.session import of_file
from tests.cli.command import Told, run_here

Acklab = Callable[..., Told]
STORY = "acks_one_leader_crash"


@pytest.fixture
def acklab(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Acklab:
    """Run `acklab WORDS` in this process."""
    return lambda *words: run_here(capsys, monkeypatch, *words)


def test_each_ending_writes_its_kind_of_file(acklab: Acklab, tmp_path: Path) -> None:
    for ending in ("html", "jsonl", "svg", "txt"):
        path = tmp_path / f"run.{ending}"
        told = acklab("watch", STORY, "--at", "131", "--export", str(path))
        assert (told.status, told.out.startswith(f"{path}: ")) == (1, True)

    assert "told as written, offset 15" in (tmp_path / "run.html").read_text(encoding="utf-8")
    assert of_file(tmp_path / "run.jsonl").name == STORY
    assert ET.parse(tmp_path / "run.svg").getroot().tag.endswith("svg")
    assert "#131 of 227" in (tmp_path / "run.txt").read_text(encoding="utf-8")


def test_a_recording_and_a_view_are_exported(acklab: Acklab, tmp_path: Path) -> None:
    acklab("watch", STORY, "--export", str(tmp_path / "run.jsonl"))
    told = acklab("watch", str(tmp_path / "run.jsonl"), "--view", "governance", "--export", str(tmp_path / "g.txt"))

    assert told.status == 1
    assert "governance" in (tmp_path / "g.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("watch", STORY, "--export", "x.png"), "--export 'x.png' must end in one of .html, .jsonl, .svg, .txt"),
        (("watch", STORY, "--export", "no/where.html"), "cannot write no/where.html"),
        (("watch", STORY, "--plain", "--export", "x.txt"), "give one of them"),
        (("run", STORY, "--report", "x.pdf"), "--report x.pdf: must end in .html"),
        (("run", STORY, "--report", "no/where.html"), "cannot write no/where.html"),
    ],
)
def test_what_cannot_be_written_is_said_before_the_run(
    words: tuple[str, ...], said: str, acklab: Acklab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = acklab(*words)

    assert (told.status, told.out) == (2, "")
    assert said in told.err
    assert not list(tmp_path.iterdir())


def test_a_report_is_the_page_of_the_run(acklab: Acklab, tmp_path: Path) -> None:
    told = acklab("run", STORY, "--json", "--report", str(tmp_path / "told.html"))
    acklab("watch", STORY, "--export", str(tmp_path / "watched.html"))

    page = (tmp_path / "told.html").read_text(encoding="utf-8")
    assert json.loads(told.out)["digest"] in page
    assert page == (tmp_path / "watched.html").read_text(encoding="utf-8")


def test_the_report_of_own_records_names_their_file(acklab: Acklab, tmp_path: Path) -> None:
    records = tmp_path / "own.txt"
    records.write_text("a:1\nb:2\n")

    acklab("run", STORY, "--input", str(records), "--report", str(tmp_path / "told.html"))

    page = (tmp_path / "told.html").read_text(encoding="utf-8")
    assert f"--input {records}" in page
