"""`acklab policy`: what is done with policies for what may be written."""

from __future__ import annotations

import typer

from sim.cli.policy_check import check

__all__ = ["app"]

app = typer.Typer(
    name="policy",
    help="Policies for what may be written, and which fields are hidden.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@app.callback()
def _only() -> None:
    """Keep `check` a word of its own while there is no other."""


app.command()(check)
