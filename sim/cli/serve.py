"""`acklab serve`: a simulated cluster on TCP, for clients of any make, until control-C; then what became of their records."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError, ends
from sim.cli.options import AsJson, key_values
from sim.cli.served import ending_json, ending_status, tell_ending

if TYPE_CHECKING:
    from sim.serve.server import Server

CONTROL_PORT = 9091
"""Beside Kafka's own."""

Story = Annotated[
    str, typer.Argument(metavar="[STORY]", help="A scenario, by name or path: its cluster, topics and faults.")
]
Brokers = Annotated[int | None, typer.Option(min=1, max=100, help="How many; 3, or as the story has it.")]
Port = Annotated[
    int, typer.Option(min=0, max=65_535, help="The first broker's port, the others' follow; 0: any that are free.")
]
ControlPort = Annotated[
    int | None,
    typer.Option(
        "--control", min=0, max=65_535, metavar="PORT", help="Where `acklab ctl` finds it: 9091, or any with --port 0."
    ),
]
Topics = Annotated[
    list[str],
    typer.Option("--topic", metavar="NAME:PARTITIONS:FACTOR", help="A topic that is there from the start; repeatable."),
]
Settings = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A broker's property by Kafka's name, or a topic's setting as orders.retention.ms=60000; repeatable.",
    ),
]
Seed = Annotated[int, typer.Option(help="Which chance the cluster has.")]
TraceFile = Annotated[
    Path | None, typer.Option("--trace", metavar="FILE", help="Write every event as it happens, as JSON Lines.")
]
JournalFile = Annotated[
    Path | None, typer.Option("--journal", metavar="FILE", help="Write what clients send, for `acklab replay FILE`.")
]
Realistic = Annotated[bool, typer.Option("--realistic", help="Let the simulated network take its time as well.")]
RegistryPort = Annotated[
    int | None,
    typer.Option(
        "--registry",
        min=0,
        max=65_535,
        metavar="PORT",
        help="Serve a schema registry as well, on this port; 0: any that is free.",
    ),
]
Secure = Annotated[
    bool,
    typer.Option(
        "--secure", help="Listen with TLS and SASL as well, and know users: admin and alice, or those of --user."
    ),
]
Users = Annotated[
    list[str],
    typer.Option("--user", metavar="NAME:PASSWORD", help="A user of a secure cluster, with a certificate; repeatable."),
]
Certificates = Annotated[
    Path,
    typer.Option(
        "--certificates", metavar="FOLDER", help="Where --secure keeps its certificates; made if they are not there."
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="End at the first request on which a broker of ours fails.")]


@ends
def serve(
    story: Story = "",
    brokers: Brokers = None,
    port: Port = 9092,
    control: ControlPort = None,
    topics: Topics = [],  # noqa: B006 - Typer reads it, nobody changes it
    settings: Settings = [],  # noqa: B006
    seed: Seed = 0,
    journal: JournalFile = None,
    trace: TraceFile = None,
    registry: RegistryPort = None,
    secure: Secure = False,
    users: Users = [],  # noqa: B006
    certificates: Certificates = Path("acklab-certificates"),
    realistic: Realistic = False,
    as_json: AsJson = False,
    strict: Strict = False,
) -> int:
    """Serve a simulated cluster on 127.0.0.1 until control-C. Exits with 1 if an acknowledged record was lost, or written twice."""
    named = tuple(key_values(settings, option="--set").items())
    # Nothing of what is made until clients are accepted is garbage: to look for some takes a tenth of the start.
    gc.disable()
    import asyncio

    from sim.serve.certificates import CertificatesError
    from sim.serve.server import Server, Serving, raise_file_limit, serve_until_signal
    from sim.serve.stage import Stage

    stage = Stage(
        story=story,
        brokers=brokers,
        topics=tuple(topics),
        settings=named,
        seed=seed,
        has_registry=registry is not None,
        is_secure=secure,
        users=_users(users, is_secure=secure),
        is_realistic=realistic,
    )
    raise_file_limit()
    with ExitStack() as files, _ports_named():
        files.callback(gc.enable)
        trace_out, journal_out = (
            None if path is None else files.enter_context(_opened(path, is_secret=secure)) for path in (trace, journal)
        )
        serving = Serving(
            port=port,
            control_port=CONTROL_PORT if control is None and port else control or 0,
            is_strict=strict,
            trace=trace_out,
            registry_port=registry,
            certificates=certificates if secure else None,
            journal=journal_out,
        )
        try:
            server = Server(stage, serving)
        except (ValueError, CertificatesError) as error:
            raise CommandError(str(error)) from error
        judgement = asyncio.run(serve_until_signal(server, lambda: _say_ready(server, as_json=as_json)))
    if as_json:
        print(json.dumps({"format": "acklab-served-1", **ending_json(judgement, server.simulation.attempts)}))
    else:
        tell_ending(judgement, server.simulation.attempts)
    return ending_status(judgement)


@contextmanager
def _ports_named() -> Iterator[None]:
    """Say which port is not free. Raises CommandError."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            raise
        raise CommandError(f"cannot listen at {error.filename}: {error.strerror}") from error


def _users(given: list[str], *, is_secure: bool) -> tuple[tuple[str, str], ...]:
    if given and not is_secure:
        raise CommandError("--user has no effect without --secure")
    pairs = [tuple(one.split(":", 1)) for one in given]
    if any(len(pair) != 2 or not all(pair) for pair in pairs):
        # What was given holds a password, and is not shown.
        raise CommandError("--user: expected NAME:PASSWORD")
    return tuple((name, password) for name, password in pairs)


def _opened(path: Path, *, is_secret: bool) -> IO[str]:
    """Open a file to write; a journal of secure clients holds what they proved themselves by, and is its owner's alone."""
    try:
        path.touch(mode=0o600 if is_secret else 0o666)
        if is_secret:
            path.chmod(0o600)
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}") from error


def _say_ready(server: Server, *, as_json: bool) -> None:
    gc.freeze()
    gc.enable()
    config = server.simulation.cluster.config
    if as_json:
        ready = {
            "format": "acklab-serving-1",
            "bootstrap": server.bootstrap,
            "listeners": server.bootstraps,
            "brokers": [
                {"id": broker, "host": host, "port": port}
                for broker, (host, port) in enumerate(server.stage.advertised[: config.brokers], 1)
            ],
            "topics": [{"name": topic.name, "partitions": topic.partitions} for topic in config.topics],
            "control": server.control_url,
            "registry": server.registry_url,
            "story": server.stage.story,
            "seed": server.stage.seed,
            "pid": os.getpid(),
        }
        print(json.dumps(ready), flush=True)
    else:
        count = f"{config.brokers} broker{'s' if config.brokers > 1 else ''}"
        schemas = f", schemas at {server.registry_url}" if server.registry_url else ""
        print(f"{count} at {server.bootstrap}{schemas}, control at {server.control_url}; control-C ends it", flush=True)
        for name, bootstrap in list(server.bootstraps.items())[1:]:
            print(f"  {name} at {bootstrap}", flush=True)
