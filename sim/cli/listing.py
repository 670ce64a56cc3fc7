"""`acklab list`: the scenarios, and the question each answers."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from sim.cli.endings import ends
from sim.cli.options import AsJson

__all__ = ["list_scenarios"]

Endings = Annotated[
    bool, typer.Option("--endings", help="Tell how each ends, too: the promises that break there, if any does.")
]


@ends
def list_scenarios(endings: Endings = False, as_json: AsJson = False) -> None:
    """List the scenarios with the question that each answers; the answers are found by a run."""
    from sim.cli.screen import bold, labelled, say
    from sim.stories.scenario import load_all

    scenarios = load_all()
    if as_json:
        rows = [
            {"name": one.name, "question": one.question, "expects": sorted(one.expects), "notes": one.notes}
            for one in scenarios
        ]
        print(json.dumps({"format": "acklab-list-1", "scenarios": rows}))
        return
    for one in scenarios:
        say(bold(one.name))
        for line in labelled("", one.question, label_width=2):
            say(line)
        if endings:
            say(f"    breaks: {', '.join(sorted(one.expects))}" if one.expects else "    every promise holds")
    say()
    say(f"acklab run {scenarios[0].name}")
    say("acklab new my_story    begins one of your own")
    if not endings:
        say("acklab list --endings  tells how each ends")
