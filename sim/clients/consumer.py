"""A consumer without a group, as a function of time (sans-IO): it reads a topic's partitions from the leaders.

The driver contract is the producer's (`producer.commands.Driven`), so it runs on simulated streams and on sockets.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.client.backoff import NEVER_US, backoff_us
from producer.client.client import Client
from producer.client.settings import ClientSettings
from producer.errors import Code, PeerError, ProducerError, UnsupportedVersionError, error_code
from producer.records import TopicPartition
from producer.transitions import move
from producer.wire import fetch, list_offsets
from producer.wire.api import ApiKey
from producer.wire.record_batch import decode_records, split_batches
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from producer.chance import Chance
    from producer.client.requests import Answer, Loss
    from producer.client.sasl.mechanism import SaslSettings
    from producer.commands import Command
    from producer.records import Headers
    from producer.wire.fetch import FetchPartitionResponse

FETCH_WAIT_MAX_MS = 500
FETCH_BYTES_MAX = 52_428_800
PARTITION_BYTES_MAX = 1_048_576

EARLIEST = -2
LATEST = -1
"""Where to begin, as ListOffsets has it."""


class ConsumedRecord(NamedTuple):
    """One record as it was read."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class ReadState(Enum):
    SEEKING = "seeking"
    """The offset to begin at, or to end at, is not known yet."""
    ASKED = "asked"
    """A request about it is under way."""
    READING = "reading"
    FETCHING = "fetching"
    """A Fetch for it is under way."""
    AT_END = "at end"


class ReadInput(Enum):
    ASK = "ask"
    FOUND = "found"
    FETCH = "fetch"
    FETCHED = "fetched"
    RETRY = "retry"
    SEEK_AGAIN = "seek again"
    FINISH = "finish"


TRANSITIONS: dict[tuple[ReadState, ReadInput], ReadState] = {
    (ReadState.SEEKING, ReadInput.ASK): ReadState.ASKED,
    (ReadState.ASKED, ReadInput.FOUND): ReadState.READING,
    (ReadState.ASKED, ReadInput.RETRY): ReadState.SEEKING,
    (ReadState.READING, ReadInput.FETCH): ReadState.FETCHING,
    (ReadState.READING, ReadInput.FINISH): ReadState.AT_END,
    (ReadState.FETCHING, ReadInput.FETCHED): ReadState.READING,
    (ReadState.FETCHING, ReadInput.RETRY): ReadState.READING,
    (ReadState.FETCHING, ReadInput.SEEK_AGAIN): ReadState.SEEKING,
}


class PartitionReader:
    """How far one partition was read."""

    __slots__ = ("begin_at", "end_offset", "failures", "not_before_us", "partition", "position", "state",
                 "wants_end")  # fmt: skip

    def __init__(self, partition: TopicPartition, *, begin_at: int, wants_end: bool) -> None:
        self.partition = partition
        self.state = ReadState.SEEKING if begin_at < 0 or wants_end else ReadState.READING
        self.begin_at: int | None = begin_at if begin_at < 0 else None
        """`EARLIEST` or `LATEST` as long as a broker must say which offset that is."""
        self.wants_end = wants_end
        """Whether a broker must still say where to stop."""
        self.position = begin_at
        self.end_offset = -1
        """Where to stop; -1 for nowhere."""
        self.failures = 0
        self.not_before_us = 0

    def feed(self, given: ReadInput) -> None:
        """Move on. Raises IllegalTransitionError, changing nothing, if the table has no such move."""
        self.state = move(TRANSITIONS, self.state, given, whose=f"reader of {self.partition}")


class ConsumeError(ProducerError):
    """The topic cannot be read: it does not exist, or the brokers refuse, or are not trusted. The message says which."""


class _Question(NamedTuple):
    """A request on its way, and the readers that wait for it."""

    consumer: Consumer
    readers: list[PartitionReader]

    def answered(self, answer: Answer, now_us: int) -> None:
        """The broker answered."""
        self.consumer.answered(self.readers, answer, now_us)

    def lost(self, loss: Loss, now_us: int) -> None:
        """No answer will come."""
        self.consumer.lost(self.readers, loss, now_us)


