"""`acklab lineage impact`: what a change of a topic, or of one of its fields, would break."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError, ends
from sim.cli.options import AsJson
from sim.cli.schema_files import text_of

if TYPE_CHECKING:
    from producer.governance.lineage.impact import Impact

__all__ = ["impact"]

What = Annotated[str, typer.Argument(metavar="TOPIC[.FIELD]", help="What is to change.")]
Events = Annotated[
    Path, typer.Option("--events", metavar="FILE", help="OpenLineage run events: JSON Lines, or one array.")
]
Picture = Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Draw it, too.")]


@ends
def impact(what: What, events: Events, svg: Picture = None, as_json: AsJson = False) -> None:
    """List whoever reads what is to change, what is made of it, and so on down."""
    from producer.governance.lineage.graph import LineageError, events_from, graph_of
    from producer.governance.lineage.impact import impact as reached
    from producer.governance.lineage.impact import named

    try:
        graph = graph_of(events_from(text_of(events)))
        found = reached(graph, named(graph, what))
    except LineageError as error:
        raise CommandError(f"{events}: {error}") from error
    if svg is not None:
        from sim.cli.lineage_picture import picture

        try:
            svg.write_text(picture(found), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{svg}: {error.strerror}") from error
    if as_json:
        told = [one._asdict() for one in found.affected]
        print(json.dumps({"format": "acklab-impact-1", "what": found.what._asdict(), "affected": told}))
    else:
        _tell(found)


def _tell(found: Impact) -> None:
    from sim.cli.screen import say

    if not found.affected:
        say(f"{found.what}: nobody reads it, as far as these events tell")
        return
    rows = [(one.kind, f"{one.name}.{one.field}" if one.field else one.name, one) for one in found.affected]
    width = max(len(name) for _, name, _ in rows)
    say(f"a change of {found.what} reaches {len(rows)}:")
    for kind, name, one in rows:
        say(
            f"  {kind:<8}{name:<{width}}  by {one.by}{'' if one.is_certain else '  (perhaps: nobody says which fields)'}".rstrip()
        )
