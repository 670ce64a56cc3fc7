"""How far a learner is: one JSON file under the XDG state directory, or where ACKLAB_STATE says.

A file that cannot be read is reported by its name and left as it is: it is somebody's work.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

STATE = "ACKLAB_STATE"
"""A directory that stands in for the usual one."""


class ProgressError(Exception):
    """The file of the progress cannot be used: the message names it, and says what to do."""


class Answer(BaseModel):
    """What a learner said before a run, and what the run showed."""

    model_config = ConfigDict(extra="forbid")

    choice: str
    reason: str
    happened: str = ""
    """Empty until the run was seen."""


class LessonProgress(BaseModel):
    """One lesson as far as it was done."""

    model_config = ConfigDict(extra="forbid")

    folder: str
    """Where the learner's own files are."""
    copied: dict[str, str] = Field(default_factory=dict)
    """File name -> SHA-256 of what was put there, by which an edit is known."""
    parts_read: int = 0
    predictions: dict[str, Answer] = Field(default_factory=dict)
    hints_given: int = 0
    checks: int = 0
    """How often the exercise was checked."""
    is_passed: bool = False
    broken_run: str = ""
    """Trace of the run that the last check failed on, in the learner's folder; empty if there is none."""
    broken_event: int = -1
    """The event of that trace that matters; -1 if none was named."""


class Progress(BaseModel):
    """Everything a learner has done."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["acklab-progress-1"] = "acklab-progress-1"
    lessons: dict[str, LessonProgress] = Field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write it whole or not at all. Raises ProgressError."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_suffix(".new")
            beside.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
            beside.replace(path)
        except OSError as error:
            raise ProgressError(f"cannot keep your progress in {path}: {error.strerror}") from error


def state_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where what lasts is kept: $ACKLAB_STATE, $XDG_STATE_HOME/acklab or ~/.local/state/acklab."""
    if environment.get(STATE):
        return Path(environment[STATE])
    home = environment.get("XDG_STATE_HOME", "")
    # The specification has a relative path ignored.
    base = Path(home) if home.startswith("/") else Path.home() / ".local" / "state"
    return base / "acklab"


def progress_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the progress is kept."""
    return state_folder(environment) / "progress.json"


def read_progress(path: Path) -> Progress:
    """Read the progress; a new one if there is none yet. Raises ProgressError naming a file that cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Progress()
    except UnicodeDecodeError as error:
        raise ProgressError(_damaged(path, "it is not text")) from error
    except OSError as error:
        raise ProgressError(f"cannot read your progress in {path}: {error.strerror}") from error
    try:
        return Progress.model_validate_json(text)
    except ValidationError as error:
        worst = error.errors()[0]
        where = ".".join(str(part) for part in worst["loc"])
        reason = f"{where}: {worst['msg'].lower()}" if where else worst["msg"].lower()
        raise ProgressError(_damaged(path, reason)) from error


def _damaged(path: Path, reason: str) -> str:
    return (
        f"{path} holds your progress and cannot be read ({reason}); it was left as it is. "
        "Mend it, or move it away to begin anew"
    )
