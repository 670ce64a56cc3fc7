"""What metrics look at, and what those who are measured call: protocols, so that neither side knows the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from producer.records import TopicPartition


class MeasuredBatch(Protocol):
    """What is counted of a batch of records; `producer.engine.batch.Batch` is one. Times are microseconds."""

    partition: TopicPartition
    created_us: int
    size_bytes: int
    """Uncompressed."""
    largest_record_bytes: int
    encoded: bytes | None
    """None before it left for the first time."""

    @property
    def record_count(self) -> int:
        """How many records it holds."""
        ...


class NetworkWatch(Protocol):
    """Whoever counts what goes to and fro on a client's connections: `ProducerMetrics`. Times are `now_us`."""

    def connected(self, now_us: int, /) -> None:
        """A connection came up."""

    def disconnected(self, connection: int, now_us: int, /) -> None:
        """A connection ended, or could not be had."""

    def written(self, node_id: int, size_bytes: int, now_us: int, /) -> None:
        """One request left."""

    def read(self, node_id: int, size_bytes: int, answers: int, now_us: int, /) -> None:
        """Bytes came in, with the ends of so many answers."""

    def throttled(self, throttle_ms: int, now_us: int, /) -> None:
        """An answer told for how long to send nothing: 0 for not at all."""

    def authenticated(self, renewing_since_us: int | None, now_us: int, /) -> None:
        """The two sides of a connection trust each other; anew, if a session was being renewed."""

    def authentication_failed(self, renewing_since_us: int | None, now_us: int, /) -> None:
        """The two sides of a connection do not trust each other, or not any more."""
