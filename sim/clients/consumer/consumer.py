"""The consumer: whom to ask what and when, on top of a client. It reads partitions that somebody assigns, or whole topics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from producer.client.client import Client
from producer.errors import AuthenticationError, Code, PeerError, UnsupportedVersionError, error_code
from producer.records import TopicPartition
from sim.clients.consumer.epochs import EpochInquiry
from sim.clients.consumer.fetching import FetchInquiry
from sim.clients.consumer.offsets import OffsetInquiry
from sim.clients.consumer.reader import ReadState
from sim.clients.consumer.readers import ConsumeError, NoSuchPartitionError, Readers
from sim.clients.consumer.roles import Inquiry
from sim.clients.consumer.settings import EARLIEST, ReadSettings, client_settings
from sim.clients.driven_client import DrivenClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from producer.chance import Chance
    from producer.client.requests import Answer, Loss
    from producer.client.sasl.mechanism import SaslSettings
    from sim.clients.consumer.batches import ConsumedRecord
    from sim.clients.consumer.reader import PartitionReader
    from sim.clients.consumer.roles import Companion


_HOPELESS = (Code.INVALID_TOPIC_EXCEPTION, Code.TOPIC_AUTHORIZATION_FAILED)
"""What Metadata may say of a topic that no patience mends; anything else passes (Metadata.maybeThrowExceptionForTopic)."""


class Consumer(DrivenClient):
    """Reads each partition from its leader and in order. One request a broker is on its way at a time."""

    def __init__(
        self,
        *,
        bootstrap: Sequence[tuple[str, int]],
        chance: Chance,
        now_us: int,
        client_id: str = "consumer-1",
        topics: Sequence[str] = (),
        only: Sequence[int] | None = None,
        begin_at: int = EARLIEST,
        reading: ReadSettings | None = None,
        sasl: SaslSettings | None = None,
        observe: Callable[[Any], object] | None = None,
        on_moved: Callable[[TopicPartition, int, str], object] | None = None,
    ) -> None:
        """Read all partitions of `topics`, or `only` some, from `EARLIEST`, `LATEST` or an offset; else see `assign`.

        `on_moved` hears, behind the records read before, of each offset that reading goes on from for another reason than
        reading: where it begins, and where it is led when the log was cut.
        """
        self._topics = dict.fromkeys(topics)
        self._only = None if only is None else sorted(set(only))
        self._begin_at = begin_at
        self._reading = reading or ReadSettings()
        settings = client_settings(client_id, bootstrap, sasl, metadata_age_max_us=self._reading.metadata_age_max_us)
        super().__init__(Client(settings, chance=chance, now_us=now_us, observe=observe), now_us)
        self._readers = Readers(self._client, chance, on_moved)
        self._offsets = OffsetInquiry(self._client, self._readers, self._reading)
        self._epochs = EpochInquiry(self._client, self._readers, self._reading)
        self._fetching = FetchInquiry(self._client, self._readers, self._reading)
        self._busy_nodes: dict[int, None] = {}
        self._companion: Companion | None = None
        self._followed: dict[str, None] = {}
        """Topics whose metadata the companion wants, read or not."""
        self._metadata_seen = 0
        for topic in self._topics:
            self._client.metadata.follow(topic, now_us)

    # -- who assigns -------------------------------------------------------------------------------------------------

    @property
    def client(self) -> Client:
        """The client that it stands on, for a companion."""
        return self._client

    def accompany(self, companion: Companion, topics: Iterable[str], now_us: int) -> None:
        """Let somebody work on the same client, who assigns and revokes, and wants these topics' metadata."""
        self._companion = companion
        for topic in topics:
            self._followed[topic] = None
            self._client.metadata.follow(topic, now_us)
        self.deadline_us = min(self.deadline_us, now_us)

    def consumed_to(self) -> dict[TopicPartition, int]:
        """The offset behind what was taken, by partition; those left out of which it is not known where to begin."""
        consumed = {partition: offset for partition, offset in self.positions().items() if offset >= 0}
        for record in reversed(self._readers.records):
            consumed[TopicPartition(record.topic, record.partition)] = record.offset
        return consumed

    def fail(self, error: ConsumeError) -> None:
        """Reading can never succeed: nobody will ever assign anything."""
        self._readers.error = error

    # -- what the application wants ----------------------------------------------------------------------------------

    @property
    def error(self) -> ConsumeError | None:
        """Set when reading can never succeed."""
        return self._readers.error

    @property
    def is_at_end(self) -> bool:
        """Whether every partition was read up to where it ended when it was first looked at."""
        readers = list(self._readers.all())
        return bool(readers) and all(reader.state is ReadState.AT_END for reader in readers)

    @property
    def knows_topics(self) -> bool:
        """Whether any partition is read, so that who reads whole topics knows that they were found."""
        return any(True for _ in self._readers.all())

    def position(self, partition: TopicPartition) -> int | None:
        """The offset that is read next; None as long as it is not known, or if the partition is not read."""
        reader = self._readers.get(partition)
        return None if reader is None or reader.begin_at is not None else reader.position

    def positions(self) -> dict[TopicPartition, int]:
        """The offset that is read next, by partition; -1 as long as it is not known."""
        return {
            reader.partition: -1 if reader.begin_at is not None else reader.position for reader in self._readers.all()
        }

    def assign(self, begin_at: Mapping[TopicPartition, int], now_us: int) -> None:
        """Read these partitions too, each from `EARLIEST`, `LATEST` or an offset."""
        for partition, place in begin_at.items():
            self._client.metadata.follow(partition.topic, now_us)
            self._readers.begin(partition, begin_at=place, wants_end=self._reading.stops_at_end)
        self.deadline_us = min(self.deadline_us, now_us)

    def revoke(self, partitions: Iterable[TopicPartition], now_us: int) -> None:
        """Read these no more. What was read of them and not taken yet is forgotten, as are answers on their way."""
        for partition in partitions:
            self._readers.end(partition)
        read = {reader.partition.topic: None for reader in self._readers.all()} | self._topics | self._followed
        self._client.metadata.follow_only(read)
        self.deadline_us = min(self.deadline_us, now_us)

    def seek(self, partition: TopicPartition, place: int, now_us: int) -> None:
        """Read on from elsewhere. Raises KeyError if the partition is not read."""
        if self._readers.get(partition) is None:
            raise KeyError(partition)
        self.assign({partition: place}, now_us)

    def take_records(self) -> list[ConsumedRecord]:
        """Take what was read, in order within each partition."""
        records, self._readers.records = self._readers.records, []
        return records

    # -- inside ------------------------------------------------------------------------------------------------------

    def _turned_away(self, error: AuthenticationError) -> None:
        self._readers.error = ConsumeError(str(error))

    def _go_on(self, now_us: int) -> int:
        if self._metadata_seen != self._client.metadata.version:
            self._metadata_seen = self._client.metadata.version
            self._meet_topics()
        if self._companion is not None:
            self._companion.advance(now_us)
        for node_id, readers in self._due_by_node(now_us).items():
            if node_id in self._busy_nodes or not self._client.links.is_ready(node_id, now_us):
                continue
            inquiry, asking = self._inquiry(node_id, readers)
            self._ask(node_id, inquiry, asking, now_us)
        self._client.advance(now_us)
        return self._next_us(now_us)

    def _next_us(self, now_us: int) -> int:
        due_us = self._client.deadline_us(now_us)
        if self._companion is not None:
            due_us = min(due_us, self._companion.deadline_us(now_us))
        for reader in self._readers.wishing():
            wait_us = reader.not_before_us
            if wait_us <= now_us:
                leader_id = self._client.metadata.view.leader(reader.partition).node_id
                wait_us = self._client.links.reconnect_at_us(leader_id, now_us)
            due_us = min(due_us, wait_us)
        return due_us

    def _meet_topics(self) -> None:
        """Begin with the partitions of whole topics that were not known before; notice topics that nobody can read."""
        read = {reader.partition.topic: None for reader in self._readers.all()}
        for topic in self._topics | read:
            view = self._client.metadata.view.topics.get(topic)
            if view is None:
                continue
            error = error_code(view.error_code)
            if view.error_code in _HOPELESS:
                self._readers.error = ConsumeError(f"topic {topic!r}: {error.name}")
            if topic in self._topics:
                self._meet_partitions(topic, len(view.leaders))

    def _meet_partitions(self, topic: str, count: int) -> None:
        indexes = range(count) if self._only is None else self._only
        for index in indexes:
            partition = TopicPartition(topic, index)
            if index < count and self._readers.get(partition) is None:
                self._readers.begin(partition, begin_at=self._begin_at, wants_end=self._reading.stops_at_end)
            elif count and index >= count:
                self._readers.error = NoSuchPartitionError(
                    f"partition {index}: topic {topic!r} has {count} partitions, 0 to {count - 1}"
                )
                return

    def _due_by_node(self, now_us: int) -> dict[int, list[PartitionReader]]:
        by_node: dict[int, list[PartitionReader]] = {}
        for reader in self._readers.wishing():
            if reader.not_before_us > now_us:
                continue
            leader_id = self._client.metadata.view.leader(reader.partition).node_id
            if leader_id < 0:
                self._client.metadata.want()
            else:
                by_node.setdefault(leader_id, []).append(reader)
        return by_node

    def _inquiry(self, node_id: int, readers: list[PartitionReader]) -> tuple[Inquiry, list[PartitionReader]]:
        """What to ask a leader next, and for which of the readers that have a wish of it."""
        seeking = [reader for reader in readers if reader.state is ReadState.SEEKING]
        if seeking:
            return self._offsets, seeking
        leader_of = self._client.metadata.view.leader
        doubtful = [reader for reader in readers if reader.doubts(leader_of(reader.partition))]
        if doubtful and self._client.links.speaks(node_id, self._epochs.api):
            return self._epochs, doubtful
        return self._fetching, readers

    def _ask(self, node_id: int, inquiry: Inquiry, readers: list[PartitionReader], now_us: int) -> None:
        encode = inquiry.encoder(node_id, readers)
        for reader in readers:
            self._readers.feed(reader, inquiry.begins)
        try:
            self._client.links.send(
                node_id, inquiry.api, encode, asker=_Question(self, inquiry, readers), now_us=now_us
            )
        except UnsupportedVersionError as error:
            self._readers.error = ConsumeError(f"broker {node_id}: {error}")
            self._readers.retry(readers, now_us)
        else:
            self._busy_nodes[node_id] = None

    def answered(self, inquiry: Inquiry, readers: list[PartitionReader], answer: Answer, now_us: int) -> None:
        """Take an answer. A broker that talks nonsense loses the connection; what was sensible before it counts."""
        self._busy_nodes.pop(answer.node_id, None)
        current = self._readers.current(readers)
        try:
            throttle_time_ms = inquiry.take(answer, current, now_us)
        except PeerError as error:
            inquiry.lost(answer.node_id)
            self._client.links.break_link(answer.node_id, answer.request.connection, str(error), now_us)
            self._readers.retry([reader for reader in current if reader.is_asked], now_us)
        else:
            self._client.links.throttle(answer, throttle_time_ms, now_us)

    def lost(self, inquiry: Inquiry, readers: list[PartitionReader], loss: Loss, now_us: int) -> None:
        """Ask again."""
        self._busy_nodes.pop(loss.node_id, None)
        inquiry.lost(loss.node_id)
        self._readers.retry(self._readers.current(readers), now_us)


class _Question(NamedTuple):
    """A request on its way, and the readers that wait for it."""

    consumer: Consumer
    inquiry: Inquiry
    readers: list[PartitionReader]

    def answered(self, answer: Answer, now_us: int) -> None:
        """The broker answered."""
        self.consumer.answered(self.inquiry, self.readers, answer, now_us)

    def lost(self, loss: Loss, now_us: int) -> None:
        """No answer will come."""
        self.consumer.lost(self.inquiry, self.readers, loss, now_us)
