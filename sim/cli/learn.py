"""`acklab learn`: the course. A lesson is read step by step, predicted before it is run, and ends in an exercise."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError, Exit, ends

if TYPE_CHECKING:
    from sim.course.checking import Broken, Checked
    from sim.course.lesson import Lesson
    from sim.course.parts import Choice, Happened, Prediction
    from sim.course.progress import LessonProgress, Progress

CHAIN_MAX = 12
"""How many events of a broken run are told; the rest is for `acklab watch`."""

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

    _, progress = _progress()
    for one in lessons():
        say(bold(f"{one.name}  {one.title}"))
        for line in labelled("", one.question, label_width=2):
            say(line)
        say(f"    {one.minutes} minutes, {_state(one, progress)}")
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

    path, progress = _progress()
    chosen = _chosen(lesson, progress)
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
        for line in labelled("", f"Your files are in {_short(folder)}.", label_width=0):
            say(line)
    for name in filled.kept:
        say(f"  {name} is edited, and was left as it is (--force puts the original back).")
    say()
    _Reading(chosen, state, lambda: progress.write(path), [_spoken(text) for text in predict]).go_on()
    return Exit.HOLDS


@app.command()
@ends
def check(file: ExerciseFile = None) -> int:
    """Check your exercise. Exits with 0 if it passes, with 1 if it does not yet."""
    from sim.cli.screen import Progress as Bar
    from sim.course.exercise import ExerciseError, load_exercise

    path, progress = _progress()
    chosen, state = _current(progress)
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
        state.broken_run = _keep(answer.broken, Path(state.folder))
        state.broken_event = answer.broken.event
    progress.write(path)
    _tell_checked(answer, exercise, state)
    return Exit.HOLDS if answer.is_passed else Exit.VIOLATED


@app.command()
@ends
def hint() -> int:
    """Give the next hint; the last one opens a trace at the moment that matters."""
    from sim.cli.screen import bold, say, width
    from sim.course.hints import hints, moment_in
    from sim.course.text import rendered

    path, progress = _progress()
    chosen, state = _current(progress)
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
        _offer(Path(state.broken_run), state.broken_event)
    else:
        say("  The moment that matters in a story of this lesson (after a failed check: in yours):")
        story = Path(state.folder) / given.watch
        _offer(story, moment_in(given, story))
    return Exit.HOLDS


@app.command("next")
@ends
def next_step() -> int:
    """Say what to do next."""
    return _where_you_are()


# -- where you are -----------------------------------------------------------------------------------------------------


def _where_you_are() -> int:
    from sim.cli.screen import bold, labelled, say
    from sim.course.lesson import lessons

    _, progress = _progress()
    there = lessons()
    open_ones = [one for one in there if _state(one, progress) != "passed"]
    for one in there:
        say(f"{bold(one.title)}: {_state(one, progress)}")
    say()
    if not open_ones:
        say("You have done every lesson there is.")
        return Exit.HOLDS
    begun = [one for one in open_ones if one.name in progress.lessons]
    chosen = (begun or open_ones)[0]
    state = progress.lessons.get(chosen.name)
    say("next:")
    for words, about in _next_steps(chosen, state):
        say(f"  {words}")
        for line in labelled("", about, label_width=2):
            say(line)
    return Exit.HOLDS


def _next_steps(chosen: Lesson, state: LessonProgress | None) -> list[tuple[str, str]]:
    if state is None:
        return [(f"acklab learn start {chosen.word}", f"{chosen.question} It takes {chosen.minutes} minutes.")]
    steps = []
    if state.parts_read < len(chosen.parts):
        said = len(state.predictions)
        about = f"the text goes on where you stopped: {said} of {len(chosen.predictions)} predictions made"
        steps.append((f"acklab learn start {chosen.word}", about))
    exercise = _short(Path(state.folder) / "exercise.py")
    steps.append(("acklab learn check", f"{chosen.task} Your file is {exercise}."))
    steps.append(("acklab learn hint", f"{state.hints_given} of {len(chosen.about['hint'])} hints given"))
    return steps


def _state(one: Lesson, progress: Progress) -> str:
    state = progress.lessons.get(one.name)
    if state is None:
        return "not begun"
    if state.is_passed:
        return "passed"
    return "text read, exercise open" if state.parts_read >= len(one.parts) else "begun"


def _progress() -> tuple[Path, Progress]:
    from sim.course.progress import ProgressError, progress_path, read_progress

    path = progress_path(os.environ)
    try:
        return path, read_progress(path)
    except ProgressError as error:
        raise CommandError(str(error)) from error


def _chosen(name: str | None, progress: Progress) -> Lesson:
    from sim.course.lesson import UnknownLessonError, lesson, lessons

    if name is not None:
        try:
            return lesson(name)
        except UnknownLessonError as error:
            raise CommandError(str(error)) from error
    there = lessons()
    return next((one for one in there if _state(one, progress) != "passed"), there[0])


def _current(progress: Progress) -> tuple[Lesson, LessonProgress]:
    """Give the lesson that the learner is in: the last one begun."""
    from sim.course.lesson import lessons

    begun = [one for one in lessons() if one.name in progress.lessons]
    if not begun:
        raise CommandError("no lesson is begun yet: acklab learn start")
    still_open = [one for one in begun if not progress.lessons[one.name].is_passed]
    chosen = (still_open or begun)[-1]
    return chosen, progress.lessons[chosen.name]


def _short(path: Path) -> str:
    """Give a path as one would type it here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


