"""One story told with every library in each of its configurations, side by side, and what each came to."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sim.gauntlet.clients import CONFIGURATIONS, Client, Configuration

AT_ONCE_MAX = 4 * (os.cpu_count() or 1)
"""How many worlds run at a time: most of each is waiting, and one that lags behind its wall clock is not skipped."""


class Cell(NamedTuple):
    """One library in one configuration."""

    client: str
    version: str
    configuration: Configuration
    report: dict[str, Any]
    """The run's, as JSON; empty where there was none."""
    missing: str
    """What it takes to ask that library; empty where it was asked."""
    error: str
    """What went wrong with one that was asked."""
    journal: Path

    @property
    def broken(self) -> dict[str, int]:
        """Promise -> how often it broke; those that hold are missing."""
        verdicts = self.report.get("verdicts", ())
        return {one["guarantee"]: len(one["findings"]) for one in verdicts if one["state"] == "violated"}

    @property
    def hung(self) -> int:
        """Records, and transactional calls, that had no answer when the story was over."""
        return int(self.report.get("unanswered", 0))

    @property
    def transactions(self) -> dict[str, int]:
        """How its transactions ended, as the library told; empty where there were none."""
        return dict(self.report.get("transactions", {}))

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {**self._asdict(), "journal": str(self.journal), "broken": self.broken, "hung": self.hung}


def journal_of(folder: Path, story: str, client: str, configuration: str) -> Path:
    """Say where a cell's journal lies."""
    return folder / f"{Path(story).stem}-{client}-{configuration}.jsonl"


async def run(
    story: str,
    seed: int,
    clients: Sequence[Client],
    folder: Path,
    *,
    java_class_path: str = "",
    configurations: Sequence[Configuration] = CONFIGURATIONS,
    on_cell: Callable[[Cell], object] = lambda _: None,
) -> list[Cell]:
    """Run every cell, some at a time; `on_cell` hears of each that is done. Gives them in the order of the table."""
    turns = asyncio.Semaphore(AT_ONCE_MAX)

    async def one(client: Client, configuration: Configuration) -> Cell:
        journal = journal_of(folder, story, client.name, configuration)
        missing = client.missing(java_class_path)
        cell = Cell(client.name, client.version(java_class_path), configuration, {}, missing, "", journal)
        if not missing:
            async with turns:
                cell = _filled(cell, await _told(story, seed, cell, java_class_path))
        on_cell(cell)
        return cell

    return await asyncio.gather(*[one(client, how) for client in clients for how in configurations])


def _filled(cell: Cell, told: dict[str, Any]) -> Cell:
    if "error" in told:
        return cell._replace(error=told["error"])
    return cell._replace(report=told)


async def _told(story: str, seed: int, cell: Cell, java_class_path: str) -> dict[str, Any]:
    words = (story, str(seed), cell.client, cell.configuration, str(cell.journal), java_class_path)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sim.gauntlet.cell", *words, stdout=PIPE, stderr=PIPE
    )
    out, errors = await process.communicate()
    try:
        told: dict[str, Any] = json.loads(out)
    except ValueError:
        last = errors.decode(errors="replace").strip().splitlines()[-1:]
        return {"error": f"exit {process.returncode}" + "".join(f": {line}" for line in last)}
    return told
