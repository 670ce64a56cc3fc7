"""A lesson being read: part by part, with a prediction before each run, and what came beside what was said."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.endings import CommandError
from sim.cli.learner import next_steps, short

if TYPE_CHECKING:
    from sim.course.lesson import Lesson
    from sim.course.parts import Choice, Happened, Prediction
    from sim.course.progress import LessonProgress

_SPOKEN = re.compile(r"\s*(?P<letter>[a-zA-Z])(?:\s*[:,.)-]\s*|\s+)(?P<reason>.*\S)\s*")


def spoken_answer(text: str) -> tuple[str, str]:
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


class Reading:
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
        for words, about in next_steps(self.lesson, self.state):
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
                picture = short(Path(self.state.folder) / part.file)
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
            for line in labelled(f"  {choice.letter}.", choice.text, label_width=5):
                say(line)
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
            say(f"  The whole text is in {short(Path(self.state.folder) / 'README.md')}.")
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
