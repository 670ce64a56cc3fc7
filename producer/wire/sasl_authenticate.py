"""SaslAuthenticate: one token of a SASL exchange, and the broker's reply to it. Versions 0 to 2 (KIP-152, KIP-368)."""

from __future__ import annotations

from typing import NamedTuple

from producer.errors import MalformedError
from producer.wire.api import ApiKey, layout_of
from producer.wire.body import decodes
from producer.wire.primitives import INT16, INT64, LegacyReader

_LIFETIME_SINCE = 1


class SaslAuthenticateRequest(NamedTuple):
    """The client's token."""

    auth_bytes: bytes


class SaslAuthenticateResponse(NamedTuple):
    """The broker's token, or an error."""

    error_code: int = 0
    error_message: str | None = None
    auth_bytes: bytes = b""
    session_lifetime_ms: int = 0
    """Since version 1: the client must authenticate again within that time; 0 for never (KIP-368)."""


def encode_request(value: SaslAuthenticateRequest, version: int) -> bytes:
    """Write the body."""
    layout = layout_of(ApiKey.SASL_AUTHENTICATE, version)
    return layout.length(len(value.auth_bytes)) + value.auth_bytes + layout.end


@decodes(ApiKey.SASL_AUTHENTICATE, "request")
def decode_request(reader: LegacyReader, version: int) -> SaslAuthenticateRequest:  # noqa: ARG001 (layouts differ, fields do not)
    """Read the body."""
    auth_bytes = _bytes(reader)
    reader.tags()
    return SaslAuthenticateRequest(auth_bytes)


def encode_response(value: SaslAuthenticateResponse, version: int) -> bytes:
    """Write the body."""
    layout = layout_of(ApiKey.SASL_AUTHENTICATE, version)
    lifetime = INT64.pack(value.session_lifetime_ms) if version >= _LIFETIME_SINCE else b""
    message = layout.nullable_string(value.error_message)
    token = layout.length(len(value.auth_bytes)) + value.auth_bytes
    return INT16.pack(value.error_code) + message + token + lifetime + layout.end


@decodes(ApiKey.SASL_AUTHENTICATE, "response")
def decode_response(reader: LegacyReader, version: int) -> SaslAuthenticateResponse:
    """Read the body."""
    error_code = reader.int16()
    message = reader.nullable_string()
    auth_bytes = _bytes(reader)
    lifetime_ms = reader.int64() if version >= _LIFETIME_SINCE else 0
    reader.tags()
    return SaslAuthenticateResponse(error_code, message, auth_bytes, lifetime_ms)


def _bytes(reader: LegacyReader) -> bytes:
    content = reader.nullable_bytes()
    if content is None:
        msg = "null in place of a token"
        raise MalformedError(msg)
    return content
