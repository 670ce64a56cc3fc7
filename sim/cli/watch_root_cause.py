"""`acklab watch --root-cause`: from which moment on a promise breaks whatever chance brings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError

if TYPE_CHECKING:
    from sim.tui.session import Watched

FORMAT = "acklab-root-cause-1"

RootCauseWanted = Annotated[
    bool,
    typer.Option("--root-cause", help="Search from which moment on the first broken promise breaks by every one of --seeds other "
                 "seeds, though nothing else strikes; print it, with --json as an object. Exits as run does."),
]  # fmt: skip
Seeds = Annotated[
    int, typer.Option("--seeds", min=1, metavar="N", help="By how many other seeds --root-cause tries each moment.")
]


def check_root_cause(is_wanted: bool, *, has_others: bool) -> None:
    """Raise CommandError for `--root-cause` beside what says otherwise what is shown."""
    if is_wanted and has_others:
        raise CommandError(
            "--root-cause searches and prints what it found: give it alone, with --plain, or with --json"
        )


def print_root_cause(watched: Watched, *, seeds: int, as_json: bool) -> int:
    """Search, with progress on stderr, and say what was found. Gives the run's exit code; raises CommandError if nothing broke."""
    from sim.cli.screen import Progress, say
    from sim.tui.root_cause import NoSearchError, found_by, progress_text, root_cause_text, search

    progress = Progress()
    try:
        found = found_by(search(watched, seeds=seeds), tell=lambda one: progress.show(progress_text(watched, one)))
    except NoSearchError as error:
        raise CommandError(f"--root-cause: {error}") from error
    finally:
        progress.clear()
    told = root_cause_text(watched, found)
    if as_json:
        print(
            json.dumps(
                {"format": FORMAT, "scenario": watched.name, "seed": watched.seed, **found._asdict(), "told": told}
            )
        )
    else:
        say(told)
    return watched.exit_code