# -- reading -----------------------------------------------------------------------------------------------------------

_SPOKEN = re.compile(r"\s*(?P<letter>[a-zA-Z])(?:\s*[:,.)-]\s*|\s+)(?P<reason>.*\S)\s*")


def _spoken(text: str) -> tuple[str, str]:
    """Read `b: nobody has copied them` as a letter and a reason."""
    match = _SPOKEN.fullmatch(text)
    if match is None:
        raise CommandError(
            f"--predict {text!r}: expected a letter and a reason, as in 'b: nobody has copied them'; "
            "the reason is what you learn from"
        )
    return match["letter"].lower(), match["reason"]


class _Stop(Exception):  # noqa: N818 - the learner stops, nothing is wrong
    """The learner goes away for now."""


class _Reading:
    """One lesson being read, part by part."""

    def __init__(
        self, lesson: Lesson, state: LessonProgress, save: Callable[[], None], spoken: list[tuple[str, str]]
    ) -> None:
        from sim.course.running import Session

        self.lesson = lesson
        self.state = state
        self.save = save
        self.spoken = spoken
        self.session = Session(str(lesson.folder / "README.md"))
        self.is_terminal = sys.stdin.isatty() and sys.stdout.isatty()

    def go_on(self) -> None:
        """Show what comes next, until the end, an open question, or until the learner stops."""
        from sim.cli.screen import bold, say
        from sim.course.parts import Code

        if 0 < self.state.parts_read < len(self.lesson.parts):
            say(bold(f"{self._section()} (you stopped here)"))
            say()
        try:
            for number, part in enumerate(self.lesson.parts):
                if number < self.state.parts_read:
                    if isinstance(part, Code):
                        # Later code builds on its names.
                        self.session.run(part)
                    continue
                self._show(number)
                self.state.parts_read = number + 1
                self.save()
        except (_Stop, EOFError):
            self.save()
            say()
            say("To go on: acklab learn start" + ("" if self.is_terminal else f" {self.lesson.word}"))
            return
        if self.spoken:
            raise CommandError(f"--predict: {len(self.spoken)} more than there are open questions")
        say()
        say("That was the text. Now the exercise:")
        for words, about in _next_steps(self.lesson, self.state):
            say(f"  {words:<20}{about}" if len(about) < 40 else f"  {words}")

    def _section(self) -> str:
        """Give the heading under which the next part stands."""
        from sim.course.parts import Prose

        read = self.lesson.parts[: self.state.parts_read]
        headings = [part.lines[0] for part in read if isinstance(part, Prose) and part.lines[0].startswith("#")]
        return headings[-1].lstrip("# ")

    def _show(self, number: int) -> None:
        from sim.cli.screen import bold, say, width
        from sim.course.parts import Code, Happened, Picture, Prediction, Prose
        from sim.course.text import indented, rendered

        part = self.lesson.parts[number]
        match part:
            case Prose():
                lines = part.lines[1:] if number == 0 else part.lines
                if number and lines[0].startswith("## "):
                    self._pause()
                for line in rendered(lines, width=width(), strong=bold):
                    say(line)
                say()
            case Picture():
                picture = _short(Path(self.state.folder) / part.file)
                for line in rendered([f"[picture] {part.alt}"], width=width(), strong=bold):
                    say(line)
                say(f"  See {picture}")
                say()
            case Prediction():
                self._ask(part)
            case Code():
                for line in indented(part.source):
                    say(line)
                say()
                self._pause("Enter runs this")
                say("  It prints:")
                say()
                for line in indented(self.session.run(part)):
                    say(line)
                say()
            case Happened():
                self._compare(part)

    def _pause(self, words: str = "Enter goes on") -> None:
        if self.is_terminal and input(f"  [{words}, q stops] ").strip().lower() in {"q", "quit"}:
            raise _Stop
        if self.is_terminal:
            print()

    def _ask(self, prediction: Prediction) -> None:
        from sim.cli.screen import bold, labelled, say
        from sim.course.progress import Answer

        say(bold("  What do you say?"))
        say()
        for line in labelled("", prediction.question, label_width=0):
            say(line)
        say()
        for choice in prediction.choices:
            for line in labelled(f"{choice.letter}.", choice.text, label_width=3):
                say(f"  {line}"[: None if len(line) < 78 else 80])
        say()
        letters = [choice.letter for choice in prediction.choices]
        if prediction.name not in self.state.predictions:
            letter, reason = self._heard(prediction, letters)
            self.state.predictions[prediction.name] = Answer(choice=letter, reason=reason)
            self.save()
        answer = self.state.predictions[prediction.name]
        if not self.is_terminal:
            say(f"  You say {answer.choice}, because: {answer.reason}")
        say()

    def _heard(self, prediction: Prediction, letters: list[str]) -> tuple[str, str]:
        from sim.cli.screen import say

        asked = ", ".join(letters[:-1]) + f" or {letters[-1]}"
        if self.spoken:
            letter, reason = self.spoken.pop(0)
            if letter not in letters:
                raise CommandError(f"--predict {letter!r}: {prediction.name} has the choices {asked}")
            return letter, reason
        if not self.is_terminal:
            say("  Say it before you go on, with your reason:")
            say(f"    acklab learn start {self.lesson.word} --predict '{letters[0]}: because …'")
            say(f"  The whole text is in {_short(Path(self.state.folder) / 'README.md')}.")
            raise _Stop
        while True:
            letter = input(f"  {asked}? ").strip().lower().rstrip(".)")
            if letter in {"q", "quit"}:
                raise _Stop
            if letter in letters:
                break
            say(f"  One of {asked}; q stops.")
        while True:
            reason = input("  Because: ").strip()
            if reason:
                return letter, reason
            say("  A few words are enough. It is the reason that a mistake teaches by.")

    def _compare(self, part: Happened) -> None:
        from sim.cli.screen import coloured, labelled, say
        from sim.judges.verdict import State

        happened = self.session.happened(part)
        answer = self.state.predictions[part.prediction]
        answer.happened = happened
        prediction = next(one for one in self.lesson.predictions if one.name == part.prediction)
        if answer.choice == happened:
            say(coloured(f"  ✓ As you said: {happened}.", State.HOLDS))
            rest = f"Your reason: {answer.reason}. See whether it is the text's, too."
        else:
            came = _choice(prediction, happened)
            line = f"✗ You said {answer.choice}; what came is {happened}: {came.text}"
            for shown in labelled("", line, label_width=0):
                say(coloured(shown, State.VIOLATED))
            rest = f"Your reason: {answer.reason}. Read on, and find the place where it goes another way."
        for line in labelled("", rest, label_width=0):
            say(line)
        say()


