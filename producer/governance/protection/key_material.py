"""Keys as values that never show themselves: not in a repr, not in an error, not in a pickle."""

from __future__ import annotations

from typing import NamedTuple, NoReturn

from producer.errors import UsageError

KEY_BYTES = 32
"""AES-256."""


class KeyMaterial:
    """The bytes of a key."""

    __slots__ = ("_data",)

    def __init__(self, data: bytes) -> None:
        """Raises UsageError for another size than AES-256 has."""
        if len(data) != KEY_BYTES:
            raise UsageError(f"a key has {len(data)} bytes, must have {KEY_BYTES}")
        self._data = data

    def reveal(self) -> bytes:
        """Give the bytes, for a cipher and for nobody else."""
        return self._data

    def __repr__(self) -> str:
        return f"<a key of {len(self._data)} bytes>"

    def __reduce__(self) -> NoReturn:
        """Refuse: whatever is pickled lies somewhere in plaintext."""
        msg = "a key cannot be pickled"
        raise UsageError(msg)


class DataKey(NamedTuple):
    """A key that encrypts values, and itself as the tenant's key has encrypted it: that may lie beside the values."""

    tenant: str
    version: int
    """Of the tenant's key, from 1."""
    material: KeyMaterial
    wrapped: bytes
