"""What is said to be copied is what was done; a command that is given runs again what is on the screen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from sim.stories.workload import KeyValue
from sim.tui.app import AcklabApp
from sim.tui.copying import FILE, Copied, NoCommandError, copied_command, copied_to, is_answered, says_it_copies
from sim.tui.session import of_file
from tests.tui.noting import NotingApp, said
from tests.tui.runs import LOST, press, run_of, use

OWN = replace(run_of(LOST), records=(KeyValue(b"k", b"v"),))
"""Records that no file holds: no command can say it without a witness."""


def test_a_run_that_a_command_says_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert copied_command(run_of(LOST), "run", index=None) == Copied(f"acklab run {LOST} --seed 0")
    assert not list(tmp_path.iterdir())


def test_a_run_that_only_a_witness_says_has_it_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    command, written = copied_command(OWN, "watch", index=7)

    assert command == f"acklab watch {written} --at 7"
    assert of_file(tmp_path / written).records == OWN.records


def test_nothing_is_copied_if_its_witness_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # A folder of that name: nobody, not even root, writes a file there.
    Path(f"{OWN.name}-{OWN.digest[:8]}.json").mkdir()

    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, list[str], str]:
        await press(pilot, "y")
        return app.clipboard, app.commands, said(app)

    clipboard, commands, shown = use(OWN, act)
    assert (clipboard, commands) == ("", [])
    assert "nothing was copied" in shown
    assert "cannot be written" in shown


def test_a_run_whose_scenario_is_gone_has_no_command() -> None:
    with pytest.raises(NoCommandError, match="its scenario is not here"):
        copied_command(replace(run_of(LOST), scenario=None), "watch", index=3)


@pytest.mark.parametrize(
    ("copies", "said_of_it"), [(True, "copied: this terminal says"), (False, f"so it stands in {FILE} in this folder")]
)
def test_the_screen_says_whether_the_terminal_copies_or_a_file_has_it(
    *, copies: bool, said_of_it: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def used() -> tuple[list[str], str, str]:
        app = NotingApp(run_of(LOST), copies=copies)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            await press(pilot, "y", "y")
            return app.commands, app.clipboard, said(app)

    commands, clipboard, shown = asyncio.run(used())
    # Printed behind the screen, each once.
    assert commands == [f"acklab run {LOST} --seed 0"]
    assert clipboard == commands[0]
    assert said_of_it in shown
    assert (tmp_path / FILE).exists() is not copies
    if not copies:
        assert (tmp_path / FILE).read_text() == f"{commands[0]}\n"


def test_what_the_file_of_commands_holds_already_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(FILE).write_text("one\n")

    copied_to("two", copies=False)
    copied_to("one", copies=False)

    assert Path(FILE).read_text() == "one\ntwo\n"


def test_a_file_of_commands_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(FILE).mkdir()

    assert "cannot be written here" in copied_to("one", copies=False)


@pytest.mark.parametrize(
    ("reply", "copies"),
    [
        (b"\x1bP1+r4d73=1b5d35323b\x1b\\\x1b[?62;22c", True),  # by XTGETTCAP
        (b"\x1b[?62;22;52c", True),  # by its DA1
        (b"\x1bP0+r4d73\x1b\\\x1b[?64;1;2c", False),
        (b"\x1b[?1;2c", False),  # tmux
        (b"\x1b[?1;252c", False),
        (b"", False),
    ],
)
def test_a_terminal_copies_if_it_says_so(reply: bytes, *, copies: bool) -> None:
    assert says_it_copies(reply) is copies
    assert is_answered(reply) is bool(reply)
