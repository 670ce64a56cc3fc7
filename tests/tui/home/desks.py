"""Desks for the first screen: three stories, two lessons, and a search that finds what it is told to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from sim.tui.home.desk import Asked, Desk, Finding, LessonShown, Listener, Looked
from sim.tui.home.memory import Memory
from sim.tui.session import of_scenario

HOLDS, BREAKS, OTHER = "default_config", "acks_one_leader_crash", "zombie_application"
STORIES = (BREAKS, HOLDS, OTHER)
LESSONS = (
    LessonShown(
        "acks",
        "Lesson 2: acks, in-sync replicas, the high watermark",
        "When is a record that Kafka acknowledged really safe?",
        "30 to 45",
        "passed",
        (
            (
                "acklab learn check",
                "Find a configuration that loses nothing. Your file is acklab-course/02_acks/exercise.py.",
            ),
        ),
        ("A shop sends its orders to Kafka.", "", "? Is the record lost?"),
    ),
    LessonShown(
        "schemas",
        "Lesson 8: schemas, and who may change them",
        "Does BACKWARD allow a field without a default?",
        "30 to 45",
        "not begun",
        (("acklab learn start schemas", "Does BACKWARD allow a field without a default? It takes 30 to 45 minutes."),),
        tuple(f"line {number} of the text" for number in range(60)),
    ),
)


@dataclass
class StagedCampaigns:
    """Searches of one schedule, which breaks; a search that is held goes on until it is stopped."""

    folder: Path
    is_held: bool = False
    kinds: Mapping[str, str] = field(default_factory=lambda: {"warm": "faults behind the first phase", "wide": "all"})
    begun: list[Asked] = field(default_factory=list)
    has_found: Event = field(default_factory=Event)

    def command(self, asked: Asked) -> str:
        return f"acklab explore {asked.story} --schedules {asked.schedules}"

    def run(self, asked: Asked, listener: Listener) -> None:
        self.begun.append(asked)
        path = self.folder / "lost-0-7.json"
        watched = of_scenario(BREAKS)
        path.write_text(watched.witness_text(beside=path), encoding="utf-8")
        listener.looked(Looked(10, 1, 9, 0))
        listener.found(Finding(7, ("lost",), ("at 2s: crash b1",), path))
        self.has_found.set()
        while self.is_held and not listener.is_stopped():
            Event().wait(0.01)
        listener.looked(Looked(10, 1, 9, 0) if self.is_held else Looked(asked.schedules, 1, asked.schedules - 1, 0))


def desk_of(folder: Path, *, is_held: bool = False, memory: Path | None = None) -> Desk:
    return Desk(
        memory=Memory(memory),
        lessons=lambda: LESSONS,
        campaigns=StagedCampaigns(folder, is_held),
        stories=lambda: STORIES,
        folders=(folder,),
    )
