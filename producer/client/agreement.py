"""What a client and a broker agree on when a connection begins: API versions, and which features are final (KIP-35, KIP-511)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from producer.errors import Code, MalformedError, PeerError, UnsupportedVersionError
from producer.wire.api import SUPPORTED, ApiKey, VersionRange, choose_version
from producer.wire.codec import encode
from producer.wire.messages import api_versions

SOFTWARE_NAME = "acklab"
SOFTWARE_VERSION = "0.1.0"
"""Told to brokers in ApiVersions (KIP-511); a test holds it equal to the distribution's version."""


class FinalizedFeatures(NamedTuple):
    """The levels of features that a whole cluster agreed on, as a broker tells them (KIP-584)."""

    epoch: int
    """Rises with each change."""
    levels: Mapping[str, int]
    """`transaction.version` and the like; a feature that is at level 0 is not listed."""


class Agreement(NamedTuple):
    """What a broker said of itself."""

    versions: Mapping[int, VersionRange]
    finalized_features: FinalizedFeatures | None
    throttle_time_ms: int

    def version_of(self, api: ApiKey, at_most: int | None = None) -> int:
        """Give the highest version that both sides speak, capped at `at_most`.

        Raises UnsupportedVersionError, saying what both sides speak.
        """
        version = choose_version(api, self.versions)
        if at_most is None or version <= at_most:
            return version
        lowest = max(SUPPORTED[api].lowest, self.versions[api].lowest)
        if at_most < lowest:
            msg = f"{api.name}: at most {at_most} is wanted, both sides speak {lowest}-{version}"
            raise UnsupportedVersionError(msg)
        return at_most


NO_AGREEMENT = Agreement({}, None, 0)
USUAL_BYTES_MAX = 4_096
"""What Apache Kafka 4.3 says of itself takes about 600."""


def ask(version: int) -> bytes:
    """Give the body of the request."""
    return encode(api_versions.ApiVersionsRequest(SOFTWARE_NAME, SOFTWARE_VERSION), version)


def read(body: bytes, version: int, *, node_id: int) -> Agreement | int:
    """Read the answer to a request of `version`: the agreement, or the lower version to ask in. Raises PeerError."""
    if int.from_bytes(body[:2], "big") == Code.UNSUPPORTED_VERSION and version > 0:
        # Lower each time, so that a broker which refuses what it offers is not asked for ever.
        return min(_lower_version(body), version - 1)
    # Brokers of one cluster say the same, connection by connection; what is that long is no honest answer.
    told = _told_before(body, version) if len(body) <= USUAL_BYTES_MAX else _told(body, version)
    if isinstance(told, int):
        msg = f"broker {node_id} refused ApiVersions {version} with code {told}"
        raise PeerError(msg)
    return told


def _told(body: bytes, version: int) -> Agreement | int:
    """Read what a broker said of itself, or the code it refused with. Raises PeerError."""
    told = api_versions.decode_response(body, version)
    if told.error_code:
        return told.error_code
    features = None
    if told.finalized_features_epoch >= 0:
        levels = {name: highest for name, highest, _ in told.finalized_features}
        features = FinalizedFeatures(told.finalized_features_epoch, levels)
    return Agreement(told.ranges, features, told.throttle_time_ms)


_told_before = lru_cache(maxsize=32)(_told)


def _lower_version(body: bytes) -> int:
    """Read from a refusal (error 35, version 0 body) which ApiVersions version the broker does speak (KIP-511)."""
    try:
        return choose_version(ApiKey.API_VERSIONS, api_versions.decode_response(body, 0).ranges)
    except (MalformedError, UnsupportedVersionError):
        # Some peers say no without a list, or garble it; every broker speaks version 0.
        return 0
