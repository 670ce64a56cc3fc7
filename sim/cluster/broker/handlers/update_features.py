"""UpdateFeatures 0 to 2: passed on to the controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.update_features import (
    UpdateFeaturesRequest,
    UpdateFeaturesResponse,
)
from sim.cluster.broker.handlers.forwarded import forward

if TYPE_CHECKING:
    from sim.cluster.broker.connection import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.envelope import Refusal

_UPGRADE, _SAFE_DOWNGRADE = 1, 2


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the controller has. Version 0 says in a flag of its own what later ones say in a number."""
    wanted = request.decode(UpdateFeaturesRequest)
    if request.version == 0:
        updates = tuple(
            one._replace(upgrade_type=_SAFE_DOWNGRADE if one.allow_downgrade else _UPGRADE)
            for one in wanted.feature_updates
        )
        wanted = wanted._replace(feature_updates=updates)
    forward(broker, request, wanted, _refused)


def _refused(_wanted: UpdateFeaturesRequest, refusal: Refusal) -> UpdateFeaturesResponse:
    return UpdateFeaturesResponse(error_code=refusal.code, error_message=refusal.message)
