"""The words for what is to be kept secret: a key service, its tenants, and texts that are to lie on no disk as they are."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from sim.cluster.broker.log_directory import logs_on
from sim.trace.events import BatchAtRest, SecretPlanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.cluster.cluster import Cluster

SIZE_MIN = 6
"""A shorter text is found by chance."""
DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that is to lie on no disk. Raises ValueError."""

    name: str
    """What reports call it."""
    text: str = field(repr=False)
    """What nobody is to find; at least six letters, so that it is not found by chance."""

    def __post_init__(self) -> None:
        if not self.name or len(self.text) < SIZE_MIN:
            raise ValueError(f"Secret {self.name!r} needs a name, and a text of at least {SIZE_MIN} characters")
        if self.name in self.text or self.text in self.name:
            raise ValueError(f"Secret {self.name!r} must not say itself what it is")

    def forms(self) -> Iterator[tuple[str, bytes]]:
        """Give how it may be written."""
        plain = self.text.encode()
        yield "as it is", plain
        yield "in hexadecimal", plain.hex().encode()
        # Its end depends on what stands behind it: three bytes at a time.
        yield "in base64", b64encode(plain[: len(plain) // 3 * 3])


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyServiceConfig:
    """A key service, on the host `key-service`. Raises ValueError."""

    tenants: tuple[str, ...] = ()
    """Who has a key of its own when the story begins."""
    masks: tuple[str, ...] = ()
    """Names of the keys of hashes and tokens."""

    def __post_init__(self) -> None:
        for names in (self.tenants, self.masks):
            twice = [name for place, name in enumerate(names) if name in names[:place] or not name]
            if twice:
                raise ValueError(f"KeyServiceConfig has {twice[0]!r}, must be names, each once")


def plant(secrets: Sequence[Secret], cluster: Cluster) -> None:
    """Tell the trace which secrets there are, by their digests."""
    for secret in secrets:
        for form, data in secret.forms():
            digest = blake2b(data, digest_size=DIGEST_BYTES).hexdigest()
            cluster.trace.emit(SecretPlanted(cluster.world.now_us, secret.name, form, len(data), digest))


def tell_what_lies(cluster: Cluster) -> None:
    """Put every batch on every broker's disk into the trace."""
    now_us = cluster.world.now_us
    for number, broker in cluster.brokers.items():
        for tp, file in logs_on(broker.disk):
            for stored in file.entries:
                cluster.trace.emit(BatchAtRest(now_us, number, tp.topic, tp.partition, stored.base_offset, stored.data))
