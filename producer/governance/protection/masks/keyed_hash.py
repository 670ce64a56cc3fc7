"""Hash: HMAC-SHA-256 under a key, so that nobody without it can try values out; equal values stay equal."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Any

from producer.governance.protection.key_material import KeyMaterial
from producer.governance.protection.masks.mask import UnfitError, kind


class KeyedHash:
    """Texts become hexadecimal digits, bytes the digest."""

    def __init__(self, key: KeyMaterial, *, domain: str = "", length: int = 64) -> None:
        """Values of two domains are hashed differently. `length`: so many of 64 hexadecimal digits."""
        self._key = key
        self._domain = domain
        self._length = length

    def hide(self, value: Any) -> Any:
        """Give the hash. Raises UnfitError for what can hold none."""
        if isinstance(value, str):
            return self._digest(b"text", value.encode("utf-8", "surrogatepass")).hex()[: self._length]
        if isinstance(value, bytes):
            return self._digest(b"bytes", value)
        raise UnfitError(f"is a {kind(value)}, which cannot hold a hash")

    def _digest(self, what: bytes, value: bytes) -> bytes:
        said = b"\0".join((b"acklab hash", self._domain.encode(), what, value))
        return hmac.new(self._key.reveal(), said, sha256).digest()
