"""What both ends of a SCRAM exchange compute (RFC 5802, 3): keys out of a password, and proofs out of keys."""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

from producer.client.sasl.mechanism import SCRAM_SHA_256, SCRAM_SHA_512

HASHES = {SCRAM_SHA_256: "sha256", SCRAM_SHA_512: "sha512"}

ITERATIONS_MIN = 4_096
"""Neither Kafka's client nor its broker takes less (ScramMechanism)."""


class ScramKeys(NamedTuple):
    """What a salted password becomes. A server keeps `stored` and `server`: with these alone nobody can be a client."""

    client: bytes
    stored: bytes
    server: bytes


def salted_password(hash_name: str, password: str, salt: bytes, iterations: int) -> bytes:
    """Salt a password, as UTF-8 without SASLprep: as Kafka does."""
    return hashlib.pbkdf2_hmac(hash_name, password.encode(), salt, iterations)


def scram_keys(hash_name: str, salted: bytes) -> ScramKeys:
    """Give the keys of a salted password."""
    client = hmac.digest(salted, b"Client Key", hash_name)
    return ScramKeys(client, stored_key(hash_name, client), hmac.digest(salted, b"Server Key", hash_name))


def stored_key(hash_name: str, client_key: bytes) -> bytes:
    """Give what a server keeps of a client's key."""
    return hashlib.new(hash_name, client_key).digest()


def signature(hash_name: str, key: bytes, auth_message: bytes) -> bytes:
    """Sign what both have said: with the stored key as the client, with the server key as the server."""
    return hmac.digest(key, auth_message, hash_name)


def xor(one: bytes, other: bytes) -> bytes:
    """Proof and client key, each out of the other and the client's signature. Raises ValueError for unequal lengths."""
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
