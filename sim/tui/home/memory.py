"""What somebody has seen, kept in one small JSON file: hints that are told once, endings that are no secret any more.

It is a convenience, never an error: where the file cannot be read, all is new; where it cannot be written, it lasts as long as the screen.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class Ending(BaseModel):
    """That somebody knows how a story ends; and of how many promises they had said it before."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    right: int = 0
    of: int = 0
    """0 if they did not predict."""


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Literal["acklab-screen-1"] = "acklab-screen-1"
    hints: list[str] = Field(default_factory=list)
    """Those that were told."""
    endings: dict[str, Ending] = Field(default_factory=dict)
    """By the names of stories."""
    theme: str = ""


class Memory:
    """What is kept between two visits."""

    def __init__(self, path: Path | None = None) -> None:
        """Read the file; without one, or without a path, nothing was seen yet."""
        self._path = path
        self._kept = _Kept()
        if path is None:
            return
        try:
            self._kept = _Kept.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            pass
        except (OSError, ValueError, ValidationError):
            # Somebody's file, or another version's: it is left as it is.
            self._path = None

    @property
    def endings(self) -> dict[str, Ending]:
        """Of which stories the ending is known."""
        return self._kept.endings

    @property
    def theme(self) -> str:
        """Give the theme that was chosen; empty if none was."""
        return self._kept.theme

    def keep_theme(self, name: str) -> None:
        """Remember a choice of theme."""
        if name != self._kept.theme:
            self._change(lambda kept: setattr(kept, "theme", name))

    def is_new(self, hint: str) -> bool:
        """Whether a hint was never told; from now on it was."""
        if hint in self._kept.hints:
            return False
        self._change(lambda kept: kept.hints.append(hint))
        return True

    def keep_ending(self, story: str, ending: Ending | None = None) -> None:
        """Remember that an ending is known; the first prediction stays, as the second is none."""
        known = self._kept.endings.get(story)
        if known is None or (not known.of and ending is not None):
            self._change(lambda kept: kept.endings.update({story: ending or Ending()}))

    def _change(self, change: Callable[[_Kept], object]) -> None:
        """Change what is kept, beside what another screen may have kept meanwhile."""
        if self._path is not None:
            self._kept = Memory(self._path)._kept
        change(self._kept)
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside = self._path.with_suffix(".new")
            beside.write_text(self._kept.model_dump_json(indent=2) + "\n", encoding="utf-8")
            beside.replace(self._path)
        except OSError:
            # It lasts as long as the screen.
            self._path = None
