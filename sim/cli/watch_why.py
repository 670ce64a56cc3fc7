"""`acklab watch --why`: what brought something about, printed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError

if TYPE_CHECKING:
    from sim.tui.session import Watched


Why = Annotated[
    str | None,
    typer.Option(
        "--why",
        metavar="WHAT",
        help="Print why: of an event, '#128', of a record, 'record 16', or of a broken promise, lost; back to the fault.",
    ),
]


def check_why(text: str | None, *, is_printed: bool, has_others: bool) -> None:
    """Raise CommandError for `--why` beside what says otherwise what is shown, or without a word on how it is printed."""
    if text is not None and (has_others or not is_printed):
        raise CommandError(
            "--why is printed: give --plain or --json with it, and neither --view nor --export; on the screen it is the key w"
        )


def print_why(watched: Watched, text: str, *, as_json: bool) -> int:
    """Explain what was asked about. Gives the run's exit code; raises CommandError for what is not there."""
    from sim.cli.screen import say
    from sim.tui.facts import as_json as plain_values
    from sim.tui.lines import text_of
    from sim.tui.panels.why import why_facts, why_rows
    from sim.tui.questions import QuestionError, question_of

    try:
        question = question_of(watched, text)
    except QuestionError as error:
        raise CommandError(f"--why: {error}") from error
    steps = question.steps(watched)
    if as_json:
        print(json.dumps(plain_values(why_facts(watched, question, steps))))
    else:
        for row in why_rows(watched, question, steps, width=0):
            say(text_of(row.line).rstrip())
    return watched.exit_code
