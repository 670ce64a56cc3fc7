"""Folders that a command fills: checked before it begins, made when there is something for them."""

from __future__ import annotations

import os
from pathlib import Path

from sim.cli.endings import CommandError


def check_folder(path: Path) -> None:
    """Find out whether files can be written there, now or once it is made. Raises CommandError naming the path."""
    nearest = path
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        raise CommandError(f"cannot write into {path}: {nearest} is not a directory")
    if not os.access(nearest, os.W_OK):
        raise CommandError(f"cannot write into {path}: permission denied")


def make_folder(path: Path) -> None:
    """Make it, if it is not there. A folder of ours says so itself, wherever somebody stood: nobody need tell git of it."""
    if not path.exists():
        path.mkdir(parents=True)
        (path / ".gitignore").write_text("*\n", encoding="utf-8")
