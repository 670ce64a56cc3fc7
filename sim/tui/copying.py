"""A run as a command to paste; where a command cannot say it, a witness file is written beside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.tui.session import Watched


def copied_command(watched: Watched, verb: str, *, index: int | None) -> tuple[str, str]:
    """Give the command, and what else was done for it."""
    name = f"{watched.name}-{watched.digest[:8]}.json"
    if watched.words is not None:
        return watched.command(verb, file=name, index=index), "paste it into a shell"
    path = Path(name)
    try:
        path.write_text(watched.witness_text(beside=path), encoding="utf-8")
    except OSError as error:
        return watched.command(verb, file=name, index=index), f"but {name} cannot be written: {error.strerror}"
    return watched.command(verb, file=name, index=index), f"{name} was written into this folder for it"
