"""SaslHandshake: which mechanism a client will authenticate by.

Version 0 announces tokens that come without any header (KIP-152 ended that); no broker since 1.0 needs it.
"""

from typing import NamedTuple

from producer.wire.schema import Int16, String


class SaslHandshakeRequest(NamedTuple):
    """Let me authenticate by this mechanism."""

    mechanism: String = ""


class SaslHandshakeResponse(NamedTuple):
    """Go on, or an error and what the broker offers."""

    error_code: Int16 = 0
    mechanisms: tuple[String, ...] = ()
