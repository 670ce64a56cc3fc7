"""The first screen as text and as one JSON object: for screen readers, for a pipe, for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.stories.scenario import Scenario
from sim.tui.home.desk import LessonShown
from sim.tui.home.items import Item, Kind, gather
from sim.tui.home.witness_files import WitnessFile
from sim.tui.lines import text_of
from sim.tui.panels.home import QUESTION, ending_line

if TYPE_CHECKING:
    from sim.tui.home.desk import Desk
    from sim.tui.home.memory import Ending

FORMAT = "acklab-home-1"


def home_lines(desk: Desk) -> Iterator[str]:
    """Tell everything that can be opened, each with its command; endings only of stories whose ending was seen."""
    yield QUESTION
    items = gather(desk)
    for kind in Kind:
        of_kind = [item for item in items if item.kind is kind]
        if of_kind:
            yield ""
            yield f"{kind.value}, {len(of_kind)}"
        for item in of_kind:
            yield from _told(item, desk)


def _told(item: Item, desk: Desk) -> Iterator[str]:
    yield f"{item.name}, {item.state}" if item.state else item.name
    yield f"  {item.about}"
    known = desk.memory.endings.get(item.name)
    if isinstance(item.subject, Scenario) and known is not None:
        yield f"  {text_of(ending_line(item.subject, known))}"
    if item.command:
        yield f"  {item.command}"


def home_json(desk: Desk) -> dict[str, Any]:
    """Give everything that can be opened as plain values."""
    items = gather(desk)
    return {
        "format": FORMAT,
        "course": [_plain(item) | _lesson(item) for item in items if item.kind is Kind.LESSON],
        "explore": [_plain(item) for item in items if item.kind is Kind.SEARCH],
        "witnesses": [_plain(item) | _witness(item) for item in items if item.kind is Kind.WITNESS],
        "stories": [
            _plain(item) | _story(item, desk.memory.endings.get(item.name)) for item in items if item.kind is Kind.STORY
        ],
    }


def _plain(item: Item) -> dict[str, Any]:
    return {"name": item.name, "about": item.about, "command": item.command, "trouble": item.trouble}


def _lesson(item: Item) -> dict[str, Any]:
    subject = item.subject
    if not isinstance(subject, LessonShown):
        return {}
    return {"state": subject.state, "minutes": subject.minutes, "next": [command for command, _ in subject.steps]}


def _witness(item: Item) -> dict[str, Any]:
    subject = item.subject
    assert isinstance(subject, WitnessFile)
    witness = subject.witness
    return {
        "path": str(subject.path),
        "scenario": witness.scenario,
        "seed": witness.seed,
        "broken": list(subject.broken),
        "planted_bug": witness.planted_bug,
    }


def _story(item: Item, known: Ending | None) -> dict[str, Any]:
    """The ending, to who has seen it."""
    subject = item.subject
    if known is None or not isinstance(subject, Scenario):
        return {"is_ending_known": False}
    return {"is_ending_known": True, "breaks": sorted(subject.expects), "right": known.right, "of": known.of}
