"""InitProducerId: the id and epoch an idempotent producer numbers its batches with. Versions 0 to 5."""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from producer.wire.api import ApiKey, layout_of
from producer.wire.body import decodes
from producer.wire.primitives import INT32, LegacyReader

_IDENTITY_SINCE = 3

_IDENTITY = Struct(">qh")
_RESULT = Struct(">ihqh")


class InitProducerIdRequest(NamedTuple):
    """Give me an identity."""

    transactional_id: str | None = None
    transaction_timeout_ms: int = 60_000
    """Only asked for with a transactional id."""
    producer_id: int = -1
    """Since version 3: the identity whose epoch is to be bumped (KIP-360)."""
    producer_epoch: int = -1


class InitProducerIdResponse(NamedTuple):
    """An identity, or an error."""

    throttle_time_ms: int = 0
    error_code: int = 0
    producer_id: int = -1
    producer_epoch: int = 0


def encode_request(value: InitProducerIdRequest, version: int) -> bytes:
    """Write the body."""
    layout = layout_of(ApiKey.INIT_PRODUCER_ID, version)
    identity = _IDENTITY.pack(value.producer_id, value.producer_epoch) if version >= _IDENTITY_SINCE else b""
    name = layout.nullable_string(value.transactional_id)
    return name + INT32.pack(value.transaction_timeout_ms) + identity + layout.end


@decodes(ApiKey.INIT_PRODUCER_ID, "request")
def decode_request(reader: LegacyReader, version: int) -> InitProducerIdRequest:
    """Read the body."""
    transactional_id = reader.nullable_string()
    timeout_ms = reader.int32()
    producer_id, producer_epoch = reader.unpack(_IDENTITY) if version >= _IDENTITY_SINCE else (-1, -1)
    reader.tags()
    return InitProducerIdRequest(transactional_id, timeout_ms, producer_id, producer_epoch)


def encode_response(value: InitProducerIdResponse, version: int) -> bytes:
    """Write the body."""
    return _RESULT.pack(*value) + layout_of(ApiKey.INIT_PRODUCER_ID, version).end


@decodes(ApiKey.INIT_PRODUCER_ID, "response")
def decode_response(reader: LegacyReader, version: int) -> InitProducerIdResponse:  # noqa: ARG001 (versions are alike)
    """Read the body."""
    value = InitProducerIdResponse(*reader.unpack(_RESULT))
    reader.tags()
    return value
