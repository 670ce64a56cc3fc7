"""`acklab glossary`: every word that the screens use, or one of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.endings import CommandError, ends
from sim.cli.options import AsJson

if TYPE_CHECKING:
    from sim.tui.glossary.word import Word

FORMAT = "acklab-glossary-1"
Wanted = Annotated[
    list[str] | None, typer.Argument(metavar="[WORD]", help="As ISR or high watermark; without one, all of them.")
]


@ends
def glossary(word: Wanted = None, as_json: AsJson = False) -> None:
    """Explain a word of the screens, or all of them."""
    from sim.cli.screen import bold, say
    from sim.tui.glossary.table import SUBJECTS

    subjects = SUBJECTS if not word else (("", (_named(" ".join(word)),)),)
    if as_json:
        words = [{"subject": subject, **_plain(one)} for subject, found in subjects for one in found]
        print(json.dumps({"format": FORMAT, "words": words}))
        return
    for place, (subject, found) in enumerate(subjects):
        if subject:
            if place:
                say()
            say(bold(subject))
        for one in found:
            _tell(one)


def _named(wanted: str) -> Word:
    from sim.tui.glossary.table import UnknownWordError, word_named

    try:
        return word_named(wanted)
    except UnknownWordError as error:
        raise CommandError(str(error)) from error


def _plain(word: Word) -> dict[str, Any]:
    return {"name": word.name, "meaning": word.meaning, "source": word.source}


def _tell(word: Word) -> None:
    from sim.cli.screen import bold, labelled, say

    say(bold(word.name))
    for line in labelled("", word.meaning, label_width=2):
        say(line)
    if word.source:
        for line in labelled("", f"see {word.source}", label_width=2):
            say(line)
