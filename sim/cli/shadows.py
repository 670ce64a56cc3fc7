"""Whether somebody else's `sim` or `producer` would be imported in place of ours."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import NamedTuple

OURS = Path(__file__).resolve().parent.parent.parent
ROOMS = ("producer", "sim")
DISTRIBUTION = "acklab"


class Shadow(NamedTuple):
    """Something that bears a name of ours."""

    name: str
    where: str
    """Its path, or the distribution that brings it."""
    remedy: str


def shadows() -> Iterator[Shadow]:
    """What a program started in this directory, such as `python my_story.py`, would import in place of acklab's own."""
    distributions = packages_distributions()
    for name in ROOMS:
        found = _found_first(name)
        if found is not None and found != OURS / name:
            yield Shadow(name, str(found), f"rename or move it, so that `import {name}` finds {OURS / name}")
        for other in sorted(set(distributions.get(name, ())) - {DISTRIBUTION}):
            yield Shadow(name, other, f"python -m pip uninstall {other}, and install acklab again")


def _found_first(name: str) -> Path | None:
    """What the working directory and the path hold under that name; the installation's own finders come after them."""
    spec = PathFinder.find_spec(name, [str(Path.cwd()), *sys.path])
    if spec is None:
        return None
    if spec.submodule_search_locations is not None:
        return Path(next(iter(spec.submodule_search_locations))).resolve()
    return None if spec.origin is None else Path(spec.origin).resolve()
