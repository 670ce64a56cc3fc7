"""ApiVersions: what a broker speaks, the first exchange on a connection (KIP-35, KIP-511, KIP-584)."""

from typing import Annotated, NamedTuple

from producer.errors import Code, MalformedError
from producer.wire.api import VersionRange
from producer.wire.codec import decode, encode
from producer.wire.schema import IGNORABLE, Boolean, Int16, Int32, Int64, String, since, tag

_UNSUPPORTED_VERSION = Code.UNSUPPORTED_VERSION.to_bytes(2, "big")


class ApiVersionsRequest(NamedTuple):
    """Ask what the broker speaks, and say who asks."""

    client_software_name: Annotated[String, since(3), IGNORABLE] = ""
    client_software_version: Annotated[String, since(3), IGNORABLE] = ""


class ApiVersion(NamedTuple):
    """The versions of one API that a broker speaks, both ends included."""

    api_key: Int16 = 0
    min_version: Int16 = 0
    max_version: Int16 = 0


class SupportedFeature(NamedTuple):
    """A named feature and the levels of it that the broker knows."""

    name: String = ""
    min_version: Int16 = 0
    max_version: Int16 = 0


class FinalizedFeature(NamedTuple):
    """A named feature and its level in the cluster, as transaction.version. The highest stands first here."""

    name: String = ""
    max_version_level: Int16 = 0
    min_version_level: Int16 = 0


class ApiVersionsResponse(NamedTuple):
    """What a broker speaks."""

    error_code: Int16 = 0
    api_keys: tuple[ApiVersion, ...] = ()
    throttle_time_ms: Annotated[Int32, since(1), IGNORABLE] = 0
    supported_features: Annotated[tuple[SupportedFeature, ...], since(3), tag(0), IGNORABLE] = ()
    finalized_features_epoch: Annotated[Int64, since(3), tag(1), IGNORABLE] = -1
    """-1 where unknown."""
    finalized_features: Annotated[tuple[FinalizedFeature, ...], since(3), tag(2), IGNORABLE] = ()
    zk_migration_ready: Annotated[Boolean, since(3), tag(3), IGNORABLE] = False

    @property
    def ranges(self) -> dict[int, VersionRange]:
        """The ranges by API, as `choose_version` wants them."""
        return {api_key: VersionRange(lowest, highest) for api_key, lowest, highest in self.api_keys}


# -- error 35, by hand -------------------------------------------------------------------------------------------------


def encode_unsupported_version(api_keys: tuple[ApiVersion, ...]) -> bytes:
    """Write the body for a request of a version we do not know: error 35, in version 0, with the list (KIP-511)."""
    return encode(ApiVersionsResponse(Code.UNSUPPORTED_VERSION, api_keys), 0)


def decode_response(body: bytes, version: int) -> ApiVersionsResponse:
    """Read the body; error 35 comes in a version 0 body, whatever was asked (KIP-511). Raises as `decode`."""
    if body[:2] == _UNSUPPORTED_VERSION:
        try:
            return decode(ApiVersionsResponse, body, 0)
        except MalformedError:
            # Not every broker keeps to that, and librdkafka's mock cluster writes what no version allows. The error is
            # all a client needs to ask again in version 0.
            return ApiVersionsResponse(Code.UNSUPPORTED_VERSION)
    return decode(ApiVersionsResponse, body, version)
