"""A lesson is a folder of `tutorials/`; which there are, and how one is found by its number or its name."""

from __future__ import annotations

import importlib
import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from sim.course.modules import load_module
from sim.course.parts import Part, Prediction, Prose, parse

HOME = "tutorials"
"""The package whose folders are the lessons."""

EXERCISE, TEXT = "exercise.py", "README.md"

_FOLDER = re.compile(r"(?P<number>\d\d)_(?P<word>\w+)")


class UnknownLessonError(Exception):
    """No lesson has that name; the message names the nearest, or all."""


@dataclass(frozen=True)
class Lesson:
    """One lesson as it lies in its folder."""

    name: str
    """As its folder: `02_acks`."""
    number: int
    word: str
    """`acks`."""
    folder: Path

    @cached_property
    def text(self) -> str:
        return (self.folder / TEXT).read_text(encoding="utf-8")

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The text in parts. Raises TextError."""
        return parse(self.text)

    @cached_property
    def predictions(self) -> tuple[Prediction, ...]:
        """The questions, in the order of the text."""
        return tuple(part for part in self.parts if isinstance(part, Prediction))

    @cached_property
    def title(self) -> str:
        """The text's first heading."""
        first = self.parts[0]
        assert isinstance(first, Prose), first
        return first.lines[0].removeprefix("# ")

    @cached_property
    def about(self) -> dict[str, Any]:
        """What `hints.toml` says: the question in one line, the minutes it takes, the files of the learner, the hints."""
        return tomllib.loads((self.folder / "hints.toml").read_text(encoding="utf-8"))

    @property
    def question(self) -> str:
        return str(self.about["question"])

    @property
    def minutes(self) -> str:
        return str(self.about["minutes"])

    @property
    def task(self) -> str:
        """The exercise in one sentence."""
        return str(self.about["task"])

    @property
    def files(self) -> tuple[Path, ...]:
        """What a learner gets in a folder of their own: the exercise first, then what is read beside it."""
        beside = [self.folder / name for name in self.about.get("files", ())]
        return (self.folder / EXERCISE, self.folder / TEXT, *beside, *sorted(self.folder.glob("*.svg")))

    def module(self, name: str) -> ModuleType:
        """Run one of its Python files: `check`, `pictures`."""
        return load_module(self.folder / f"{name}.py", f"acklab_lesson_{self.name}_{name}")


def lessons() -> tuple[Lesson, ...]:
    """Every lesson there is, by number."""
    package = importlib.import_module(HOME)
    found = []
    for home in package.__path__:
        for folder in Path(home).iterdir():
            match = _FOLDER.fullmatch(folder.name)
            if match is not None and (folder / TEXT).is_file():
                found.append(Lesson(folder.name, int(match["number"]), match["word"], folder))
    return tuple(sorted(found, key=lambda one: one.number))


def lesson(wanted: str) -> Lesson:
    """Find a lesson by `02_acks`, `acks`, `2` or `02`. Raises UnknownLessonError."""
    there = lessons()
    for one in there:
        if wanted in {one.name, one.word} or (wanted.isdigit() and int(wanted) == one.number):
            return one
    near = get_close_matches(wanted, [word for one in there for word in (one.name, one.word)], n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(one.name for one in there)}"
    raise UnknownLessonError(f"no lesson {wanted!r}: {hint}")
