"""`acklab registry`: a schema registry on TCP, with Confluent's REST API, until control-C."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer

from sim.cli.endings import CommandError, ends
from sim.cli.options import AsJson

REGISTRY_PORT = 8081
"""Where Confluent's listens."""

Port = Annotated[int, typer.Option(min=0, max=65_535, help="Where it listens; 0: any that is free.")]
Level = Annotated[str, typer.Option("--level", metavar="LEVEL", help="The compatibility level until one is set.")]
RulesName = Annotated[
    str,
    typer.Option("--rules", metavar="RULES", help="Whose word counts where registries differ: confluent or apicurio."),
]


@ends
def registry(
    port: Port = REGISTRY_PORT, level: Level = "BACKWARD", rules: RulesName = "confluent", as_json: AsJson = False
) -> None:
    """Serve a schema registry on 127.0.0.1 until control-C: Confluent's REST API, everything in memory."""
    import asyncio

    from producer.schemas.compatibility.levels import Rules
    from sim.registry.core.errors import RegistryError
    from sim.registry.core.settings import level_named
    from sim.registry.registry import Registry
    from sim.registry.tcp import serve_until_signal

    if rules not in list(Rules):
        raise CommandError(f"--rules {rules!r}: must be one of {', '.join(Rules)}")
    try:
        served = Registry(level_named(level), Rules(rules))
    except RegistryError as error:
        raise CommandError(f"--level {level!r}: {error.message}") from error

    def say_ready(at: int) -> None:
        url = f"http://127.0.0.1:{at}"
        if as_json:
            ready = {
                "format": "acklab-registry-1",
                "url": url,
                "level": served.state.default_level,
                "pid": os.getpid(),
            }
            print(json.dumps(ready), flush=True)
        else:
            print(f"schema registry at {url}, level {served.state.default_level}; control-C ends it", flush=True)

    try:
        asyncio.run(serve_until_signal(served, "127.0.0.1", port, say_ready))
    except OSError as error:
        if error.filename is None:
            raise
        raise CommandError(f"cannot listen at {error.filename}: {error.strerror}") from error
    told = {
        "format": "acklab-registry-ended-1",
        "subjects": len(served.state.subjects),
        "records": len(served.journal),
    }
    if as_json:
        print(json.dumps(told))
    else:
        print(f"{told['subjects']} subjects, in {told['records']} records of its journal")
