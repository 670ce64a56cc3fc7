"""What a cluster keeps of passwords, for SCRAM: records of the metadata log, as any other (KIP-554, KIP-900)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from producer.client.sasl.mechanism import SCRAM_SHA_256, SCRAM_SHA_512
from producer.client.sasl.scram_keys import HASHES, ITERATIONS_MIN, salted_password, scram_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.cluster.security.users import User

NUMBERS = {SCRAM_SHA_256: 1, SCRAM_SHA_512: 2}
"""By which admin APIs and records name a mechanism (ScramMechanism.type)."""
NAMES = {number: name for name, number in NUMBERS.items()}


@dataclass(frozen=True, slots=True)
class ScramCredential:
    """What one user proves itself by in one mechanism (UserScramCredentialRecord)."""

    user: str
    mechanism: int
    """One of `NUMBERS`."""
    salt: bytes = field(repr=False)
    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)
    iterations: int


@dataclass(frozen=True, slots=True)
class RemovedScramCredential:
    """A user has none any more in that mechanism (RemoveUserScramCredentialRecord)."""

    user: str
    mechanism: int


ScramCredentials = dict[tuple[str, int], ScramCredential]
"""By user and mechanism."""


def credential_of(user: str, mechanism: int, *, salt: bytes, salted: bytes, iterations: int) -> ScramCredential:
    """Make a credential of a salted password."""
    keys = scram_keys(HASHES[NAMES[mechanism]], salted)
    return ScramCredential(user, mechanism, salt, keys.stored, keys.server, iterations)


def initial_credentials(users: Iterable[User]) -> ScramCredentials:
    """Give those of a new cluster, as `kafka-storage format --add-scram` writes them: both kinds for each user."""
    return {(user.name, number): _initial(user.name, user.password, number) for user in users for number in NAMES}


@cache
def _initial(user: str, password: str, mechanism: int) -> ScramCredential:
    # It takes its milliseconds on purpose, and each broker and controller begins with the same. A salt need be no secret,
    # only another for each user; this one is the same in every world.
    salt = sha256(f"{mechanism}/{user}".encode()).digest()
    salted = salted_password(HASHES[NAMES[mechanism]], password, salt, ITERATIONS_MIN)
    return credential_of(user, mechanism, salt=salt, salted=salted, iterations=ITERATIONS_MIN)
