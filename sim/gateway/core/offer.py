"""What a gateway offers of what its broker speaks: APIs that it can read, in versions that it can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.api import ApiKey, VersionRange
from producer.wire.messages.api_versions import ApiVersion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.wire.messages.api_versions import ApiVersionsResponse

NAMES_UNTIL = 12
"""Up to this version Produce and Fetch name topics; a policy goes by names, and ids are learnt only by who asked for Metadata."""

_NARROWER: Mapping[ApiKey, VersionRange] = {
    ApiKey.PRODUCE: VersionRange(ApiKey.PRODUCE.versions.lowest, NAMES_UNTIL),
    ApiKey.FETCH: VersionRange(ApiKey.FETCH.versions.lowest, NAMES_UNTIL),
    # Behind version 0 follow tokens that no header tells from anything else.
    ApiKey.SASL_HANDSHAKE: VersionRange(1, 1),
}
OFFERED: Mapping[int, VersionRange] = {key: _NARROWER.get(key, key.versions) for key in ApiKey}


def offered(answer: ApiVersionsResponse) -> ApiVersionsResponse:
    """Give a broker's word on its versions without what the gateway does not speak.

    Produce from 0, as brokers offer it for old versions of librdkafka (KAFKA-18659), stays: nobody asks in it.
    """
    if answer.error_code not in (Code.NONE, Code.UNSUPPORTED_VERSION):
        return answer
    return answer._replace(api_keys=tuple(_both(answer)))


def _both(answer: ApiVersionsResponse) -> list[ApiVersion]:
    found: list[ApiVersion] = []
    for api_key, lowest, highest in answer.api_keys:
        ours = OFFERED.get(api_key)
        if ours is None:
            continue
        begin = lowest if api_key == ApiKey.PRODUCE else max(lowest, ours.lowest)
        end = min(highest, ours.highest)
        if begin <= end:
            found.append(ApiVersion(api_key, begin, end))
    return found


def is_offered(api_key: int, version: int) -> bool:
    """Whether a request may pass; ApiVersions may in any version, since its answer says which there are (KIP-511)."""
    if api_key == ApiKey.API_VERSIONS:
        return True
    ours = OFFERED.get(api_key)
    return ours is not None and ours.lowest <= version <= ours.highest
