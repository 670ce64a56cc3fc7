"""`acklab serve`: a simulated cluster on TCP, for clients of any make, until control-C; then what became of their records."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError, Exit, ends
from sim.cli.options import AsJson, key_values

if TYPE_CHECKING:
    from sim.serve.attempt import Attempt
    from sim.serve.judgement import Judgement
    from sim.serve.server import Server

SHOWN_MAX = 5
"""How many lost or doubled ranges are named; --json has all."""

Story = Annotated[
    str, typer.Argument(metavar="[STORY]", help="A scenario, by name or path: its cluster, topics and faults.")
]
Brokers = Annotated[int | None, typer.Option(min=1, max=100, help="How many; 3, or as the story has it.")]
Port = Annotated[
    int, typer.Option(min=0, max=65_535, help="The first broker's port, the others' follow; 0: any that are free.")
]
Topics = Annotated[
    list[str],
    typer.Option("--topic", metavar="NAME:PARTITIONS:FACTOR", help="A topic that is there from the start; repeatable."),
]
Settings = Annotated[
    list[str], typer.Option("--set", metavar="NAME=VALUE", help="A broker's property by Kafka's name; repeatable.")
]
Seed = Annotated[int, typer.Option(help="Which chance the cluster has.")]
TraceFile = Annotated[
    Path | None, typer.Option("--trace", metavar="FILE", help="Write every event as it happens, as JSON Lines.")
]
Realistic = Annotated[bool, typer.Option("--realistic", help="Let the simulated network take its time as well.")]
Strict = Annotated[bool, typer.Option("--strict", help="End at the first request on which a broker of ours fails.")]


@ends
def serve(
    story: Story = "",
    brokers: Brokers = None,
    port: Port = 9092,
    topics: Topics = [],  # noqa: B006 - Typer reads it, nobody changes it
    settings: Settings = [],  # noqa: B006
    seed: Seed = 0,
    trace: TraceFile = None,
    realistic: Realistic = False,
    as_json: AsJson = False,
    strict: Strict = False,
) -> int:
    """Serve a simulated cluster on 127.0.0.1 until control-C. Exits with 1 if an acknowledged record was lost, or written twice."""
    import asyncio

    from sim.serve.server import Server, Serving, serve_until_signal
    from sim.serve.stage import Stage

    stage = Stage(
        story=story,
        brokers=brokers,
        topics=tuple(topics),
        settings=tuple(key_values(settings, option="--set").items()),
        seed=seed,
        is_realistic=realistic,
    )
    with ExitStack() as files:
        out = None if trace is None else files.enter_context(_opened(trace))
        try:
            server = Server(stage, Serving(port=port, is_strict=strict, trace=out))
        except ValueError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"cannot listen at {error.filename}: {error.strerror}") from error
        judgement = asyncio.run(serve_until_signal(server, lambda: _say_ready(server, as_json=as_json)))
        _say_end(judgement, server.simulation.attempts, as_json=as_json)
    return Exit.OUR_BUG if judgement.handler_failures else _status(judgement)


def _status(judgement: Judgement) -> Exit:
    from sim.judges.verdict import State

    return {State.HOLDS: Exit.HOLDS, State.VIOLATED: Exit.VIOLATED, State.INCONCLUSIVE: Exit.INCONCLUSIVE}[
        judgement.state
    ]


def _opened(path: Path) -> IO[str]:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}") from error


def _say_ready(server: Server, *, as_json: bool) -> None:
    config = server.simulation.cluster.config
    if as_json:
        ready = {
            "format": "acklab-serving-1",
            "bootstrap": server.bootstrap,
            "brokers": [
                {"id": broker, "host": host, "port": port}
                for broker, (host, port) in enumerate(server.stage.advertised, 1)
            ],
            "topics": [{"name": topic.name, "partitions": topic.partitions} for topic in config.topics],
            "story": server.stage.story,
            "seed": server.stage.seed,
            "pid": os.getpid(),
        }
        print(json.dumps(ready), flush=True)
    else:
        count = f"{config.brokers} broker{'s' if config.brokers > 1 else ''}"
        print(f"{count} at {server.bootstrap}; control-C ends it", flush=True)


def _say_end(judgement: Judgement, faults: Sequence[Attempt], *, as_json: bool) -> None:
    if as_json:
        told = [{"fault": one.entry, "fate": one.fate.value, "reason": one.reason} for one in faults]
        print(json.dumps({"format": "acklab-served-1", **judgement.as_json(), "faults": told}))
        return
    from sim.cli.screen import MARKS, coloured, say
    from sim.judges.verdict import State
    from sim.serve.attempt import Fate

    def line(state: State, text: str) -> None:
        say(f"  {coloured(MARKS[state], state)} {text}")

    say()
    say(f"appended       {judgement.appended_records} records")
    say(f"acknowledged   {judgement.acknowledged_records}, as far as brokers said so")
    for name, count in sorted(judgement.refused.items()):
        say(f"refused        {count} x {name}")
    if judgement.lost:
        line(State.VIOLATED, f"{judgement.lost_records} acknowledged records are not in their leader's log:")
    else:
        line(State.HOLDS, "every acknowledged record is in the log of whoever leads now")
    for lost in judgement.lost[:SHOWN_MAX]:
        disks = ", ".join(f"b{broker}" for broker in lost.on_disks)
        where = f"on the disk of {disks}, not the leader's" if disks else "on no disk"
        say(f"      {lost.tp} {lost.first_offset} to {lost.last_offset}, leader epoch {lost.leader_epoch}: {where}")
    if judgement.twice:
        line(State.VIOLATED, f"{judgement.doubled_records} records are there twice, byte for byte:")
    for twice in judgement.twice[:SHOWN_MAX]:
        say(f"      {twice.tp} {twice.first_offset}, and again at {twice.again_offset}: {twice.records} records")
    for tp in judgement.unread:
        line(State.INCONCLUSIVE, f"nobody leads {tp}: what was acknowledged there cannot be looked up")
    if judgement.handler_failures:
        line(State.VIOLATED, f"{judgement.handler_failures} requests on which a broker failed: a bug of ours")
    for fault in faults:
        if fault.fate is not Fate.FIRED:
            why = fault.reason or "its moment never came"
            line(State.INCONCLUSIVE, f"'{fault.entry}' did not strike: {why}")
