"""A run as a command to paste; where a command cannot say it, a witness file is written beside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sim.tui.session import Watched


class NoCommandError(Exception):
    """Nothing that could be pasted repeats this run: the message says why."""


class Copied(NamedTuple):
    """A command that repeats a run, and the file that it needs."""

    command: str
    written: str = ""
    """The witness that was written for it into this folder; empty where words say it all."""


def copied_command(watched: Watched, verb: str, *, index: int | None) -> Copied:
    """Give the command. Raises NoCommandError where the run cannot be had again."""
    if watched.scenario is None:
        raise NoCommandError("its scenario is not here, so no command runs it again")
    name = f"{watched.name}-{watched.digest[:8]}.json"
    command = watched.command(verb, file=name, index=index)
    if watched.words is not None:
        return Copied(command)
    path = Path(name)
    try:
        path.write_text(watched.witness_text(beside=path), encoding="utf-8")
    except OSError as error:
        raise NoCommandError(
            f"only a witness file says this run, and {name} cannot be written into this folder: {error.strerror}"
        ) from error
    return Copied(command, name)
