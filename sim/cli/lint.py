"""`acklab lint`: what is found in files before anything runs, one command a file."""

from __future__ import annotations

import typer

from sim.cli.lint_config import config

__all__ = ["app"]

app = typer.Typer(
    name="lint",
    help="What a file will cost, found before anything runs by it.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@app.callback()
def _group() -> None:
    """Typer makes a group of one command only where there is a callback."""


app.command()(config)
