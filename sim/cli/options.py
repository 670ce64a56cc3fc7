"""Options and arguments that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError

if TYPE_CHECKING:
    from sim.faults.schedule import Entry
    from sim.stories.planted import NamedBug
    from sim.stories.scenario import Scenario

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, with a format that names its version.")]
PlantedBug = Annotated[
    str | None,
    typer.Option(
        "--planted-bug", metavar="NAME", help="Plant a bug of ours on purpose, to see it found: a name of sim/mutants."
    ),
]


def faults_named(given: list[str], scenario: Scenario) -> list[Entry]:
    """Read the faults that strike behind a scenario's own. Raises CommandError naming the fault."""
    from sim.faults import FaultTextError
    from sim.faults.schedule import parse_entry

    try:
        entries = [parse_entry(text) for text in given]
        told = (*scenario.schedule, *entries, *scenario.readers)
        scenario.check_names(told)
    except FaultTextError as error:
        raise CommandError(f"--fault {error}") from error
    return entries


def key_values(given: list[str], *, option: str) -> dict[str, str]:
    """Read `name=value` words. Raises CommandError naming the word."""
    found = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise CommandError(f"{option} {word!r}: expected name=value, such as acks=1")
        found[name.strip()] = value.strip()
    return found


Servers = Annotated[
    list[str],
    typer.Option("-b", "--bootstrap-server", "--bootstrap-servers", "--broker-list", metavar="HOST[:PORT],…",
                 help="Where to ask first; repeatable."),
]  # fmt: skip
PORT = 9_092
"""Kafka's, where none is said."""


def servers_named(given: str) -> str:
    """Read the words of -b, as other tools take them: a host may stand without its port. Raises CommandError naming it."""
    from producer.config.addresses import parse_address, written_address
    from producer.errors import ConfigError

    named = [server.strip() for server in given.split(",") if server.strip()]
    if not named:
        raise CommandError(f"-b {given!r}: expected HOST:PORT,…")
    try:
        return ",".join(written_address(*parse_address(server, port_default=PORT)) for server in named)
    except ConfigError as error:
        raise CommandError(f"-b {given!r}: {error}") from error


def mutant_named(name: str | None) -> NamedBug | None:
    """Find the bug to plant; None for none. Raises CommandError with the nearest name."""
    if name is None:
        return None
    from sim.stories.planted import UnknownBugError, planted_bug

    try:
        return planted_bug(name)
    except UnknownBugError as error:
        raise CommandError(f"--planted-bug: {error}") from error
