"""`acklab watch --export FILE`: a run, or a moment of it, written instead of shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError
from sim.cli.run import check_writable

if TYPE_CHECKING:
    from sim.tui.session import Watched

COLUMNS, LINES = 120, 40
"""Of a picture of the screen, where neither a terminal nor COLUMNS and LINES say."""

ExportFile = Annotated[
    Path | None,
    typer.Option("--export", metavar="FILE", help="Write it instead of showing it; needs no terminal. By the ending: .html, one "
                 "page with every moment of it; .jsonl, the trace; .svg or .txt, the screen at that moment. Exits as run does."),
]  # fmt: skip


def check_export(path: Path, *, is_printed: bool) -> None:
    """Find out before the run whether the file can be. Raises CommandError."""
    from sim.tui.exports.files import UnknownEndingError, export_of

    if is_printed:
        raise CommandError("--plain and --json print, --export writes a file: give one of them")
    try:
        export_of(path.name)
    except UnknownEndingError as error:
        raise CommandError(f"--export {error}") from error
    check_writable(path)


def export_run(watched: Watched, at: int | None, view: str, path: Path) -> int:
    """Write the file, and say which. Opens where the first promise broke if no event is named."""
    from shutil import get_terminal_size

    from sim.cli.screen import say
    from sim.tui.exports.files import content_of, export_of, is_whole
    from sim.tui.exports.page import opened_at
    from sim.tui.headless import frame_unseen

    export = export_of(path.name)
    index = opened_at(watched) if at is None else at
    frame = (
        frame_unseen(watched, index=index, view=view, size=get_terminal_size((COLUMNS, LINES)))
        if export.is_frame
        else ()
    )
    content = content_of(export, watched, index=index, frame=frame, beside=path)
    path.write_text(content, encoding="utf-8", errors="replace")
    part = "" if is_whole(watched, export) else f", the events around #{index} of {len(watched.events)}"
    say(f"{path}: {export.meaning}{part}")
    return watched.exit_code
