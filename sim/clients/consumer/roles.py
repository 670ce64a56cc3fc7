"""The parts that others play for a consumer: what leaders are asked, and who says what is to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.client.requests import Answer
    from producer.wire.api import ApiKey
    from sim.clients.consumer.reader import PartitionReader, ReadInput


class Companion(Protocol):
    """Who works on the same client, and says what is to be read."""

    def advance(self, now_us: int) -> None:
        """Something has come, or time has: do what is due."""
        ...

    def deadline_us(self, now_us: int) -> int:
        """When `advance` is due if nothing comes; `NEVER_US` for never."""
        ...


class Inquiry(Protocol):
    """Something that leaders are asked, for several readers at once."""

    api: ApiKey
    begins: ReadInput
    """What happens to a reader when the request leaves."""

    def encoder(self, node_id: int, readers: list[PartitionReader]) -> Callable[[int], bytes]:
        """Give what makes the body of the request in a version."""
        ...

    def take(self, answer: Answer, readers: list[PartitionReader], now_us: int) -> int:
        """Take an answer for those that still wait for it; returns for how many ms the broker wants to be left alone.

        Raises PeerError for what cannot be read.
        """
        ...

    def lost(self, node_id: int) -> None:
        """No answer will come, or none that can be read."""
