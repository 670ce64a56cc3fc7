"""What the first screen is handed: the course with the learner's progress, searches, and what somebody has seen."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from producer.errors import ConfigError
from sim.cli.endings import CommandError
from sim.tui.home.desk import Asked, CampaignError, CourseError, Desk, Finding, LessonShown, Listener, Looked
from sim.tui.home.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.course.lesson import Lesson
    from sim.course.progress import LessonProgress
    from sim.explore.search import Found, Search

TEXT_WIDTH = 78
CHUNK = 2
"""Schedules that a process takes at a time: somebody looks on, and may want it to stop."""
OUT = Path("witnesses")
"""Where `acklab explore` writes, too."""
KINDS = {
    "warm": "faults behind the first phase, in the story as it is",
    "fresh": "faults from the beginning, in the story as it is",
    "wide": "the cluster, the application and its properties, too",
}
_WORDS = {"warm": [], "fresh": ["--fresh"], "wide": ["--wide"]}


def desk() -> Desk:
    """Lay it all out, for this user and this folder."""
    from sim.course.progress import state_folder

    return Desk(
        memory=Memory(state_folder(os.environ) / "screen.json"), lessons=lessons_shown, campaigns=LocalCampaigns()
    )


# -- the course --------------------------------------------------------------------------------------------------------


def lessons_shown() -> Sequence[LessonShown]:
    """Give every lesson as the learner has it. Raises CourseError."""
    from sim.cli.learner import learner_progress, next_steps, state_of
    from sim.course.lesson import lessons

    try:
        _, progress = learner_progress()
    except CommandError as error:
        raise CourseError(str(error)) from error
    return tuple(
        LessonShown(
            word=one.word,
            title=one.title,
            question=one.question,
            minutes=one.minutes,
            state=state_of(one, progress),
            steps=tuple(next_steps(one, progress.lessons.get(one.name))),
            text=tuple(_text(one, progress.lessons.get(one.name))),
        )
        for one in lessons()
    )


def _text(lesson: Lesson, state: LessonProgress | None) -> list[str]:
    """Render what has been read, and what leads to the next question; no answer stands before it was asked."""
    from sim.course.parts import Code, Happened, Picture, Prediction, Prose
    from sim.course.text import indented, rendered

    read = 0 if state is None else state.parts_read
    lines: list[str] = []
    for number, part in enumerate(lesson.parts):
        if number >= read and isinstance(part, Prediction):
            lines += [f"? {part.question}", "", "The course asks this next; what follows is told behind your answer."]
            break
        match part:
            case Prose():
                lines += [*rendered(part.lines[1:] if number == 0 else part.lines, width=TEXT_WIDTH, strong=str), ""]
            case Picture():
                lines += [*rendered([f"[picture] {part.alt}"], width=TEXT_WIDTH, strong=str), ""]
            case Code():
                lines += [*indented(part.source), "", *indented(part.output), ""]
            case Prediction():
                lines += [*rendered([part.question], width=TEXT_WIDTH, strong=str), ""]
            case Happened():
                pass
    return lines


# -- searches ----------------------------------------------------------------------------------------------------------


class LocalCampaigns:
    """Searches on the cores of this machine; what they find is written where `acklab explore` writes it."""

    def __init__(self, out: Path = OUT, *, jobs: int | None = None) -> None:
        """Write into `out`; with that many processes, by default one for each core."""
        self._out = out
        self._jobs = jobs or os.cpu_count() or 1
        self.kinds = KINDS

    def command(self, asked: Asked) -> str:
        """Give the command that searches the same."""
        return shlex.join(["acklab", "explore", asked.story, *_WORDS[asked.kind], "--schedules", str(asked.schedules)])

    def run(self, asked: Asked, listener: Listener) -> None:
        """Search, until all is looked at or the listener stops it. Raises CampaignError."""
        from contextlib import closing

        from sim.cli.findings import keep_the_rest
        from sim.cli.folders import check_folder
        from sim.explore.campaign import Tally, explore
        from sim.explore.reach import Reach
        from sim.stories.scenario import ScenarioError

        try:
            check_folder(self._out)
            search = _search(asked)
        except (CommandError, ScenarioError, ConfigError) as error:
            raise CampaignError(str(error)) from error
        tally = Tally(reach=Reach.of(search.kinds))

        def keep(found: Found) -> None:
            listener.found(self._written(found))

        with closing(
            explore(search, asked.schedules, tally=tally, jobs=self._jobs, chunk=CHUNK, on_found=keep)
        ) as outcomes:
            for _ in outcomes:
                listener.looked(Looked(tally.looked, len(tally.failing), tally.held, tally.inconclusive))
                if listener.is_stopped():
                    break
        if listener.is_stopped():
            keep_the_rest(search, tally, keep)
        listener.looked(Looked(tally.looked, len(tally.failing), tally.held, tally.inconclusive))

    def _written(self, found: Found) -> Finding:
        from sim.cli.findings import write_finding

        try:
            path = write_finding(found, self._out)
        except OSError as error:
            raise CampaignError(f"cannot write into {self._out}: {error.strerror}") from error
        schedule = tuple(str(entry) for entry in found.witness.schedule)
        return Finding(found.number, found.broken, schedule, path)


def _search(asked: Asked) -> Search:
    """Check what was asked before the first process starts. Raises ScenarioError or ConfigError."""
    from sim.explore.kinds import CLASSES
    from sim.explore.search import Search

    is_wide = asked.kind == "wide"
    search = Search(
        scenario=asked.story,
        is_fresh=asked.kind == "fresh",
        is_wide=is_wide,
        classes="".join(CLASSES) if is_wide else "NC",
    )
    search.schedule(0)
    return search
