"""`acklab policy check`: whether files are policies; where not, which line, which key, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.endings import CommandError, Exit, ends
from sim.cli.options import AsJson

__all__ = ["check"]

Files = Annotated[list[Path], typer.Argument(metavar="FILE…", help="Policy files, YAML or JSON.")]


@ends
def check(files: Files, as_json: AsJson = False) -> int:
    """Say everything that is wrong with policy files, by line and key. Exits with 1 where something is."""
    from producer.errors import UsageError
    from producer.governance.policy.file import check_policy

    try:
        wrong = [error for file in files for error in check_policy(file)]
    except UsageError as error:
        raise CommandError(str(error)) from error
    if as_json:
        told = [{"file": one.file, "line": one.line, "path": one.path, "reason": one.reason} for one in wrong]
        print(json.dumps({"format": "acklab-policy-check-1", "is_policy": not wrong, "errors": told}))
    for one in () if as_json else wrong:
        print(one)
    return Exit.VIOLATED if wrong else Exit.HOLDS
