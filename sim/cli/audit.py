"""`acklab audit`: what is done with audits, one command a file."""

from __future__ import annotations

import typer

from sim.cli.audit_verify import verify

__all__ = ["app"]

app = typer.Typer(
    name="audit",
    help="Audits of who wrote what, in lines that are chained by their hashes.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@app.callback()
def _group() -> None:
    """Typer makes a group of one command only where there is a callback."""


app.command()(verify)
