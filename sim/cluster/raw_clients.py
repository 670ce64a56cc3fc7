"""What a story can have sent to a cluster beside its applications: Produce requests, byte for byte as it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from producer.records import TopicPartition


class RawProduce(NamedTuple):
    """One Produce request with one batch, nothing of it left to a producer."""

    where: TopicPartition
    records: int
    acks: int
    """-1 for the whole ISR, 1 for the leader, 0 for no answer."""
    producer_id: int
    """-1, as the two below, for a batch without a sequence."""
    producer_epoch: int
    base_sequence: int


class RawClients(Protocol):
    """Those who send such requests."""

    @property
    def asked(self) -> Sequence[RawProduce]:
        """Every request that they were told to send, in order."""
        ...

    def write(self, client: str, broker: int, produce: RawProduce) -> None:
        """Let a client send this to a broker now. Raises ValueError if somebody else has its name."""
        ...
