"""What decoders of bodies share: a version we speak, MalformedError for nonsense, no byte of a request left over."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import wraps
from typing import Protocol, TypeVar

from producer.errors import MalformedError
from producer.wire.api import FLEXIBLE_SINCE, ApiKey, check_version
from producer.wire.primitives import FlexibleReader, LegacyReader

_Value_co = TypeVar("_Value_co", covariant=True)
_Value = TypeVar("_Value")


class Decoder(Protocol[_Value_co]):
    """From a body and its version to a value."""

    def __call__(self, body: bytes, version: int) -> _Value_co:
        """Decode; raises MalformedError, or UnsupportedVersionError for a version without a codec."""
        ...


def decodes(api_key: ApiKey, kind: str) -> Callable[[Callable[[LegacyReader, int], _Value]], Decoder[_Value]]:
    """Make a whole decoder of one that reads field after field; `kind` is "request" or "response"."""
    flexible_since = FLEXIBLE_SINCE[api_key]

    def whole(read: Callable[[LegacyReader, int], _Value]) -> Decoder[_Value]:
        @wraps(read)
        def decode(body: bytes, version: int) -> _Value:
            check_version(api_key, version)
            reader = FlexibleReader(body) if version >= flexible_since else LegacyReader(body)
            try:
                value = read(reader, version)
            except (struct.error, IndexError, UnicodeDecodeError, MalformedError) as error:
                where = f"in {len(body)} bytes, at byte {reader.position}"
                msg = f"{api_key.name} {kind} version {version} {where}: {error}"
                raise MalformedError(msg) from error
            # Java's clients do not look behind a response's last field, and librdkafka's mock leaves a byte there.
            if reader.position > len(body) or (kind == "request" and reader.position < len(body)):
                where = f"ends at byte {reader.position} of {len(body)}"
                msg = f"{api_key.name} {kind} version {version} {where}"
                raise MalformedError(msg)
            return value

        return decode

    return whole
