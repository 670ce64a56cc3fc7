"""`acklab keys`: the file of tenants' keys that a policy encrypts with, one command a file."""

from __future__ import annotations

import typer

from sim.cli.keys_add import add
from sim.cli.keys_change import change
from sim.cli.keys_show import show

__all__ = ["app"]

app = typer.Typer(
    name="keys",
    help="The file of tenants' keys, for policies that hide fields. No key is ever shown.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
app.command()(add)
app.command()(change)
app.command()(show)
