"""`acklab keys change`: a tenant's key is replaced, an old one retired, the rights to it changed, or all of it deleted."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.endings import CommandError, ends
from sim.cli.keys_file import KeyFile, Readers, changed, opened

__all__ = ["change"]

Tenant = Annotated[str, typer.Argument(metavar="TENANT", help="Whose key.")]
Rotate = Annotated[bool, typer.Option("--rotate", help="A new key wraps from now on; those before still open.")]
Retire = Annotated[
    int, typer.Option("--retire", metavar="VERSION", help="Delete an old version: what it wrapped is lost.")
]
Shred = Annotated[
    bool, typer.Option("--shred", help="Delete all: nobody ever reads again what was encrypted for the tenant.")
]


@ends
def change(
    file: KeyFile,
    tenant: Tenant,
    rotate: Rotate = False,
    retire: Retire = 0,
    shred: Shred = False,
    readers: Readers = [],  # noqa: B006 - Typer reads it, nobody changes it
) -> None:
    """Rotate, retire, shred, or say who may decrypt: one of them."""
    if sum(map(bool, (rotate, retire, shred, readers))) != 1:
        raise CommandError("expected exactly one of --rotate, --retire VERSION, --shred, --reader NAME")
    service = opened(file)
    if rotate:
        changed(file, service, lambda keys: keys.rotate(tenant))
    elif retire:
        changed(file, service, lambda keys: keys.retire(tenant, retire))
    elif shred:
        changed(file, service, lambda keys: keys.shred(tenant))
    else:
        changed(file, service, lambda keys: keys.grant(tenant, readers=readers))