def _choice(prediction: Prediction, letter: str) -> Choice:
    return next(choice for choice in prediction.choices if choice.letter == letter)


# -- the verdict of a check --------------------------------------------------------------------------------------------


def _keep(broken: Broken, folder: Path) -> str:
    """Write a broken run into the learner's folder, as a scenario and as a trace; gives the trace's path."""
    from sim.course.staged import source_of
    from sim.stories.witness import Witness
    from sim.trace.trace import TraceHeader

    scenario, report = broken.scenario, broken.report
    story, trace = folder / f"{scenario.name}.py", folder / f"{scenario.name}.trace.jsonl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        story.write_text(source_of(scenario, seed=report.seed), encoding="utf-8")
        witness = Witness.of(report, scenario=str(story), records=None)
        with trace.open("w", encoding="utf-8") as out:
            report.trace.write(out, TraceHeader(report.scenario, report.seed, witness.as_json()))
    except OSError as error:
        raise CommandError(f"cannot write into {folder}: {error.strerror}") from error
    return str(trace)


def _tell_checked(answer: Checked, exercise: Path, state: LessonProgress) -> None:
    from sim.cli.screen import MARKS, bold, coloured, labelled, say
    from sim.judges.verdict import State

    verdict = State.HOLDS if answer.is_passed else State.VIOLATED
    say(f"{_short(exercise)}: {answer.runs} runs")
    say()
    for line in labelled("", f"{MARKS[verdict]} {answer.headline}", label_width=0):
        say(coloured(bold(line), verdict))
    for paragraph in answer.explained:
        say()
        for line in labelled("", paragraph, label_width=0):
            say(line)
    say()
    if answer.broken is None:
        say("next: acklab learn next")
        return
    _tell_chain(answer.broken)
    trace = Path(state.broken_run)
    moment = f"The moment that matters is event #{answer.broken.event}: {answer.broken.says}."
    for line in labelled("", moment, label_width=0):
        say(line)
    say(f"    {_watch_words(trace, answer.broken.event)}")
    seed = answer.broken.report.seed
    story = Path(state.folder) / f"{answer.broken.scenario.name}.py"
    say(f"    {shlex.join(['acklab', 'run', _short(story), '--seed', str(seed)])}")
    say("  A hint: acklab learn hint")


