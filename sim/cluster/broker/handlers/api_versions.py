"""ApiVersions 0 to 4: what this broker speaks (KIP-35, KIP-511)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.api import SUPPORTED, ApiKey
from producer.wire.codec import encode
from producer.wire.messages import api_versions

if TYPE_CHECKING:
    from sim.cluster.broker.connection import Request
    from sim.cluster.broker.serving import ServingBroker

# Versions 0 to 2 of Produce are gone, but librdkafka refuses a broker that does not list them (KAFKA-18659).
_LOWEST_LISTED = {ApiKey.PRODUCE: 0}

# Simulated brokers take anybody's word, and coordinate nothing yet.
_NOT_SPOKEN = frozenset((ApiKey.SASL_HANDSHAKE, ApiKey.SASL_AUTHENTICATE, ApiKey.FIND_COORDINATOR))

_RANGES = tuple(
    api_versions.ApiVersion(key, _LOWEST_LISTED.get(key, speaks.lowest), speaks.highest)
    for key, speaks in SUPPORTED.items()
    if key not in _NOT_SPOKEN
)

_ELR_FEATURE = "eligible.leader.replicas.version"


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer; a version we do not know gets error 35 in a version 0 body."""
    if request.version not in range(SUPPORTED[ApiKey.API_VERSIONS].highest + 1):
        request.answer(api_versions.encode_unsupported_version(_RANGES), version=0)
        return
    request.decode(api_versions.ApiVersionsRequest)
    error = broker.tampering and broker.tampering.error_instead(ApiKey.API_VERSIONS, request.client, None)
    if error:
        answer = api_versions.ApiVersionsResponse(error_code=error)
        request.answer(encode(answer, request.version))
        return
    key = (ApiKey.API_VERSIONS, request.version)
    body = broker.encoded(key)
    if body is None:
        level = int(broker.config.eligible_leader_replicas)
        finalized = (api_versions.FinalizedFeature(_ELR_FEATURE, level, level),) if level else ()
        answer = api_versions.ApiVersionsResponse(
            api_keys=_RANGES,
            supported_features=(api_versions.SupportedFeature(_ELR_FEATURE, 0, 1),),
            finalized_features_epoch=broker.image.offset,
            finalized_features=finalized,
        )
        body = encode(answer, request.version)
        broker.keep_encoded(key, body)
    request.answer(body)
