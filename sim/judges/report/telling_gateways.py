"""One plain sentence for each event of a gateway."""

from __future__ import annotations

from typing import Any

from sim.judges.report.telling_rights import sentence_of_rights
from sim.judges.report.words import who_text
from sim.trace import events as cluster


def sentence_of_gateways(event: Any) -> str | None:
    """Say what happened; None for an event of another kind."""
    match event:
        case cluster.GatewayStarted():
            again = "" if event.life == 1 else f" again, its life {event.life}"
            return f"the {event.gateway} begins{again}"
        case cluster.GatewayEnded():
            return f"the {event.gateway} is {event.how}"
        case cluster.GatewayCrossed():
            return f"{who_text(event.client)} comes to the {event.gateway}"
        case cluster.GatewayWrites():
            return f"the {event.gateway} has a producer of its own, for dead letters"
        case cluster.GatewayPassed():
            how = "hands on, changed," if event.made else "hands on"
            return f"the {event.gateway} {how} a batch of {who_text(event.client)} for {event.topic}-{event.partition}"
        case cluster.GatewayRefused():
            bad = f", for {event.bad} of its {event.records} records" if event.bad else ""
            return f"the {event.gateway} refuses a batch of {who_text(event.client)} for {event.topic}-{event.partition}{bad}: {event.why}"
        case cluster.GatewaySessionBroken():
            return f"the {event.gateway} ends a connection of {who_text(event.client)}: {event.why}"
        case _:
            return sentence_of_rights(event)
