"""What a policy does to records, what a key service does, and what lies on disks in the end. No key is in it, and no secret by its text."""

from __future__ import annotations

from typing import NamedTuple


class SecretPlanted(NamedTuple):
    """A story has a secret that is to lie on no disk as it is: by its digest, so that no trace has it."""

    at_us: int
    secret: str
    """What it is called."""
    form: str
    """How it is written there: `as it is`, `in hexadecimal`, `in base64`."""
    size: int
    """Bytes of it, so written."""
    digest: str
    """BLAKE2b of those bytes, 16 bytes in hexadecimal."""


class RecordGoverned(NamedTuple):
    """A policy has ruled on a record, before it is sent."""

    at_us: int
    client: str
    record: int
    topic: str
    verdict: str
    """`passed`, `refused` (nothing of it was sent), `dead lettered` (what is sent next is its dead letter)."""
    violations: str
    """What is wrong with it, fields and rules; empty if nothing is."""
    is_plain: bool
    """It goes on in plaintext, as its key could not be had and the policy lets that pass."""
    error: str
    """What its application is told; empty if it passed."""


class KeyAnswered(NamedTuple):
    """A client knows what became of its question for a key."""

    at_us: int
    client: str
    asked: str
    """`tenant acme`, `mask tokens`."""
    version: int
    """Of the tenant's key; 0 where there is none."""
    error: str
    """Why it has none; empty if it has."""


class KeyRotated(NamedTuple):
    """A tenant has a new key: new data keys are wrapped by this version from now on."""

    at_us: int
    tenant: str
    version: int


class KeyShredded(NamedTuple):
    """A tenant's keys are deleted."""

    at_us: int
    tenant: str


class BatchAtRest(NamedTuple):
    """A batch as it lies on a broker's disk at the end of a story that has secrets."""

    at_us: int
    broker: int
    topic: str
    partition: int
    base_offset: int
    data: bytes
