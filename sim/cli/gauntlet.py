"""`acklab gauntlet`: one story, and the producers of five makes in it, one table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError, Exit, complain, ends
from sim.cli.folders import check_folder, make_folder
from sim.cli.options import AsJson
from sim.cli.recorded import story_named

if TYPE_CHECKING:
    from sim.gauntlet.table import Cell

FORMAT = "acklab-gauntlet-1"

Story = Annotated[str, typer.Argument(metavar="STORY", help="A scenario of one application, by name or path.")]
Seed = Annotated[int, typer.Option(help="Which chance the cluster has.")]
Clients = Annotated[
    list[str],
    typer.Option(
        "--client", metavar="NAME", help="acklab, java, confluent-kafka, kafka-python or aiokafka; repeatable. All."
    ),
]
Journals = Annotated[
    Path, typer.Option("--journals", metavar="FOLDER", help="Where each cell's journal goes, for `acklab replay FILE`.")
]
Java = Annotated[
    str, typer.Option("--java", metavar="CLASSPATH", help="Where kafka-clients and what it needs lie: 'jars/*'.")
]


@ends
def gauntlet(
    story: Story,
    seed: Seed = 0,
    clients: Clients = [],  # noqa: B006 - Typer reads it, nobody changes it
    journals: Journals = Path("gauntlet"),
    java: Java = "",
    as_json: AsJson = False,
) -> int:
    """Tell one story with each client library as its application's producer, by default and at its safest. Exits with 1 if a promise broke."""
    import asyncio

    from sim.gauntlet import table
    from sim.gauntlet.clients import CLIENTS, client_named
    from sim.gauntlet.staged import tellable

    scenario = story_named(story)
    try:
        tellable(scenario)
        asked = [client_named(name) for name in clients] or list(CLIENTS)
    except ValueError as error:
        raise CommandError(str(error)) from error
    check_folder(journals)
    make_folder(journals)

    def done(cell: Cell) -> None:
        complain(f"{cell.client}, {cell.configuration}: {said(cell)}")

    cells = asyncio.run(table.run(story, seed, asked, journals, java_class_path=java, on_cell=done))
    if as_json:
        print(
            json.dumps(
                {"format": FORMAT, "story": scenario.name, "seed": seed, "cells": [one.as_json() for one in cells]}
            )
        )
    else:
        _tell(scenario.question, cells)
    return _status(cells)


def said(cell: Cell) -> str:
    """Say in a few words what a cell came to."""
    if not cell.report:
        return cell.missing or cell.error
    parts = [f"{name} {count}" for name, count in cell.broken.items()]
    if cell.hung:
        parts.append(f"hung {cell.hung}")
    if cell.report["unfired"] or cell.report["exit_code"] == Exit.INCONCLUSIVE:
        parts.append("inconclusive")
    ends = ", ".join(f"{count} {outcome}" for outcome, count in cell.transactions.items())
    return (f"{ends}: " if ends else "") + (", ".join(parts) or "every promise held")


def _tell(question: str, cells: list[Cell]) -> None:
    from sim.cli.screen import bold, labelled, say

    for line in labelled("", question, label_width=0):
        say(line)
    say()
    say(bold(f"{'client':<26} {'sent':>5} {'acked':>5} {'failed':>6} {'unknown':>7} {'read':>5}  what broke"))
    for cell in cells:
        name = f"{cell.client} {cell.version}".strip() if cell.configuration == "default" else "  at its safest"
        counts = cell.report.get("counts")
        numbers = (
            f"{'':>5} {'':>5} {'':>6} {'':>7} {'':>5}"
            if counts is None
            else f"{counts['sent']:>5} {counts['acknowledged']:>5} {counts['failed']:>6} {counts['unknown']:>7} {counts['read']:>5}"
        )
        say(f"{name:<26} {numbers}  {said(cell)}")
    say()
    for cell in cells:
        if cell.broken or cell.hung:
            say(f"{cell.client}, {cell.configuration}: acklab replay {cell.journal}")


def _status(cells: list[Cell]) -> Exit:
    """Give the exit status: the worst of the cells that were asked; libraries that are not there change nothing."""
    codes = [Exit(cell.report["exit_code"]) for cell in cells if cell.report]
    if not codes or any(cell.error for cell in cells):
        return Exit.INCONCLUSIVE
    for worst in (Exit.OUR_BUG, Exit.VIOLATED, Exit.INCONCLUSIVE):
        if worst in codes:
            return worst
    return Exit.INCONCLUSIVE if any(cell.hung for cell in cells) else Exit.HOLDS
