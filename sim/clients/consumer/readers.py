"""All that is read: one reader a partition, those that have a wish, and what came of it so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.backoff import backoff_us
from producer.errors import Code, ProducerError, error_code
from sim.clients.consumer.reader import PartitionReader, ReadInput, ReadState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from producer.chance import Chance
    from producer.client.client import Client
    from producer.records import TopicPartition
    from sim.clients.consumer.batches import ConsumedRecord


class ConsumeError(ProducerError):
    """Reading can never succeed: there is no such topic, or the brokers refuse, or are not trusted. The message says which."""


class NoSuchPartitionError(ConsumeError):
    """The topic is there and has fewer partitions than the one that was asked for. The message names all three."""


class Readers:
    """Readers by partition. Only those with a wish are looked at when something comes in."""

    __slots__ = ("_by_partition", "_chance", "_client", "_made", "_on_moved", "_wishing", "error", "records")

    def __init__(
        self, client: Client, chance: Chance, on_moved: Callable[[TopicPartition, int, str], object] | None = None
    ) -> None:
        """`on_moved` hears where a reader goes on from an offset that it did not get to by reading, and why."""
        self._client = client
        self._chance = chance
        self._by_partition: dict[TopicPartition, PartitionReader] = {}
        self._wishing: dict[PartitionReader, None] = {}
        self._made = 0
        self._on_moved = on_moved
        self.records: list[ConsumedRecord] = []
        """What was read and not taken yet."""
        self.error: ConsumeError | None = None
        """Set when reading can never succeed."""

    def begin(self, partition: TopicPartition, *, begin_at: int, wants_end: bool) -> None:
        """Read a partition from here on, also if it was read from elsewhere until now."""
        self.end(partition)
        self._made += 1
        reader = PartitionReader(partition, begin_at=begin_at, wants_end=wants_end, number=self._made)
        self._by_partition[partition] = reader
        self._wishing[reader] = None
        if begin_at >= 0:
            self._tell_moved(reader)

    def move(self, reader: PartitionReader, offset: int, *, epoch: int) -> None:
        """Go on from an offset that a broker named, behind a record of this leader epoch."""
        reader.move_to(offset, epoch=epoch)
        self._tell_moved(reader)

    def _tell_moved(self, reader: PartitionReader) -> None:
        if self._on_moved is not None:
            self._on_moved(reader.partition, reader.position, reader.why_moves)

    def end(self, partition: TopicPartition) -> None:
        """Read a partition no more."""
        reader = self._by_partition.pop(partition, None)
        if reader is not None:
            self._wishing.pop(reader, None)
            # What was read before the partition was given up belongs to whoever reads it next.
            self.records = [one for one in self.records if (one.topic, one.partition) != partition]

    def get(self, partition: TopicPartition) -> PartitionReader | None:
        """The reader of a partition, if it is read."""
        return self._by_partition.get(partition)

    def all(self) -> Iterable[PartitionReader]:
        """Every reader, in the order in which their partitions came."""
        return self._by_partition.values()

    def current(self, readers: Iterable[PartitionReader]) -> list[PartitionReader]:
        """Those that nobody replaced or ended since their request left."""
        return [reader for reader in readers if self._by_partition.get(reader.partition) is reader]

    def wishing(self) -> list[PartitionReader]:
        """Those with a wish, the oldest first."""
        return sorted(self._wishing, key=_number)

    def feed(self, reader: PartitionReader, given: ReadInput) -> None:
        """Move a reader on."""
        reader.feed(given)
        if reader.has_reached_its_end and reader.state is ReadState.READING:
            reader.feed(ReadInput.FINISH)
        if reader.has_a_wish:
            self._wishing[reader] = None
        else:
            self._wishing.pop(reader, None)

    def retry(self, readers: Iterable[PartitionReader], now_us: int, code: int = Code.NETWORK_EXCEPTION) -> None:
        """Ask again for these after a back-off; a code that cannot be retried ends the reading.

        What a leader did not expect itself may pass (OffsetFetcherUtils, FetchCollector.handleInitializeErrors).
        """
        error = error_code(code)
        settings = self._client.settings
        self._client.metadata.want()
        for reader in readers:
            if not error.retriable and error.code != Code.UNKNOWN_SERVER_ERROR:
                self.error = ConsumeError(f"{reader.partition}: {error.name}")
            reader.failures += 1
            reader.not_before_us = now_us + backoff_us(
                settings.retry_backoff_us, settings.retry_backoff_max_us, reader.failures, self._chance
            )
            self.feed(reader, ReadInput.RETRY)


def _number(reader: PartitionReader) -> int:
    return reader.number
