"""A run as a command to paste; where a command cannot say it, a witness file is written beside.

A program asks its terminal to copy by OSC 52, and is never told whether that was done. But a terminal can be asked whether it
does so at all; where it does not say yes, the command is written into a file as well.
"""

from __future__ import annotations

import re
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


# -- what the terminal does with it -------------------------------------------------------------------------------------

QUESTION = b"\x1bP+q4d73\x1b\\\x1b[c"
"""Asks a terminal for its capability `Ms`, to set the clipboard (XTGETTCAP), then who it is (DA1): all answer the latter."""
FILE = "acklab-commands.txt"
_HAS_MS = re.compile(rb"\x1bP1\+r4[dD]73")
_WHO = re.compile(rb"\x1b\[\?([0-9;]*)c")
_CLIPBOARD = b"52"
"""By this number a terminal says in its DA1 that it takes OSC 52."""


def is_answered(reply: bytes) -> bool:
    """Whether a terminal has said all that it will."""
    return _WHO.search(reply) is not None


def says_it_copies(reply: bytes) -> bool:
    """Whether a terminal's answer to QUESTION says that it takes OSC 52."""
    who = _WHO.search(reply)
    return _HAS_MS.search(reply) is not None or (who is not None and _CLIPBOARD in who[1].split(b";"))


def copied_to(command: str, *, copies: bool) -> str:
    """Say where a command went that the terminal was asked to copy; into FILE, too, unless the terminal `copies`."""
    if copies:
        return "copied: this terminal says that it takes that (OSC 52)"
    doubt = "this terminal does not say that it copies (OSC 52)"
    try:
        with Path(FILE).open("a+", encoding="utf-8") as file:
            file.seek(0)
            if f"{command}\n" not in file.readlines():
                file.write(f"{command}\n")
    except OSError as error:
        return f"{doubt}, and {FILE} cannot be written here ({error.strerror}): the command is printed when you leave"
    return f"{doubt}, so it stands in {FILE} in this folder, and is printed when you leave"
