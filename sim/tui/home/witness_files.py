"""The witnesses that lie in some folders, the latest first."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from sim.stories.witness import Witness, WitnessError, read_witness

SHOWN_MAX = 8
LOOKED_AT_MAX = 200
"""Of a folder's files so many are looked at, the latest first: somebody may keep thousands."""
_BEGIN = 400
"""Bytes in which a witness names its format."""


class WitnessFile(NamedTuple):
    """One file, and what it holds."""

    path: Path
    witness: Witness

    @property
    def broken(self) -> tuple[str, ...]:
        """Which promises broke, by its own word."""
        return tuple(name for name, state in self.witness.verdicts.items() if state == "violated")


def last_witnesses(folders: Iterable[Path], *, limit: int = SHOWN_MAX) -> tuple[WitnessFile, ...]:
    """Read the latest witnesses there; files of any other kind, and what cannot be read, are passed over."""
    found: list[WitnessFile] = []
    for path in _latest(folders):
        if len(found) == limit:
            break
        if _is_witness(path):
            try:
                found.append(WitnessFile(path, read_witness(path)))
            except (OSError, WitnessError):
                continue
    return tuple(found)


def _latest(folders: Iterable[Path]) -> list[Path]:
    times: dict[Path, int] = {}
    for folder in folders:
        try:
            for path in folder.glob("*.json"):
                times[path] = path.stat().st_mtime_ns
        except OSError:
            continue
    return sorted(times, key=lambda path: (-times[path], path))[:LOOKED_AT_MAX]


def _is_witness(path: Path) -> bool:
    try:
        with path.open("rb") as source:
            return b"acklab-witness-" in source.read(_BEGIN)
    except OSError:
        return False
