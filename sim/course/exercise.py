"""A learner's file: run by its path, and whatever is wrong in it told with its file and line, never with our traceback."""

from __future__ import annotations

import ast
import traceback
from collections.abc import Collection
from pathlib import Path
from typing import Any


class ExerciseError(Exception):
    """A learner's file cannot be used: the message names file and line, and says what is wrong there."""


class Exercise:
    """The names that a learner's file defines."""

    def __init__(self, path: Path, names: dict[str, Any], tree: ast.Module) -> None:
        self.path = path
        self._names = names
        self._tree = tree

    def mapping(self, name: str) -> dict[str, Any]:
        """Give a dictionary of the file, its keys text. Raises ExerciseError."""
        if name not in self._names:
            raise self.error(f"{name} is gone; the exercise needs it: {name} = {{…}}")
        found = self._names[name]
        if not isinstance(found, dict):
            raise self.error(f"{name} is {_kind(found)}, must be a dictionary: {name} = {{…}}", name)
        for key in found:
            if not isinstance(key, str):
                raise self.error(f"{name} has the key {key!r}, {_kind(key)}; property names are text", name, key)
        return found

    def texts(self, name: str) -> list[str]:
        """Give a list of texts of the file. Raises ExerciseError."""
        if name not in self._names:
            raise self.error(f"{name} is gone; the exercise needs it: {name} = […]")
        found = self._names[name]
        if not isinstance(found, list | tuple):
            raise self.error(f"{name} is {_kind(found)}, must be a list: {name} = […]", name)
        for one in found:
            if not isinstance(one, str):
                raise self.error(f"{name} has {one!r}, {_kind(one)}; its lines are text", name)
        return list(found)

    def word(self, name: str, words: Collection[str]) -> str:
        """Give a text of the file that must be one of these. Raises ExerciseError."""
        if name not in self._names:
            raise self.error(f"{name} is gone; the exercise needs it: {name} = {next(iter(words))!r}")
        found = self._names[name]
        if not isinstance(found, str) or found not in words:
            raise self.error(f"{name} is {found!r}, must be one of {', '.join(words)}", name)
        return found

    def error(self, message: str, name: str = "", key: object = None) -> ExerciseError:
        """Make an error that points at a dictionary, or at one of its keys."""
        line = self._line(name, key)
        where = f"{self.path}, line {line}" if line else str(self.path)
        return ExerciseError(f"{where}: {message}")

    def _line(self, name: str, key: object) -> int:
        for statement in self._tree.body:
            targets: list[ast.expr] = []
            if isinstance(statement, ast.Assign):
                targets = statement.targets
            elif isinstance(statement, ast.AnnAssign):
                targets = [statement.target]
            if not any(isinstance(target, ast.Name) and target.id == name for target in targets):
                continue
            for node in ast.walk(statement):
                if isinstance(node, ast.Dict):
                    for found in node.keys:
                        if isinstance(found, ast.Constant) and found.value == key:
                            return found.lineno
            return statement.lineno
        return 0


def load_exercise(path: Path) -> Exercise:
    """Run a learner's file. Raises ExerciseError."""
    try:
        source = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ExerciseError(f"{path} does not exist") from None
    except UnicodeDecodeError:
        raise ExerciseError(f"{path} is not UTF-8 text") from None
    except OSError as error:
        raise ExerciseError(f"cannot read {path}: {error.strerror}") from error
    names: dict[str, Any] = {"__name__": "acklab_exercise", "__file__": str(path)}
    try:
        tree = ast.parse(source, str(path))
        # Compiled anew each time: a cached file is known by its size and second, and an edit may leave both.
        exec(compile(tree, str(path), "exec"), names)  # noqa: S102 - the learner's own file
    except SyntaxError as error:
        # It may lie in another file, which this one imports.
        shown = (error.text or "").strip()
        at = f"; the line is: {shown}" if shown else ""
        raise ExerciseError(
            f"{error.filename or path}, line {error.lineno}: this is not Python: {error.msg}{at}"
        ) from None
    except ValueError as error:
        raise ExerciseError(f"{path}: {_said(error)}") from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a learner's file does
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(path)]
        where = f"{path}, line {lines[-1]}" if lines else str(path)
        raise ExerciseError(f"{where}: {_said(error)}") from None
    return Exercise(path, names, tree)


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _kind(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
