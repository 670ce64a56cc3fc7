"""A registry of any make, as the commands of `acklab schema` ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError, Exit

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from producer.drivers.thread_registry import SchemaRegistry

    T = TypeVar("T")

REGISTRY = "http://127.0.0.1:8081"
CONFLICT = 409
ANSWER_US_MAX = 30_000_000

Url = Annotated[
    str, typer.Option("--at", envvar="ACKLAB_REGISTRY", metavar="URL", help="The registry, as its first line names it.")
]
Deleted = Annotated[bool, typer.Option("--deleted", help="Those that were deleted softly as well.")]


def asked(url: str, ask: Callable[[SchemaRegistry], T]) -> T:
    """Ask a registry. Raises CommandError for a refusal, with status 1 for an incompatible schema, and where none answers."""
    from producer.drivers.thread_registry import SchemaRegistry
    from producer.errors import ConfigError, SchemaRegistryError
    from producer.serialization.registry.settings import RegistrySettings, places

    try:
        # Whoever waits at a terminal asks again himself.
        settings = RegistrySettings(
            places([url]), connect_timeout_us=ANSWER_US_MAX, read_timeout_us=ANSWER_US_MAX, retries_max=0
        )
        with SchemaRegistry(settings) as registry:
            return ask(registry)
    except ConfigError as error:
        raise CommandError(f"--at: {error}") from error
    except SchemaRegistryError as error:
        if not error.status:
            raise CommandError(str(error)) from error
        code = error.error_code or error.status
        status = Exit.VIOLATED if code // 100 == CONFLICT or code == CONFLICT else Exit.USAGE
        raise CommandError(f"{code}: {error.detail}", status) from error
