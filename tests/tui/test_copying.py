"""What is said to be copied is what was done; a command that is given runs again what is on the screen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from sim.stories.workload import KeyValue
from sim.tui.app import AcklabApp
from sim.tui.copying import Copied, NoCommandError, copied_command
from sim.tui.session import of_file
from tests.tui.runs import LOST, press, run_of, use

OWN = replace(run_of(LOST), records=(KeyValue(b"k", b"v"),))
"""Records that no file holds: no command can say it without a witness."""


def said(app: AcklabApp) -> str:
    """What the screen tells in passing."""
    return "\n".join(f"{one.title}\n{one.message}" for one in app._notifications)


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


def test_no_terminal_says_whether_it_copied_so_the_screen_does_not_either() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[list[str], str]:
        await press(pilot, "y", "y")
        return app.commands, said(app)

    commands, shown = use(run_of(LOST), act)
    # Printed behind the screen, each once.
    assert commands == [f"acklab run {LOST} --seed 0"]
    assert "handed to the terminal" in shown
    assert "Copied" not in shown
