"""Who is at work on a served cluster, as far as a cluster can tell: from where, by how many connections, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.internal_topics import is_internal
from sim.tui.lines import Line, Span, Tone, line, padded

if TYPE_CHECKING:
    from sim.tui.attached import Standing
    from sim.tui.view_model import State

LABEL = 14


def client_lines(state: State, standing: Standing | None, *, width: int, height: int) -> list[Line]:
    """Count what the leaders have, at the moment that is looked at; and list who is connected now, a line each."""
    leading = [
        state.replica(where, one.leader) for where, one in state.partitions.items() if not is_internal(where.topic)
    ]
    written, committed = sum(one.log_end for one in leading), sum(one.high_watermark for one in leading)
    clients = () if standing is None else standing.clients
    count = "1 address" if len(clients) == 1 else f"{len(clients)} addresses" if clients else "nobody is connected"
    behind = written - committed
    lines = [
        line(Span("CLIENTS".ljust(LABEL), Tone.HEADING), Span(f"now {count}" if clients else count)),
        line(
            Span("log ends".ljust(LABEL)),
            Span(f"{written} offsets at the leaders, {committed} committed"),
            Span(f"; {behind} not yet", Tone.UNSURE) if behind else Span(""),
        ),
    ]
    room = height - len(lines)
    shown = clients if len(clients) <= room else clients[: max(room - 1, 0)]
    for one in shown:
        connections = "1 connection" if one.connections == 1 else f"{one.connections} connections"
        lines.append(line(Span("".ljust(LABEL)), Span(one.address, Tone.PRODUCER), Span(f"  {connections}", Tone.DIM)))
    if len(shown) < len(clients):
        lines.append(line(Span("".ljust(LABEL)), Span(f"and {len(clients) - len(shown)} more", Tone.DIM)))
    return [padded(one, width) for one in lines]
