"""A key file as the commands of `acklab keys` take it: read, changed by one call, written as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.governance.protection.local_keys import LocalKeyService

KeyFile = Annotated[Path, typer.Argument(metavar="FILE", help="The key file, with mode 0600.")]
Readers = Annotated[
    list[str], typer.Option("--reader", metavar="NAME", help="Who may decrypt; repeatable, anybody without it.")
]


def opened(file: Path) -> LocalKeyService:
    """Read a file. Raises CommandError where it cannot be used, or what reads it is not installed."""
    from producer.errors import UsageError

    try:
        from producer.governance.protection.key_file import load_keys

        return load_keys(file)
    except ModuleNotFoundError as error:
        raise CommandError(f"keys need the module {error.name!r}: pip install 'acklab[governance]'") from error
    except UsageError as error:
        raise CommandError(str(error)) from error


def changed(file: Path, service: LocalKeyService, change: Callable[[LocalKeyService], object]) -> None:
    """Change what a file holds, or leave it as it is. Raises CommandError."""
    from producer.errors import UsageError
    from producer.governance.errors import KeyServiceError
    from producer.governance.protection.key_file import save_keys

    try:
        change(service)
        save_keys(service, file)
    except (KeyServiceError, UsageError) as error:
        raise CommandError(str(error)) from error
