"""UnregisterBroker at the controller: who is registered goes, alive or not (ReplicationControlManager.unregisterBroker)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.unregister_broker import UnregisterBrokerRequest, UnregisterBrokerResponse

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions


def handle(decisions: Decisions, wanted: UnregisterBrokerRequest) -> UnregisterBrokerResponse:
    """Forget a broker. Raises RefusedError for one that nobody knows."""
    decisions.brokers.unregister(wanted.broker_id)
    return UnregisterBrokerResponse()
