"""A lesson's text in parts: prose, pictures, predictions to make, code to run with what it prints, and what happened.

The text is a README that reads well as it is. Three things in it mean more here:

- a block marked `predict NAME` is a question, a blank line, and choices `a.`, `b.`, …;
- a block marked `python` is run, and a block marked `text` right behind it is what it prints;
- a comment `<!-- happened: EXPRESSION -->` gives the letter of the choice that came true, from the names that the code
  before it left behind.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_FENCE = "```"
_HAPPENED = re.compile(r"<!-- happened: (.+) -->")
_PICTURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<file>[\w.-]+)\)")
_CHOICE = re.compile(r"(?P<letter>[a-z])\. (?P<text>.+)")


class TextError(Exception):
    """A lesson's text is not what it must be: the message names the line."""


class Prose(NamedTuple):
    """Markdown without anything to do in it: headings, paragraphs, lists, tables, commands."""

    lines: tuple[str, ...]


class Picture(NamedTuple):
    """A picture beside the text."""

    file: str
    alt: str


class Choice(NamedTuple):
    """One answer to a question."""

    letter: str
    text: str


class Prediction(NamedTuple):
    """A question that the learner answers before the run."""

    name: str
    question: str
    choices: tuple[Choice, ...]


class Code(NamedTuple):
    """Python that is run, and what it prints."""

    source: str
    output: str
    line: int
    """Where its first line stands in the text, from 1."""


class Happened(NamedTuple):
    """Which choice of the prediction before it came true."""

    prediction: str
    expression: str
    """Gives the letter, from the names that the code left behind."""


Part = Prose | Picture | Prediction | Code | Happened


def parse(text: str) -> tuple[Part, ...]:
    """Cut a lesson's text into its parts. Raises TextError naming the line."""
    return tuple(_Parser(text.splitlines()).parts())


class _Parser:
    """One pass over the lines."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.at = 0
        self.found: list[Part] = []
        self.prose: list[str] = []
        self.open_prediction = ""

    def parts(self) -> list[Part]:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            happened, picture = _HAPPENED.fullmatch(line), _PICTURE.fullmatch(line)
            if line.startswith("```predict "):
                self._add(self._prediction(line.removeprefix("```predict ").strip()))
            elif line == "```python":
                self._add(self._code())
            elif line.startswith(_FENCE):
                self.prose += [line, *self._block(), _FENCE]
            elif happened is not None:
                if not self.open_prediction:
                    raise TextError(f"line {self.at + 1}: something happened that nobody predicted")
                self._add(Happened(self.open_prediction, happened[1]))
                self.open_prediction = ""
                self.at += 1
            elif picture is not None:
                self._add(Picture(picture["file"], picture["alt"]))
                self.at += 1
            else:
                self.prose.append(line)
                self.at += 1
        self._end_prose()
        if self.open_prediction:
            raise TextError(f"the prediction {self.open_prediction!r} is never compared with what happened")
        return self.found

    def _add(self, part: Part) -> None:
        self._end_prose()
        self.found.append(part)

    def _end_prose(self) -> None:
        # A new section is a new part: a reader in a terminal goes on from one to the next.
        section: list[str] = []
        in_block = False
        for line in self.prose:
            in_block ^= line.startswith(_FENCE)
            if line.startswith("## ") and not in_block:
                self._add_prose(section)
                section = []
            section.append(line)
        self._add_prose(section)
        self.prose = []

    def _add_prose(self, lines: list[str]) -> None:
        if any(line.strip() for line in lines):
            self.found.append(Prose(tuple(lines)))

    def _block(self) -> list[str]:
        """Take the lines of a fenced block; the next line is the one behind it."""
        begin = self.at
        for end in range(begin + 1, len(self.lines)):
            if self.lines[end] == _FENCE:
                self.at = end + 1
                return self.lines[begin + 1 : end]
        raise TextError(f"line {begin + 1}: the block never ends")

    def _prediction(self, name: str) -> Prediction:
        where = self.at + 1
        if self.open_prediction:
            raise TextError(f"line {where}: the prediction {self.open_prediction!r} is still open")
        question: list[str] = []
        choices: list[Choice] = []
        for line in self._block():
            choice = _CHOICE.fullmatch(line)
            if choice is not None:
                choices.append(Choice(choice["letter"], choice["text"]))
            elif choices and line.strip():
                choices[-1] = choices[-1]._replace(text=f"{choices[-1].text} {line.strip()}")
            elif line.strip():
                question.append(line.strip())
        letters = "".join(choice.letter for choice in choices)
        if len(choices) < 2 or letters != "abcdefgh"[: len(choices)]:
            raise TextError(f"line {where}: choices must be a., b. and so on, at least two; they are {letters!r}")
        self.open_prediction = name
        return Prediction(name, " ".join(question), tuple(choices))

    def _code(self) -> Code:
        line = self.at + 2
        source = self._block()
        ahead = self.at
        while ahead < len(self.lines) and not self.lines[ahead].strip():
            ahead += 1
        output: list[str] = []
        if ahead < len(self.lines) and self.lines[ahead] == "```text":
            self.at = ahead
            output = self._block()
        return Code("\n".join(source) + "\n", "".join(f"{one}\n" for one in output), line)
