"""SaslAuthenticate: one token of a SASL exchange, and the broker's reply to it (KIP-152, KIP-368)."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Bytes, Int16, Int64, String, since


class SaslAuthenticateRequest(NamedTuple):
    """The client's token."""

    auth_bytes: Bytes = b""


class SaslAuthenticateResponse(NamedTuple):
    """The broker's token, or an error."""

    error_code: Int16 = 0
    error_message: String | None = ""
    auth_bytes: Bytes = b""
    session_lifetime_ms: Annotated[Int64, since(1), IGNORABLE] = 0
    """The client must authenticate again within that time; 0 for never (KIP-368)."""
