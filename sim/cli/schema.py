"""`acklab schema`: what is done with schemas, one command a file."""

from __future__ import annotations

import typer

from sim.cli.schema_check import check
from sim.cli.schema_evolve import evolve
from sim.cli.schema_get import get
from sim.cli.schema_list import list_subjects
from sim.cli.schema_register import register

__all__ = ["app"]

app = typer.Typer(
    name="schema",
    help="Schemas, what may follow them, and what a registry holds of them.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
app.command()(check)
app.command()(evolve)
app.command("list")(list_subjects)
app.command()(get)
app.command()(register)
