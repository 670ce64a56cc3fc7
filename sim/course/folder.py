"""A learner's own folder: the files of a lesson are put there, and what was edited is never overwritten unasked."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sim.course.lesson import Lesson

FOLDER = "acklab-course"
"""Made in the directory where a learner starts."""


class FolderError(Exception):
    """A learner's folder cannot be made or written; the message names the file."""


class Filled(NamedTuple):
    """What was put into a folder."""

    copied: dict[str, str]
    """File name -> SHA-256 of what was put there, now or before."""
    kept: tuple[str, ...]
    """Files that the learner changed, and that were left alone."""


def fill(folder: Path, lesson: Lesson, *, before: dict[str, str], is_forced: bool) -> Filled:
    """Put a lesson's files into a folder. `before` is what was put there earlier. Raises FolderError naming a file."""
    copied = dict(before)
    kept = []
    path = folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source in lesson.files:
            path = folder / source.name
            wanted = source.read_bytes()
            if path.exists() and not is_forced:
                there = _digest(path.read_bytes())
                if there not in {before.get(source.name), _digest(wanted)}:
                    kept.append(source.name)
                    continue
            path.write_bytes(wanted)
            copied[source.name] = _digest(wanted)
    except OSError as error:
        raise FolderError(f"cannot write {path}: {error.strerror}") from error
    return Filled(copied, tuple(kept))


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
