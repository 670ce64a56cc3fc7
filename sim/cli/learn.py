"""`acklab learn`: the course. A lesson is read step by step, predicted before it is run, and ends in an exercise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.checked import keep, offer, tell_checked
from sim.cli.endings import CommandError, Exit, ends
from sim.cli.learner import chosen_lesson, current_lesson, learner_progress, next_steps, short, state_of
from sim.cli.reading import Reading, spoken_answer

if TYPE_CHECKING:
    from sim.course.checking import Checked

LessonName = Annotated[str | None, typer.Argument(metavar="[LESSON]", help="As 02_acks, acks or 2.")]
Force = Annotated[bool, typer.Option("--force", help="Put the lesson's files back as they were, edited or not.")]
Again = Annotated[bool, typer.Option("--again", help="Read from the first line, and predict anew.")]
Into = Annotated[
    Path | None, typer.Option("--into", metavar="FOLDER", help="Where your files go; else acklab-course/LESSON here.")
]
Predict = Annotated[
    list[str],
    typer.Option("--predict", metavar="'LETTER: REASON'", help="Answer the next open question; repeatable."),
]
ExerciseFile = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help="Your exercise; else the one of the lesson you are in.")
]

app = typer.Typer(
    help="The course: predict, run, and understand why.", rich_markup_mode=None, invoke_without_command=True
)


@app.callback()
def learn(context: typer.Context) -> None:
    """Where you are in the course, and what to do next."""
    if context.invoked_subcommand is None:
        ends(_where_you_are)()


@app.command("list")
@ends
def list_lessons() -> None:
    """List the lessons, and how far you are with each."""
    from sim.cli.screen import bold, labelled, say
    from sim.course.lesson import lessons

    _, progress = learner_progress()
    for one in lessons():
        say(bold(f"{one.name}  {one.title}"))
        for line in labelled("", one.question, label_width=2):
            say(line)
        say(f"    {one.minutes} minutes, {state_of(one, progress)}")
    say()
    say("acklab learn start LESSON")


@app.command()
@ends
def start(
    lesson: LessonName = None,
    force: Force = False,
    again: Again = False,
    into: Into = None,
    predict: Predict = [],  # noqa: B006 - Typer reads it, nobody changes it
) -> int:
    """Begin a lesson, or go on where you stopped. Your own files go into a folder here."""
    from sim.cli.screen import bold, labelled, say
    from sim.course.folder import FOLDER, FolderError, fill
    from sim.course.progress import LessonProgress

    path, progress = learner_progress()
    chosen = chosen_lesson(lesson, progress)
    known = progress.lessons.get(chosen.name)
    if into is not None:
        folder = into.absolute()
    elif known is not None:
        folder = Path(known.folder)
    else:
        folder = Path.cwd() / FOLDER / chosen.name
    is_same = known is not None and Path(known.folder) == folder
    try:
        filled = fill(folder, chosen, before=known.copied if known and is_same else {}, is_forced=force)
    except FolderError as error:
        raise CommandError(str(error)) from error
    state = progress.lessons.setdefault(chosen.name, LessonProgress(folder=str(folder)))
    state.folder, state.copied = str(folder), filled.copied
    if again:
        state.parts_read, state.predictions = 0, {}
    progress.write(path)
    if not state.parts_read:
        say(bold(chosen.title))
        say()
        for line in labelled("", f"Your files are in {short(folder)}.", label_width=0):
            say(line)
    for name in filled.kept:
        say(f"  {name} is edited, and was left as it is (--force puts the original back).")
    say()
    Reading(chosen, state, lambda: progress.write(path), [spoken_answer(text) for text in predict]).go_on()
    return Exit.HOLDS


@app.command()
@ends
def check(file: ExerciseFile = None) -> int:
    """Check your exercise. Exits with 0 if it passes, with 1 if it does not yet."""
    from sim.cli.screen import Progress as Bar
    from sim.course.exercise import ExerciseError, load_exercise

    path, progress = learner_progress()
    chosen, state = current_lesson(progress)
    exercise = file or Path(state.folder) / "exercise.py"
    if file is None and not exercise.exists():
        raise CommandError(f"{exercise} is gone; acklab learn start {chosen.word} puts it back")
    bar = Bar()
    try:
        answer: Checked = chosen.module("check").check(
            load_exercise(exercise.absolute()), lambda done, of: bar.show(f"run {done} of {of}")
        )
    except ExerciseError as error:
        raise CommandError(str(error)) from error
    finally:
        bar.clear()
    state.checks += 1
    state.is_passed = state.is_passed or answer.is_passed
    state.broken_run, state.broken_event = "", -1
    if answer.broken is not None:
        state.broken_run = keep(answer.broken, Path(state.folder))
        state.broken_event = answer.broken.event
    progress.write(path)
    tell_checked(answer, exercise, state)
    return Exit.HOLDS if answer.is_passed else Exit.VIOLATED


@app.command()
@ends
def hint() -> int:
    """Give the next hint; the last one opens a trace at the moment that matters."""
    from sim.cli.screen import bold, say, width
    from sim.course.hints import hints, moment_in
    from sim.course.text import rendered

    path, progress = learner_progress()
    chosen, state = current_lesson(progress)
    there = hints(chosen)
    number = min(state.hints_given, len(there) - 1)
    given = there[number]
    state.hints_given = number + 1
    progress.write(path)
    say(bold(f"Hint {number + 1} of {len(there)}"))
    for line in rendered(given.text.splitlines(), width=width(), strong=bold):
        say(line)
    say()
    if not given.watch:
        left = len(there) - number - 1
        say(f"  {left} more: acklab learn hint")
        return Exit.HOLDS
    if state.broken_run and Path(state.broken_run).exists():
        say("  The moment that matters in your last broken run:")
        offer(Path(state.broken_run), state.broken_event)
    else:
        say("  The moment that matters in a story of this lesson (after a failed check: in yours):")
        story = Path(state.folder) / given.watch
        offer(story, moment_in(given, story))
    return Exit.HOLDS


@app.command("next")
@ends
def next_step() -> int:
    """Say what to do next."""
    return _where_you_are()


def _where_you_are() -> int:
    from sim.cli.screen import bold, labelled, say
    from sim.course.lesson import lessons

    _, progress = learner_progress()
    there = lessons()
    open_ones = [one for one in there if state_of(one, progress) != "passed"]
    for one in there:
        say(f"{bold(one.title)}: {state_of(one, progress)}")
    say()
    if not open_ones:
        say("You have done every lesson there is.")
        return Exit.HOLDS
    begun = [one for one in open_ones if one.name in progress.lessons]
    chosen = (begun or open_ones)[0]
    state = progress.lessons.get(chosen.name)
    say("next:")
    for words, about in next_steps(chosen, state):
        say(f"  {words}")
        for line in labelled("", about, label_width=2):
            say(line)
    return Exit.HOLDS
