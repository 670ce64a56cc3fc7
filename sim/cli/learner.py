"""Where a learner is in the course: the lesson they are in, how far they are, and what is next."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.endings import CommandError

if TYPE_CHECKING:
    from sim.course.lesson import Lesson
    from sim.course.progress import LessonProgress, Progress


def next_steps(chosen: Lesson, state: LessonProgress | None) -> list[tuple[str, str]]:
    """Give (command, what it does) of everything that makes sense now."""
    if state is None:
        return [(f"acklab learn start {chosen.word}", f"{chosen.question} It takes {chosen.minutes} minutes.")]
    steps = []
    if state.parts_read < len(chosen.parts):
        said = len(state.predictions)
        about = f"the text goes on where you stopped: {said} of {len(chosen.predictions)} predictions made"
        steps.append((f"acklab learn start {chosen.word}", about))
    exercise = short(Path(state.folder) / "exercise.py")
    steps.append(("acklab learn check", f"{chosen.task} Your file is {exercise}."))
    steps.append(("acklab learn hint", f"{state.hints_given} of {len(chosen.about['hint'])} hints given"))
    return steps


def state_of(one: Lesson, progress: Progress) -> str:
    state = progress.lessons.get(one.name)
    if state is None:
        return "not begun"
    if state.is_passed:
        return "passed"
    return "text read, exercise open" if state.parts_read >= len(one.parts) else "begun"


def learner_progress() -> tuple[Path, Progress]:
    """Read how far the learner is; gives the file that says so, too. Raises CommandError."""
    from sim.course.progress import ProgressError, progress_path, read_progress

    path = progress_path(os.environ)
    try:
        return path, read_progress(path)
    except ProgressError as error:
        raise CommandError(str(error)) from error


def chosen_lesson(name: str | None, progress: Progress) -> Lesson:
    """Find a lesson by its name; without one, the first that is not passed. Raises CommandError."""
    from sim.course.lesson import UnknownLessonError, lesson, lessons

    if name is not None:
        try:
            return lesson(name)
        except UnknownLessonError as error:
            raise CommandError(str(error)) from error
    there = lessons()
    return next((one for one in there if state_of(one, progress) != "passed"), there[0])


def current_lesson(progress: Progress) -> tuple[Lesson, LessonProgress]:
    """Give the lesson that the learner is in: the last one begun. Raises CommandError if there is none."""
    from sim.course.lesson import lessons

    begun = [one for one in lessons() if one.name in progress.lessons]
    if not begun:
        raise CommandError("no lesson is begun yet: acklab learn start")
    still_open = [one for one in begun if not progress.lessons[one.name].is_passed]
    chosen = (still_open or begun)[-1]
    return chosen, progress.lessons[chosen.name]


def short(path: Path) -> str:
    """Give a path as one would type it here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
