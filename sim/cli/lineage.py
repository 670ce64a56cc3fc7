"""`acklab lineage`: what is asked of lineages, one command a file."""

from __future__ import annotations

import typer

from sim.cli.lineage_impact import impact

__all__ = ["app"]

app = typer.Typer(
    name="lineage",
    help="Which job reads and writes which topic, field by field, by OpenLineage run events.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@app.callback()
def _group() -> None:
    """Typer makes a group of one command only where there is a callback."""


app.command()(impact)
