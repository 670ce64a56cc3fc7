"""`acklab schema`: what is done with schemas, one command a file."""

from __future__ import annotations

import typer

from sim.cli.schema_check import check

__all__ = ["app"]

app = typer.Typer(name="schema", help="Schemas, and what may follow them.", rich_markup_mode=None, no_args_is_help=True)
app.command()(check)


@app.callback()
def _with_commands() -> None:
    """Keep `check` a word of its own, though there is no other."""
