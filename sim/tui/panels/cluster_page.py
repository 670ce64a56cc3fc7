"""The cluster over the whole screen: every partition and replica, each broker's part, the faults so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.trace.trace import time_text
from sim.tui.lines import Span, Tone
from sim.tui.panels.cluster import cluster_height, cluster_lines
from sim.tui.panels.page import PageRow, heading, laid_out
from sim.tui.view_model import Life, Role

if TYPE_CHECKING:
    from sim.tui.playhead import Playhead
    from sim.tui.view_model import Broker, State

ANY_WIDTH = 160
"""For a pipe that asks for no width: wide enough for the roomiest form."""
_LIVES = {Life.UP: Tone.GOOD, Life.PAUSED: Tone.UNSURE, Life.STOPPING: Tone.UNSURE, Life.DOWN: Tone.BAD}


def cluster_rows(playhead: Playhead, width: int, _: int) -> list[PageRow]:
    """Lay out all that is known of the cluster where the playhead stands."""
    state = playhead.state
    rows = [PageRow(one) for one in cluster_lines(state, width=width or ANY_WIDTH, height=cluster_height(state))]
    rows += [PageRow(()), *heading("BROKERS", "what each of them does", width)]
    for broker in sorted(state.brokers):
        rows += _broker(state, state.brokers[broker], width)
    rows += [PageRow(()), *heading("FAULTS", "so far" if state.faults else "none so far", width)]
    begun_us = playhead.watched.film.begun_us
    for fault in state.faults:
        refused = (Span(f"; without effect: {fault.refusal}", Tone.UNSURE),) if fault.refusal else ()
        at = Span(f"  {time_text(fault.at_us - begun_us):>9} #{fault.event} ", Tone.DIM)
        rows += laid_out((at, Span(fault.fault, Tone.FAULT), *refused), width, indent=4, event=fault.event)
    return rows


def cluster_facts(playhead: Playhead) -> dict[str, object]:
    """Give brokers, partitions as the controller has them, each broker's replicas, and the faults so far."""
    state = playhead.state
    return {
        "brokers": state.brokers,
        "partitions": state.partitions,
        "replicas": state.replicas,
        "faults": state.faults,
    }


def _broker(state: State, broker: Broker, width: int) -> list[PageRow]:
    own = {key: one for key, one in state.replicas.items() if key[2] == broker.broker}
    leads = [f"{key[0]}-{key[1]}" for key, one in sorted(own.items()) if one.role is Role.LEADER]
    follows = sum(one.role is Role.FOLLOWER for one in own.values())
    offline = sum(one.role is Role.OFFLINE for one in own.values())
    behind = sum(
        broker.broker in partition.replicas and broker.broker not in partition.isr
        for partition in state.partitions.values()
    )
    spans = [
        Span(f"  b{broker.broker} ", Tone.HEADING),
        Span(broker.life.value, _LIVES[broker.life]),
        Span(", fenced: the controller does not count on it" if broker.is_fenced else "", Tone.UNSURE),
        Span(f"; leads {len(leads)}, follows {follows}"),
    ]
    if offline:
        spans.append(Span(f"; {offline} offline, as their log directory failed", Tone.BAD))
    if behind:
        spans.append(Span(f"; not in sync in {behind}", Tone.UNSURE))
    return laid_out(tuple(spans), width, indent=5)
