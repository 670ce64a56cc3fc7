"""A registry of any make, as the commands of `acklab schema` ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.endings import CommandError, Exit

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.registry.client import RegistryAt

REGISTRY = "http://127.0.0.1:8081"
CONFLICT = 409

Url = Annotated[
    str, typer.Option("--at", envvar="ACKLAB_REGISTRY", metavar="URL", help="The registry, as its first line names it.")
]
Deleted = Annotated[bool, typer.Option("--deleted", help="Those that were deleted softly as well.")]


def asked(url: str, ask: Callable[[RegistryAt], Any]) -> Any:
    """Ask a registry. Raises CommandError for a refusal, with status 1 for an incompatible schema, and where none answers."""
    from sim.registry.client import RefusedError, RegistryAt, RegistryUnreachableError

    try:
        return ask(RegistryAt(url))
    except RegistryUnreachableError as error:
        raise CommandError(str(error)) from error
    except RefusedError as error:
        status = Exit.VIOLATED if error.code // 100 == CONFLICT or error.code == CONFLICT else Exit.USAGE
        raise CommandError(f"{error.code}: {error}", status) from error
