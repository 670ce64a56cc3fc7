"""AlterClientQuotas 0 and 1: passed on to the controller (KIP-546)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.alter_client_quotas import (
    AlterClientQuotasRequest,
    AlterClientQuotasResponse,
    QuotaAlterationResult,
)
from sim.cluster.broker.handlers.forwarded import forward

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.envelope import Refusal


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the controller has."""
    forward(broker, request, request.decode(AlterClientQuotasRequest), _refused)


def _refused(wanted: AlterClientQuotasRequest, refusal: Refusal) -> AlterClientQuotasResponse:
    return AlterClientQuotasResponse(
        entries=tuple([QuotaAlterationResult(*refusal, entity=entry.entity) for entry in wanted.entries])
    )
