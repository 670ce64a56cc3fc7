"""What a broker says it speaks, asked before it is known who asks and after (KIP-35, KIP-511, KIP-584)."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.api import AHEAD_OF_KAFKA, SUPPORTED, ApiKey
from producer.wire.codec import decode, encode
from producer.wire.messages import api_versions
from sim.cluster.features import FEATURES

if TYPE_CHECKING:
    from sim.cluster.broker.serving import ServingBroker

# Versions 0 to 2 of Produce are gone, but librdkafka refuses a broker that does not list them (KAFKA-18659).
_LOWEST_LISTED = {ApiKey.PRODUCE: 0}

VERSIONS = range(SUPPORTED[ApiKey.API_VERSIONS].highest + 1)
_SOFTWARE_SINCE = 3
_SOFTWARE = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?")
"""What a client may call its software and the version of it (ApiVersionsRequest.isValid)."""

_LOWEST_ZERO_SINCE = 4
"""Before, a feature of which nothing at all is a level is left out: clients could not read that (KAFKA-17011)."""


@cache
def spoken(*apis: int, two_phase_commit: bool = False) -> tuple[api_versions.ApiVersion, ...]:
    """Give the list for a broker that answers those. It is made once: every broker of every world speaks the same.

    With `two_phase_commit` what it takes is offered, too: ahead of Apache Kafka (KIP-939).
    """
    known = [ApiKey(api) for api in sorted(apis)]
    return tuple(
        api_versions.ApiVersion(
            key, _LOWEST_LISTED.get(key, SUPPORTED[key].lowest), highest_offered(key, two_phase_commit=two_phase_commit)
        )
        for key in known
    )


@cache
def _supported(version: int) -> tuple[api_versions.SupportedFeature, ...]:
    """Give the features that an answer of that version tells of."""
    return tuple(
        [api_versions.SupportedFeature(*one) for one in FEATURES if one.lowest > 0 or version >= _LOWEST_ZERO_SINCE]
    )


def highest_offered(api: ApiKey, *, two_phase_commit: bool) -> int:
    """Give the highest version of an API that a broker offers, and takes."""
    return AHEAD_OF_KAFKA[api] - 1 if api in AHEAD_OF_KAFKA and not two_phase_commit else SUPPORTED[api].highest


def answer_to(broker: ServingBroker, version: int, body: bytes) -> tuple[bytes, int, bool]:
    """Give the answer's body to a request's, the version that it is in, and whether the versions are told in it.

    A version we do not know gets error 35 in a version 0 body, with the versions of this API alone. Raises MalformedError.
    """
    if version not in VERSIONS:
        return api_versions.encode_unsupported_version(spoken(ApiKey.API_VERSIONS)), 0, False
    asked = decode(api_versions.ApiVersionsRequest, body, version)
    if version >= _SOFTWARE_SINCE and not all(_SOFTWARE.fullmatch(name) for name in asked):
        return encode(api_versions.ApiVersionsResponse(error_code=Code.INVALID_REQUEST), version), version, False
    key = (ApiKey.API_VERSIONS, version)
    told = broker.encoded(key)
    if told is None:
        told = encode(told_in(broker, version), version)
        broker.keep_encoded(key, told)
    return told, version, True


def told_in(broker: ServingBroker, version: int) -> api_versions.ApiVersionsResponse:
    """Give the answer of a version of ApiVersions, with everything in it."""
    return api_versions.ApiVersionsResponse(
        api_keys=broker.spoken,
        supported_features=_supported(version),
        finalized_features_epoch=broker.image.offset,
        finalized_features=tuple(
            api_versions.FinalizedFeature(name, level, level) for name, level in sorted(broker.image.features.items())
        ),
    )
