"""ApiVersions 0 to 4: what this broker speaks, and the features of its cluster (KIP-35, KIP-511, KIP-584)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.api import ApiKey
from producer.wire.messages import api_versions
from sim.cluster.broker.versions import VERSIONS, answer_to, told_in

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    error = broker.tampering and broker.tampering.error_instead(ApiKey.API_VERSIONS, request.client, None)
    if error and request.version in VERSIONS:
        request.respond(api_versions.ApiVersionsResponse(error_code=error))
        return
    body, version, are_told = answer_to(broker, request.version, request.body)
    if are_told and broker.quotas.request.is_enabled:
        request.respond(told_in(broker, version))
    else:
        request.answer(body, version=version)
