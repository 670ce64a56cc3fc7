"""`acklab audit verify`: whether an audit is whole, and the first line that is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.endings import CommandError, Exit, ends
from sim.cli.options import AsJson

__all__ = ["verify"]

File = Annotated[Path, typer.Argument(metavar="FILE", help="The audit.")]
KnownHead = Annotated[
    str | None,
    typer.Option(
        "--head",
        metavar="NUMBER:HASH",
        help="The head that was told before: it must be in the audit, or its end was cut.",
    ),
]


@ends
def verify(file: File, head: KnownHead = None, as_json: AsJson = False) -> int:
    """Verify an audit's chain. Exits with 1 and names the first broken line: changed, removed, inserted, swapped or cut."""
    from producer.governance.audit.chain import Head
    from producer.governance.audit.verify import verify as verified

    try:
        known = None if head is None else Head.parse(head)
    except ValueError as error:
        raise CommandError(f"--head {error}") from error
    try:
        seen = verified(file.read_bytes(), known)
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from error
    if as_json:
        told = {"format": "acklab-audit-1", "is_whole": seen.breach is None, **seen._asdict(), "head": str(seen.head)}
        print(json.dumps(told | {"breach": seen.breach and seen.breach._asdict()}))
        return Exit.VIOLATED if seen.breach else Exit.HOLDS
    if seen.breach is not None:
        print(f"{file}:{seen.breach.line}: {seen.breach.how}: {seen.breach.what}")
        return Exit.VIOLATED
    print(f"{file}: {seen.lines} lines, whole")
    if seen.torn_bytes:
        print(
            f"  the last line is torn: {seen.torn_bytes} bytes of it are there; whoever writes next cuts them off, and says so"
        )
    if seen.without_outcome:
        print(f"  {len(seen.without_outcome)} intents have no outcome: what became of those records is unknown")
    print(f"  head {seen.head}")
    return Exit.HOLDS
