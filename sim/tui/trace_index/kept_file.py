"""Where an index lies: beside its trace, or in the user's cache where nothing can be written there. It is a convenience, never an error."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

FORMAT = "acklab-index-1"
BEGIN = b'{"format": "%b"' % FORMAT.encode()
"""How a file of ours begins: no other is written over."""
IN_CACHE_MAX = 16
"""How many indexes the cache holds, the latest."""


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Where what can be made anew is kept: $XDG_CACHE_HOME/acklab or ~/.cache/acklab; None for somebody without a home."""
    given = environment.get("XDG_CACHE_HOME", "")
    # The specification has a relative path ignored.
    if given.startswith("/"):
        return Path(given) / "acklab"
    try:
        return Path.home() / ".cache" / "acklab"
    except RuntimeError:
        return None


def places(trace: Path, key: str) -> Iterator[Path]:
    """Give where the index of a trace may lie, the best place first."""
    yield trace.with_name(f"{trace.name}.index")
    cache = cache_folder()
    if cache is not None:
        yield cache / f"{key}.index"


def write(trace: Path, key: str, content: bytes) -> Path | None:
    """Write an index whole or not at all. Gives where it lies; None if it could be written nowhere."""
    for place in places(trace, key):
        is_beside = place.parent == trace.parent
        try:
            if not is_beside:
                place.parent.mkdir(parents=True, exist_ok=True)
            if _is_of_others(place):
                continue
            _replace(place, content)
            if not is_beside:
                _shed(place.parent)
        except OSError:
            continue
        return place
    return None


def _is_of_others(place: Path) -> bool:
    try:
        with place.open("rb") as there:
            return there.read(len(BEGIN)) != BEGIN
    except FileNotFoundError:
        return False


def _replace(place: Path, content: bytes) -> None:
    # Under a name of its own until it is whole: two who open the same trace do not write into one file.
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".acklab-", suffix=".index")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        Path(name).replace(place)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _shed(cache: Path) -> None:
    latest_first = sorted(cache.glob("*.index"), key=lambda one: (-one.stat().st_mtime_ns, one.name))
    for old in latest_first[IN_CACHE_MAX:]:
        old.unlink(missing_ok=True)
