"""Options and arguments that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, with a format that names its version.")]


def key_values(given: list[str], *, option: str) -> dict[str, str]:
    """Read `name=value` words. Raises CommandError naming the word."""
    from sim.cli.endings import CommandError

    found = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise CommandError(f"{option} {word!r}: expected name=value, such as acks=1")
        found[name.strip()] = value.strip()
    return found
