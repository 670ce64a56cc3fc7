"""UpdateFeatures 0 to 2: passed on to the controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.update_features import (
    UpdateFeaturesRequest,
    UpdateFeaturesResponse,
)
from sim.cluster.broker.handlers.forwarded import forward

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.envelope import Refusal


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the controller has. It takes every update of version 0 for an upgrade: nobody looks at the flag that allows more."""
    forward(broker, request, request.decode(UpdateFeaturesRequest), _refused)


def _refused(_wanted: UpdateFeaturesRequest, refusal: Refusal) -> UpdateFeaturesResponse:
    return UpdateFeaturesResponse(error_code=refusal.code, error_message=refusal.message)
