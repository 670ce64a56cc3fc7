"""SaslHandshake: which mechanism a client will authenticate by. Version 1.

Version 0 announces tokens that come without any header (KIP-152 ended that); no broker since 1.0 needs it.
"""

from __future__ import annotations

from typing import NamedTuple

from producer.wire.api import ApiKey, layout_of
from producer.wire.body import decodes
from producer.wire.primitives import INT16, LegacyReader


class SaslHandshakeRequest(NamedTuple):
    """Let me authenticate by this mechanism."""

    mechanism: str


class SaslHandshakeResponse(NamedTuple):
    """Go on, or an error and what the broker offers."""

    error_code: int = 0
    mechanisms: tuple[str, ...] = ()


def encode_request(value: SaslHandshakeRequest, version: int) -> bytes:
    """Write the body."""
    return layout_of(ApiKey.SASL_HANDSHAKE, version).string(value.mechanism)


@decodes(ApiKey.SASL_HANDSHAKE, "request")
def decode_request(reader: LegacyReader, version: int) -> SaslHandshakeRequest:  # noqa: ARG001 (there is one version)
    """Read the body."""
    return SaslHandshakeRequest(reader.string())


def encode_response(value: SaslHandshakeResponse, version: int) -> bytes:
    """Write the body."""
    layout = layout_of(ApiKey.SASL_HANDSHAKE, version)
    names = [layout.string(name) for name in value.mechanisms]
    return b"".join((INT16.pack(value.error_code), layout.length(len(names)), *names))


@decodes(ApiKey.SASL_HANDSHAKE, "response")
def decode_response(reader: LegacyReader, version: int) -> SaslHandshakeResponse:  # noqa: ARG001 (there is one version)
    """Read the body."""
    error_code = reader.int16()
    return SaslHandshakeResponse(error_code, tuple([reader.string() for _ in range(reader.length())]))
