"""Which APIs and versions our codecs speak, how one is chosen with a peer, and the headers around each body."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from enum import IntEnum
from struct import Struct
from typing import NamedTuple

from producer.errors import MalformedError, UnsupportedVersionError
from producer.wire.primitives import FLEXIBLE, LEGACY, NO_TAGS, FlexibleReader, Layout, LegacyReader


class ApiKey(IntEnum):
    """Kafka's number for each API that has a codec here."""

    PRODUCE = 0
    FETCH = 1
    LIST_OFFSETS = 2
    METADATA = 3
    SASL_HANDSHAKE = 17
    API_VERSIONS = 18
    INIT_PRODUCER_ID = 22
    SASL_AUTHENTICATE = 36


class VersionRange(NamedTuple):
    """The versions of one API that a side speaks, both ends included."""

    lowest: int
    highest: int

    def __str__(self) -> str:
        return f"{self.lowest}-{self.highest}"


SUPPORTED: Mapping[ApiKey, VersionRange] = {
    ApiKey.PRODUCE: VersionRange(3, 13),
    ApiKey.FETCH: VersionRange(4, 18),
    ApiKey.LIST_OFFSETS: VersionRange(1, 11),
    ApiKey.METADATA: VersionRange(0, 13),
    ApiKey.SASL_HANDSHAKE: VersionRange(1, 1),
    ApiKey.API_VERSIONS: VersionRange(0, 4),
    ApiKey.INIT_PRODUCER_ID: VersionRange(0, 5),
    ApiKey.SASL_AUTHENTICATE: VersionRange(0, 2),
}
"""What our codecs speak. A broker advertises Produce from 0 all the same: librdkafka wants it (KAFKA-18659)."""

_NEVER = 1 << 15

FLEXIBLE_SINCE: Mapping[int, int] = {
    ApiKey.PRODUCE: 9,
    ApiKey.FETCH: 12,
    ApiKey.LIST_OFFSETS: 6,
    ApiKey.METADATA: 9,
    ApiKey.SASL_HANDSHAKE: _NEVER,
    ApiKey.API_VERSIONS: 3,
    ApiKey.INIT_PRODUCER_ID: 2,
    ApiKey.SASL_AUTHENTICATE: 2,
}
"""The first flexible version of each API (KIP-482)."""

_REQUEST_HEADER = Struct(">ihhi")
_RESPONSE_HEADER = Struct(">ii")
_CORRELATION_ID = Struct(">i")


class RequestHeader(NamedTuple):
    """What stands before each request's body."""

    api_key: int
    api_version: int
    correlation_id: int
    client_id: str | None


def is_flexible(api_key: int, version: int) -> bool:
    """Whether this version of the API has compact lengths and tagged fields; false for an API without a codec."""
    return version >= FLEXIBLE_SINCE.get(api_key, _NEVER)


def layout_of(api_key: ApiKey, version: int) -> Layout:
    """How to write a body of this version. Raises UnsupportedVersionError where no codec speaks it."""
    check_version(api_key, version)
    return FLEXIBLE if version >= FLEXIBLE_SINCE[api_key] else LEGACY


def check_version(api_key: ApiKey, version: int) -> None:
    """Raise UnsupportedVersionError unless our codec speaks this version."""
    lowest, highest = SUPPORTED[api_key]
    if not lowest <= version <= highest:
        msg = f"{api_key.name} version {version}, this codec speaks {lowest}-{highest}"
        raise UnsupportedVersionError(msg)


def choose_version(api_key: ApiKey, peer_ranges: Mapping[int, VersionRange]) -> int:
    """Give the highest version both sides speak; `peer_ranges` is what the peer's ApiVersions answer said.

    Raises UnsupportedVersionError, naming the API and both ranges.
    """
    ours = SUPPORTED[api_key]
    theirs = peer_ranges.get(api_key)
    if theirs is None:
        msg = f"{api_key.name}: we speak {ours}, the peer does not know the API"
        raise UnsupportedVersionError(msg)
    version = min(ours.highest, theirs[1])
    if version < ours.lowest or version < theirs[0]:
        msg = f"{api_key.name}: we speak {ours}, the peer {theirs[0]}-{theirs[1]}"
        raise UnsupportedVersionError(msg)
    return version


def encode_request(api_key: int, version: int, correlation_id: int, client_id: str | None, body: bytes) -> bytes:
    """Give the whole frame of a request: length, header, body."""
    # The client id keeps the legacy string even in the flexible header, so that any broker can read it (KIP-511).
    name = LEGACY.nullable_string(client_id)
    tags = NO_TAGS if is_flexible(api_key, version) else b""
    size = 8 + len(name) + len(tags) + len(body)
    return b"".join((_REQUEST_HEADER.pack(size, api_key, version, correlation_id), name, tags, body))


def decode_request_header(payload: bytes) -> tuple[RequestHeader, int]:
    """Read the header of a request (a frame without its length) and where its body begins.

    An ApiVersions request of a version yet unknown is read as well: it wants error 35 in a version 0 body (KIP-511).
    Raises MalformedError.
    """
    # The client id keeps the legacy string in each version.
    reader = FlexibleReader(payload)
    try:
        api_key = reader.int16()
        version = reader.int16()
        correlation_id = reader.int32()
        legacy = LegacyReader(payload, reader.position)
        client_id = legacy.nullable_string()
        reader.position = legacy.position
        if is_flexible(api_key, version):
            reader.tags()
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        msg = f"a request header in {len(payload)} bytes: {error}"
        raise MalformedError(msg) from error
    return RequestHeader(api_key, version, correlation_id, client_id), reader.position


def encode_response(api_key: int, version: int, correlation_id: int, body: bytes) -> bytes:
    """Give the whole frame of a response: length, header, body."""
    if is_flexible(api_key, version) and api_key != ApiKey.API_VERSIONS:
        return b"".join((_RESPONSE_HEADER.pack(5 + len(body), correlation_id), NO_TAGS, body))
    # The client does not yet know which version the broker could answer in: this header is never flexible (KIP-511).
    return _RESPONSE_HEADER.pack(4 + len(body), correlation_id) + body


def read_correlation_id(payload: bytes) -> int:
    """Read which request a response (a frame without its length) belongs to. Raises MalformedError."""
    if len(payload) < _CORRELATION_ID.size:
        msg = f"a response of {len(payload)} bytes has no correlation id"
        raise MalformedError(msg)
    correlation_id: int = _CORRELATION_ID.unpack_from(payload)[0]
    return correlation_id


def response_body(api_key: int, version: int, payload: bytes) -> bytes:
    """Give what follows the header of a response (a frame without its length). Raises MalformedError."""
    read_correlation_id(payload)
    if not is_flexible(api_key, version) or api_key == ApiKey.API_VERSIONS:
        return payload[4:]
    if payload[4:5] == NO_TAGS:
        return payload[5:]
    reader = FlexibleReader(payload, 4)
    try:
        reader.tags()
    except IndexError as error:
        msg = f"a response header in {len(payload)} bytes is cut off"
        raise MalformedError(msg) from error
    return payload[reader.position :]
