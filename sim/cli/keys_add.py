"""`acklab keys add`: a tenant's first key, or a masking key; the file is made where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError, ends
from sim.cli.keys_file import KeyFile, Readers, changed, opened

if TYPE_CHECKING:
    from producer.governance.protection.local_keys import LocalKeyService

__all__ = ["add"]

Tenants = Annotated[list[str], typer.Option("--tenant", metavar="NAME", help="Who gets a key; repeatable.")]
Masks = Annotated[
    list[str], typer.Option("--mask", metavar="NAME", help="A key of hashes and tokens, which stays the same; repeatable.")
]  # fmt: skip
Writers = Annotated[
    list[str], typer.Option("--writer", metavar="NAME", help="Who may encrypt; repeatable, anybody without it.")
]


@ends
def add(
    file: KeyFile,
    tenants: Tenants = [],  # noqa: B006 - Typer reads it, nobody changes it
    masks: Masks = [],  # noqa: B006
    readers: Readers = [],  # noqa: B006
    writers: Writers = [],  # noqa: B006
) -> None:
    """Make keys for tenants, and keys of hashes and tokens."""
    if not tenants and not masks:
        raise CommandError("nothing to add: expected --tenant NAME or --mask NAME")
    if file.exists():
        service = opened(file)
    else:
        try:
            from producer.governance.protection.local_keys import LocalKeyService as Fresh
        except ModuleNotFoundError as error:
            raise CommandError(f"keys need the module {error.name!r}: pip install 'acklab[governance]'") from error
        service = Fresh()

    def make(keys: LocalKeyService) -> None:
        for tenant in tenants:
            keys.add_tenant(tenant, readers=readers or ("*",), writers=writers or ("*",))
        for mask in masks:
            keys.add_mask(mask)

    changed(file, service, make)