def _tell_chain(broken: Broken) -> None:
    from sim.cli.screen import labelled, say
    from sim.judges.report import chain
    from sim.judges.report.telling import time_text

    if broken.finding is None:
        return
    events = broken.report.trace.events
    rows = chain(events, broken.finding.moments)
    say(f"  How order {broken.finding.record} was lost:")
    for number, text in rows[:CHAIN_MAX]:
        for line in labelled(f"{time_text(events[number].at_us):>9}  #{number}", text, label_width=17):
            say(line)
    if len(rows) > CHAIN_MAX:
        say(f"  … and {len(rows) - CHAIN_MAX} more")
    say()


def _watch_words(what: Path, event: int) -> str:
    at = ["--at", str(event)] if event >= 0 else []
    return shlex.join(["acklab", "watch", _short(what), *at])


def _offer(what: Path, event: int) -> None:
    """Print how to see a run, and open it where there is a screen for it."""
    from sim.cli.screen import say
    from sim.cli.watch import is_terminal

    say(f"    {_watch_words(what, event)}")
    if not is_terminal():
        say("  (add --plain to have it as text)")
        return
    try:
        wanted = input("  [Enter opens it, q does not] ").strip().lower()
    except EOFError:
        return
    if wanted not in {"q", "quit"}:
        at = ["--at", str(event)] if event >= 0 else []
        subprocess.run([sys.executable, "-m", "sim", "watch", str(what), *at], check=False)  # noqa: S603 - our own command
