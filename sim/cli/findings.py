"""What a search found, as files: a witness for each shape of breach, the ones that nobody shrunk in time among them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.folders import make_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.explore.campaign import Tally
    from sim.explore.search import Found, Search


def write_finding(found: Found, out: Path) -> Path:
    """Write a finding's witness into a folder, which is made when it is not there; gives the file."""
    make_folder(out)
    broken = "+".join(found.broken).replace(" ", "_")
    path = out / f"{broken}-{found.witness.seed}-{found.number}.json"
    path.write_text(found.witness.text(beside=path), encoding="utf-8")
    return path


def keep_the_rest(search: Search, tally: Tally, keep: Callable[[Found], object]) -> None:
    """Hand over, as drawn, one schedule for each breach that was seen but not shrunk when somebody stopped the search."""
    known = {found.broken for found in tally.found}
    for outcome in tally.failing:
        if outcome.broken not in known:
            known.add(outcome.broken)
            found = search.unshrunk(outcome.number)
            tally.keep(found)
            keep(found)
