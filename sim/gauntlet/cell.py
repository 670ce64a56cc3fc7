"""One cell of the table: one story, one library in one configuration, judged as any run is.

A process of its own, so that the worlds of a gauntlet do not wait for each other: what it comes to is one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from sim.gauntlet.clients import Configuration, client_named
from sim.gauntlet.program import Program, ProgramError
from sim.gauntlet.spoken import SpokenError, heard
from sim.gauntlet.staged import StagedSimulation
from sim.serve.server import Server, Serving, serve_until_signal
from sim.serve.stage import Stage
from sim.trace.events import TransactionBegan, TransactionEnded


async def tell(
    stage: Stage, name: str, configuration: Configuration, journal: Path, java_class_path: str
) -> dict[str, Any]:
    """Tell the story once, and give the report. Raises ProgramError, SpokenError; ValueError for a story that cannot be told."""
    client = client_named(name)
    with journal.open("w", encoding="utf-8") as out:
        server = Server(stage, Serving(port=0, journal=out), StagedSimulation)
        simulation = server.simulation
        assert isinstance(simulation, StagedSimulation)
        application = simulation.scenario.cast[0].name
        program = await Program.begin(name, client.command(java_class_path))
        broken: list[SpokenError] = []

        def hear(line: str) -> None:
            try:
                given = heard(application, line)
            except SpokenError as error:
                broken.append(error)
                server.stop()
                return
            if given is not None:
                server.give(given)

        simulation.say = program.say
        simulation.on_over = server.stop
        properties = client.properties(configuration, server.bootstrap, application, simulation.properties)
        try:
            await serve_until_signal(server, lambda: program.run(properties, hear))
        finally:
            await program.end()
    if broken:
        raise broken[0]
    if not simulation.is_over:
        raise ProgramError(f"{name} was interrupted")
    report = simulation.report()
    return {
        **report.as_json(),
        "unanswered": simulation.waiting,
        "transactions": outcomes(simulation.trace.events),
        "last_words": program.last_words,
    }


def outcomes(events: Iterable[Any]) -> dict[str, int]:
    """Count what an application was told of its transactions, of each the last word; those it heard nothing of are `open`."""
    last: dict[tuple[str, int], str] = {}
    for event in events:
        match event:
            case TransactionBegan(client=client, transaction=number):
                last[client, number] = "open"
            case TransactionEnded(client=client, transaction=number, outcome=outcome):
                last[client, number] = outcome
            case _:
                pass
    return dict(Counter(last.values()))


def main(words: list[str]) -> int:
    """Run `STORY SEED CLIENT CONFIGURATION JOURNAL CLASSPATH`."""
    story, seed, name, configuration, journal, java_class_path = words
    told: dict[str, Any]
    try:
        told = asyncio.run(
            tell(
                Stage(story=story, seed=int(seed), sends_with=f"{name}, {configuration}"),
                name,
                cast("Configuration", configuration),
                Path(journal),
                java_class_path,
            )
        )
    except (ProgramError, SpokenError, OSError) as error:
        told = {"error": str(error)}
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
