"""AddRaftVoter 0 to 1: passed on to the controller (KIP-853)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.add_raft_voter import AddRaftVoterRequest, AddRaftVoterResponse
from sim.cluster.broker.handlers.forwarded import forward

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.envelope import Refusal


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the controller has."""
    forward(broker, request, request.decode(AddRaftVoterRequest), _refused)


def _refused(_wanted: AddRaftVoterRequest, refusal: Refusal) -> AddRaftVoterResponse:
    return AddRaftVoterResponse(error_code=refusal.code, error_message=refusal.message)