class Consumer:
    """Reads every partition of one topic, or some, each from its leader and in order."""

    def __init__(
        self,
        *,
        bootstrap: Sequence[tuple[str, int]],
        topic: str,
        chance: Chance,
        now_us: int,
        client_id: str = "consumer-1",
        begin_at: int = EARLIEST,
        partitions: Sequence[int] | None = None,
        stops_at_end: bool = False,
        isolation_level: int = 0,
        sasl: SaslSettings | None = None,
        observe: Callable[[Any], object] | None = None,
    ) -> None:
        """Begin at `EARLIEST`, `LATEST` or an offset; `stops_at_end` at the high watermark as first heard of."""
        self.topic = topic
        self.deadline_us = now_us
        self.error: ConsumeError | None = None
        """Set when reading can never succeed."""
        self._begin_at = begin_at
        self._only = None if partitions is None else frozenset(partitions)
        self._stops_at_end = stops_at_end
        self._isolation_level = isolation_level
        self._chance = chance
        self._settings = _client_settings(client_id, bootstrap)._replace(sasl=sasl)
        self._client = Client(self._settings, chance=chance, now_us=now_us, observe=observe)
        self._client.metadata.follow(topic, now_us)
        self._readers: dict[int, PartitionReader] = {}
        self._busy_nodes: dict[int, None] = {}
        self._records: list[ConsumedRecord] = []
        self._is_closed = False

    # -- what the application wants ----------------------------------------------------------------------------------

    @property
    def is_at_end(self) -> bool:
        """Whether every partition was read up to where it ended when it was first looked at."""
        return bool(self._readers) and all(reader.state is ReadState.AT_END for reader in self._readers.values())

    @property
    def knows_topic(self) -> bool:
        """Whether the partitions of the topic are known."""
        return bool(self._readers)

    def take_records(self) -> list[ConsumedRecord]:
        """Take what was read, in order within each partition."""
        records, self._records = self._records, []
        return records

    def close(self, now_us: int) -> None:
        """End the connections."""
        self._is_closed = True
        self._client.close(now_us)
        self.deadline_us = NEVER_US

    # -- the driver's contract ---------------------------------------------------------------------------------------

    def connected(self, connection: int, now_us: int) -> None:
        """A connection asked for by `Connect` is up."""
        self._client.connections.connected(connection, now_us)
        self._advance(now_us)

    def disconnected(self, connection: int, reason: str, now_us: int) -> None:
        """A connection could not be had, or ended."""
        self._client.connections.disconnected(connection, reason, now_us)
        self._advance(now_us)

    def refused(self, connection: int, reason: str, now_us: int) -> None:
        """The two sides of a connection do not trust each other (TLS), or no token is to be had; it is closed."""
        self._client.connections.refused(connection, reason, now_us)
        self._advance(now_us)

    def token_given(self, connection: int, token: str, now_us: int) -> None:
        """The OAuth token asked for by `AskToken`."""
        self._client.connections.token_given(connection, token, now_us)
        self._advance(now_us)

    def bytes_received(self, connection: int, data: bytes, now_us: int) -> None:
        """Bytes came in."""
        self._client.connections.bytes_received(connection, data, now_us)
        self._advance(now_us)

    def timer_fired(self, now_us: int) -> None:
        """Time has come."""
        self._client.time_out(now_us)
        self._advance(now_us)

    def take_commands(self) -> list[Command]:
        """Take what the driver has to do, in order."""
        return self._client.connections.take_commands()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _advance(self, now_us: int) -> None:
        if self._is_closed:
            return
        self._client.advance(now_us)
        for refusal in self._client.connections.take_refusals():
            self.error = ConsumeError(str(refusal.error))
        self._client.connections.tell(now_us)
        self._meet_partitions()
        by_node = self._due_by_node(now_us)
        for node_id, readers in by_node.items():
            if node_id in self._busy_nodes or not self._client.links.is_ready(node_id, now_us):
                continue
            seeking = [reader for reader in readers if reader.state is ReadState.SEEKING]
            if seeking:
                self._ask_offsets(node_id, seeking, now_us)
            else:
                self._fetch(node_id, readers, now_us)
        self._client.advance(now_us)
        self.deadline_us = self._next_us(now_us)

    def _next_us(self, now_us: int) -> int:
        due_us = self._client.deadline_us(now_us)
        for reader in self._readers.values():
            if reader.state in (ReadState.SEEKING, ReadState.READING):
                leader_id = self._client.metadata.view.leader(reader.partition).node_id
                wait_us = reader.not_before_us
                due_us = min(
                    due_us, wait_us if wait_us > now_us else self._client.links.reconnect_at_us(leader_id, now_us)
                )
        return due_us

    def _meet_partitions(self) -> None:
        view = self._client.metadata.view.topics.get(self.topic)
        if view is None:
            return
        error = error_code(view.error_code)
        if view.error_code and not error.retriable:
            self.error = ConsumeError(f"topic {self.topic!r}: {error.name}")
        for index in range(len(view.leaders)):
            if index not in self._readers and (self._only is None or index in self._only):
                self._readers[index] = PartitionReader(
                    TopicPartition(self.topic, index), begin_at=self._begin_at, wants_end=self._stops_at_end
                )
        if self._only is not None and view.leaders:
            missing = sorted(index for index in self._only if index >= len(view.leaders))
            if missing:
                self.error = ConsumeError(
                    f"topic {self.topic!r} has {len(view.leaders)} partitions, none is {missing[0]}"
                )

    def _due_by_node(self, now_us: int) -> dict[int, list[PartitionReader]]:
        by_node: dict[int, list[PartitionReader]] = {}
        for reader in self._readers.values():
            if reader.state not in (ReadState.SEEKING, ReadState.READING) or reader.not_before_us > now_us:
                continue
            leader_id = self._client.metadata.view.leader(reader.partition).node_id
            if leader_id < 0:
                self._client.metadata.want()
            else:
                by_node.setdefault(leader_id, []).append(reader)
        return by_node

    def _ask_offsets(self, node_id: int, readers: list[PartitionReader], now_us: int) -> None:
        asked = list_offsets.ListOffsetsRequest(
            isolation_level=self._isolation_level,
            topics=(
                list_offsets.ListOffsetsTopic(
                    self.topic,
                    tuple(
                        list_offsets.ListOffsetsPartition(
                            index=reader.partition.partition,
                            current_leader_epoch=self._client.metadata.view.leader(reader.partition).epoch,
                            timestamp_ms=LATEST if reader.begin_at is None else reader.begin_at,
                        )
                        for reader in readers
                    ),
                ),
            ),
        )
        for reader in readers:
            reader.feed(ReadInput.ASK)
        self._request(
            node_id,
            ApiKey.LIST_OFFSETS,
            lambda version: list_offsets.encode_request(asked, version),
            readers,
            now_us,
        )

    def _fetch(self, node_id: int, readers: list[PartitionReader], now_us: int) -> None:
        topic_id = self._client.metadata.view.topics[self.topic].topic_id
        asked = fetch.FetchRequest(
            max_wait_ms=FETCH_WAIT_MAX_MS,
            max_bytes=FETCH_BYTES_MAX,
            isolation_level=self._isolation_level,
            topics=(
                fetch.FetchTopic(
                    self.topic,
                    topic_id,
                    tuple(
                        fetch.FetchPartition(
                            reader.partition.partition,
                            current_leader_epoch=self._client.metadata.view.leader(reader.partition).epoch,
                            fetch_offset=reader.position,
                            partition_max_bytes=PARTITION_BYTES_MAX,
                        )
                        for reader in readers
                    ),
                ),
            ),
        )
        for reader in readers:
            reader.feed(ReadInput.FETCH)
        self._request(
            node_id, ApiKey.FETCH, lambda version: fetch.encode_request(asked, version), readers, now_us
        )  # fmt: skip

    def _request(
        self,
        node_id: int,
        api: ApiKey,
        encode: Callable[[int], bytes],
        readers: list[PartitionReader],
        now_us: int,
    ) -> None:
        try:
            self._client.links.send(node_id, api, encode, asker=_Question(self, readers), now_us=now_us)
        except UnsupportedVersionError as error:
            self.error = ConsumeError(f"broker {node_id}: {error}")
            self._retry(readers, now_us)
            return
        self._busy_nodes[node_id] = None

    def answered(self, readers: list[PartitionReader], answer: Answer, now_us: int) -> None:
        """Take the answer to a request on behalf of these readers."""
        self._busy_nodes.pop(answer.node_id, None)
        try:
            if answer.request.api is ApiKey.FETCH:
                self._take_fetched(answer, readers, now_us)
            else:
                self._take_offsets(answer, readers, now_us)
        except PeerError as error:
            self._client.links.break_link(answer.node_id, answer.request.connection, str(error), now_us)
            self._retry(readers, now_us)

    def lost(self, readers: list[PartitionReader], loss: Loss, now_us: int) -> None:
        """Take it that a request on behalf of these readers will not be answered."""
        self._busy_nodes.pop(loss.node_id, None)
        self._retry(readers, now_us)

    def _take_offsets(self, answer: Answer, readers: list[PartitionReader], now_us: int) -> None:
        response = list_offsets.decode_response(answer.body, answer.request.version)
        told = {one.index: one for topic in response.topics for one in topic.partitions}
        for reader in readers:
            one = told.get(reader.partition.partition)
            if one is None or one.error_code:
                self._retry([reader], now_us, Code.UNKNOWN_SERVER_ERROR if one is None else one.error_code)
                continue
            if reader.begin_at is not None:
                reader.begin_at = None
                reader.position = one.offset
            else:
                reader.wants_end = False
                reader.end_offset = one.offset
            reader.failures = 0
            if reader.wants_end:
                reader.feed(ReadInput.RETRY)
            else:
                reader.feed(ReadInput.FOUND)
                self._finish_at_end(reader)

    def _take_fetched(self, answer: Answer, readers: list[PartitionReader], now_us: int) -> None:
        response = fetch.decode_response(answer.body, answer.request.version)
        if response.error_code:
            self._retry(readers, now_us, response.error_code)
            return
        self._client.links.throttle(answer, response.throttle_time_ms, now_us)
        told = {one.partition_index: one for topic in response.topics for one in topic.partitions}
        for reader in readers:
            one = told.get(reader.partition.partition)
            if one is None:
                # A broker may leave a partition out when the response is full.
                reader.feed(ReadInput.FETCHED)
            elif one.error_code == Code.OFFSET_OUT_OF_RANGE:
                reader.begin_at = EARLIEST
                reader.feed(ReadInput.SEEK_AGAIN)
            elif one.error_code:
                self._retry([reader], now_us, one.error_code)
            else:
                self._take_partition(reader, one)

    def _take_partition(self, reader: PartitionReader, told: FetchPartitionResponse) -> None:
        position, end_offset = reader.position, reader.end_offset
        for header, batch in split_batches(told.records, allow_partial=True):
            if header.last_offset < position:
                continue
            if not header.is_control:
                for record in decode_records(batch):
                    if record.offset >= position and not 0 <= end_offset <= record.offset:
                        topic, index = reader.partition
                        self._records.append(ConsumedRecord(topic, index, *record))
            position = header.last_offset + 1
        # Only after the whole answer proved readable: a malformed batch leaves the position where it was.
        reader.position = position
        reader.failures = 0
        reader.feed(ReadInput.FETCHED)
        self._finish_at_end(reader)

    def _finish_at_end(self, reader: PartitionReader) -> None:
        if 0 <= reader.end_offset <= reader.position:
            reader.feed(ReadInput.FINISH)

    def _retry(self, readers: list[PartitionReader], now_us: int, code: int = Code.NETWORK_EXCEPTION) -> None:
        error = error_code(code)
        if not error.retriable:
            self.error = ConsumeError(f"{readers[0].partition}: {error.name}")
        self._client.metadata.want()
        for reader in readers:
            reader.failures += 1
            reader.not_before_us = now_us + backoff_us(
                self._settings.retry_backoff_us, self._settings.retry_backoff_max_us, reader.failures, self._chance
            )
            reader.feed(ReadInput.RETRY)


def _client_settings(client_id: str, bootstrap: Sequence[tuple[str, int]]) -> ClientSettings:
    """ConsumerConfig's defaults."""
    return ClientSettings(
        client_id=client_id,
        bootstrap=tuple(bootstrap),
        request_timeout_us=30 * SECOND_US,
        retry_backoff_us=100_000,
        retry_backoff_max_us=SECOND_US,
        reconnect_backoff_us=50_000,
        reconnect_backoff_max_us=SECOND_US,
        setup_timeout_us=10 * SECOND_US,
        setup_timeout_max_us=30 * SECOND_US,
        idle_max_us=540 * SECOND_US,
        metadata_age_max_us=300 * SECOND_US,
        metadata_idle_max_us=1 << 61,
        in_flight_max=5,
    )
