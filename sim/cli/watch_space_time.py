"""`acklab watch --svg FILE --from … --to …`: a stretch of a run as lanes and messages, drawn or printed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError
from sim.cli.run import check_writable

if TYPE_CHECKING:
    from sim.tui.session import Watched
    from sim.tui.view_model.space_time import Picture

VIEW = "space-time"
ROWS_MAX = 600
"""More rows than that nobody looks through; a picture of them is 16,000 pixels high."""

SvgFile = Annotated[
    Path | None,
    typer.Option("--svg", metavar="FILE", help="Write lanes and messages from --from to --to as a picture; needs no terminal. "
                 "Exits as run does."),
]  # fmt: skip
From = Annotated[
    str | None,
    typer.Option("--from", metavar="MOMENT", help="Where the picture begins: '#107', or 1.5s after the story's begin, as is default."),
]  # fmt: skip
To = Annotated[str | None, typer.Option("--to", metavar="MOMENT", help="Where it ends; with the run by default.")]


def check_svg(path: Path | None, *, begin: str | None, end: str | None, plain_view: str, has_others: bool) -> None:
    """Find out before the run whether the picture can be asked for so. Raises CommandError."""
    if path is None:
        if (begin or end) is not None and plain_view != VIEW:
            raise CommandError(f"--from and --to are of a picture: give --svg FILE, or --plain --view {VIEW}")
        return
    if has_others:
        raise CommandError(
            "--svg writes a picture: give it without --plain, --json, --view, --why, --export, --live and --beside"
        )
    check_writable(path)


def draw_svg(watched: Watched, path: Path, *, begin: str | None, end: str | None) -> int:
    """Write the picture, and say which. Raises CommandError for a stretch that has nothing in it, or too much."""
    from sim.cli.screen import say
    from sim.cli.space_time_picture import picture_source

    picture = _picture(watched, begin, end)
    path.write_text(picture_source(watched, picture), encoding="utf-8")
    first, last = picture.rows[0].event, picture.rows[-1].event
    say(f"{path}: #{first} to #{last}, {len(picture.lanes)} lanes, {len(picture.rows)} rows")
    return watched.exit_code


def print_stretch(watched: Watched, *, begin: str | None, end: str | None) -> int:
    """Print the same picture with characters."""
    from sim.cli.screen import say, width
    from sim.tui.lines import text_of
    from sim.tui.panels.space_time import drawn
    from sim.tui.playhead import Playhead

    for row in drawn(Playhead(watched), _picture(watched, begin, end), width=width()):
        say(text_of(row.line).rstrip())
    return watched.exit_code


def _picture(watched: Watched, begin: str | None, end: str | None) -> Picture:
    first = watched.film.first_of_story if begin is None else _event(watched, "--from", begin)
    last = len(watched.events) - 1 if end is None else _event(watched, "--to", end)
    if last < first:
        raise CommandError(f"--to {end} is before --from {begin}: #{last} comes before #{first}")
    picture = watched.space_time.between(first, last)
    if not picture.rows:
        raise CommandError(f"from #{first} to #{last} nobody sends anything and nothing befalls anybody")
    if len(picture.rows) > ROWS_MAX:
        raise CommandError(
            f"from #{first} to #{last} there are {len(picture.rows)} rows, {ROWS_MAX} at most: give --from and --to"
        )
    return picture


def _event(watched: Watched, option: str, text: str) -> int:
    from sim.tui.playhead import Playhead

    playhead = Playhead(watched)
    match playhead.jump(text):
        case None:
            raise CommandError(f"{option} {text!r} is no moment: expected #107, or a time such as 1.5s or 300ms")
        case False:
            last = playhead.last
            raise CommandError(
                f"{option} {text} is behind the end: the last event is #{last}, at {watched.film.clock(last)}"
            )
        case _:
            return playhead.index
