"""The door of the command: lets nobody in while somebody else's `sim` or `producer` stands where ours should."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

HOME = next(place for place in Path(__file__).resolve().parents if (place / "sim" / "cli").is_dir())
"""Where the project's own rooms are: the folder above this package, in a checkout the one above its `sim`."""
ROOMS = ("producer", "sim")
"""Names that others may have given to files of theirs, too."""
DOCTOR_SAYS, USAGE = 1, 2
"""Exit statuses: as `acklab doctor` says that something is wrong; and for every other command, which could not begin."""


def main() -> None:
    """Run the command line. Ends in SystemExit."""
    for name in ROOMS:
        found = place_of(name)
        if found != HOME / name:
            print(
                f"acklab: `import {name}` finds {found or 'nothing'}, not acklab's own {HOME / name}.\n"
                "Rename it, or take its folder out of PYTHONPATH.",
                file=sys.stderr,
            )
            raise SystemExit(DOCTOR_SAYS if sys.argv[1:2] == ["doctor"] else USAGE)
    from sim.cli import main as run

    run()


def place_of(name: str) -> Path | None:
    """Where `import name` would go: a package's folder, a module's file; None if there is no such thing."""
    spec = find_spec(name)
    if spec is None:
        return None
    if spec.submodule_search_locations is not None:
        return Path(next(iter(spec.submodule_search_locations))).resolve()
    return None if spec.origin is None else Path(spec.origin).resolve()
