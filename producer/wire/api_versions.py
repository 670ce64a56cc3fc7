"""ApiVersions: what a broker speaks, the first exchange on a connection. Versions 0 to 4 (KIP-35, KIP-511, KIP-584)."""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import NamedTuple

from producer.errors import Code, MalformedError
from producer.wire.api import ApiKey, VersionRange, layout_of
from producer.wire.body import decodes
from producer.wire.primitives import INT16, INT32, INT64, Layout, LegacyReader, encode_tags

_THROTTLE_SINCE = 1
_SOFTWARE_SINCE = 3

_TAG_SUPPORTED = 0
_TAG_EPOCH = 1
_TAG_FINALIZED = 2

_RANGE = Struct(">hhh")
_LEVELS = Struct(">hh")


class ApiVersionsRequest(NamedTuple):
    """Ask what the broker speaks, and say who asks."""

    client_software_name: str = ""
    """Since version 3."""
    client_software_version: str = ""


class ApiVersion(NamedTuple):
    """The versions of one API that a broker speaks, both ends included."""

    api_key: int
    lowest: int
    highest: int


class Feature(NamedTuple):
    """A named feature of the cluster and its range of levels."""

    name: str
    lowest: int
    highest: int


class ApiVersionsResponse(NamedTuple):
    """What a broker speaks."""

    error_code: int = 0
    api_versions: tuple[ApiVersion, ...] = ()
    throttle_time_ms: int = 0
    """Since version 1."""
    supported_features: tuple[Feature, ...] = ()
    """Since version 3."""
    finalized_features_epoch: int = -1
    """Since version 3; -1 where unknown."""
    finalized_features: tuple[Feature, ...] = ()
    """Since version 3: levels in force in the cluster, as transaction.version."""

    @property
    def ranges(self) -> dict[int, VersionRange]:
        """The ranges by API, as `choose_version` wants them."""
        return {api_key: VersionRange(lowest, highest) for api_key, lowest, highest in self.api_versions}


def encode_request(value: ApiVersionsRequest, version: int) -> bytes:
    """Write the body."""
    layout = layout_of(ApiKey.API_VERSIONS, version)
    if version < _SOFTWARE_SINCE:
        return b""
    return layout.string(value.client_software_name) + layout.string(value.client_software_version) + layout.end


@decodes(ApiKey.API_VERSIONS, "request")
def decode_request(reader: LegacyReader, version: int) -> ApiVersionsRequest:
    """Read the body. For a version above ours do not: answer `encode_unsupported_version`."""
    if version < _SOFTWARE_SINCE:
        return ApiVersionsRequest()
    value = ApiVersionsRequest(reader.string(), reader.string())
    reader.tags()
    return value


def encode_response(value: ApiVersionsResponse, version: int) -> bytes:
    """Write the body."""
    layout = layout_of(ApiKey.API_VERSIONS, version)
    parts = [INT16.pack(value.error_code), layout.length(len(value.api_versions))]
    for api_version in value.api_versions:
        parts += (_RANGE.pack(*api_version), layout.end)
    if version >= _THROTTLE_SINCE:
        parts.append(INT32.pack(value.throttle_time_ms))
    if version >= _SOFTWARE_SINCE:
        fields = []
        if value.supported_features:
            ranges = [(name, lowest, highest) for name, lowest, highest in value.supported_features]
            fields.append((_TAG_SUPPORTED, _encode_features(ranges, layout)))
        if value.finalized_features_epoch != -1:
            fields.append((_TAG_EPOCH, INT64.pack(value.finalized_features_epoch)))
        if value.finalized_features:
            # Here, and only here, the highest level stands first.
            ranges = [(name, highest, lowest) for name, lowest, highest in value.finalized_features]
            fields.append((_TAG_FINALIZED, _encode_features(ranges, layout)))
        parts.append(encode_tags(fields))
    return b"".join(parts)


def encode_unsupported_version(api_versions: Sequence[tuple[int, int, int]]) -> bytes:
    """Write the body for a request of a version we do not know: error 35, in version 0, with the list (KIP-511)."""
    listed = tuple([ApiVersion(*api_version) for api_version in api_versions])
    return encode_response(ApiVersionsResponse(Code.UNSUPPORTED_VERSION, listed), 0)


def _encode_features(features: Sequence[tuple[str, int, int]], layout: Layout) -> bytes:
    parts = [layout.length(len(features))]
    for name, first, second in features:
        parts += (layout.string(name), _LEVELS.pack(first, second), layout.end)
    return b"".join(parts)


def decode_response(body: bytes, version: int) -> ApiVersionsResponse:
    """Read the body; error 35 comes in a version 0 body, whatever was asked (KIP-511).

    Raises MalformedError, or UnsupportedVersionError for a version without a codec.
    """
    if body[:2] == INT16.pack(Code.UNSUPPORTED_VERSION):
        try:
            return _decode_whole(body, 0)
        except MalformedError:
            # Not every broker keeps to that, and librdkafka's mock cluster writes what no version allows. The error is
            # all a client needs to ask again in version 0.
            return ApiVersionsResponse(Code.UNSUPPORTED_VERSION)
    return _decode_whole(body, version)


@decodes(ApiKey.API_VERSIONS, "response")
def _decode_whole(reader: LegacyReader, version: int) -> ApiVersionsResponse:
    error_code = reader.int16()
    api_versions = []
    for _ in range(reader.length()):
        api_versions.append(ApiVersion(*reader.unpack(_RANGE)))
        reader.tags()
    throttle_time_ms = reader.int32() if version >= _THROTTLE_SINCE else 0
    supported: tuple[Feature, ...] = ()
    epoch = -1
    finalized: tuple[Feature, ...] = ()
    for tag, content in reader.tags():
        if tag == _TAG_SUPPORTED:
            supported = _read_features(content)
        elif tag == _TAG_EPOCH:
            epoch = content.int64()
        elif tag == _TAG_FINALIZED:
            finalized = tuple([Feature(name, second, first) for name, first, second in _read_features(content)])
    return ApiVersionsResponse(error_code, tuple(api_versions), throttle_time_ms, supported, epoch, finalized)


def _read_features(reader: LegacyReader) -> tuple[Feature, ...]:
    features = []
    for _ in range(reader.length()):
        features.append(Feature(reader.string(), *reader.unpack(_LEVELS)))
        reader.tags()
    return tuple(features)
