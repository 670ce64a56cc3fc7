"""The page on stories has a line for every fault there is, and what it shows can be read."""

import re

import pytest

from sim.faults.schedule import parse_entry
from tests.architecture.fault_lines import PAGE, main


def test_every_fault_has_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0, capsys.readouterr().err


def test_every_entry_that_it_shows_can_be_read() -> None:
    shown = re.findall(r"`((?:at|after) [^`]*: [^`]*)`", PAGE.read_text(encoding="utf-8"))

    assert shown
    assert [str(parse_entry(entry)) for entry in shown] == shown


def test_every_scenario_that_it_names_is_there() -> None:
    from sim.stories.scenario import names

    told = re.findall(r"\(`([a-z_]+)`\)", PAGE.read_text(encoding="utf-8"))

    assert told
    assert set(told) <= set(names())
