"""Fetch: what follows each position, of the leaders, with one session a broker (AbstractFetch, FetchCollector)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.last_seen import NO_EPOCH
from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.messages import fetch
from sim.clients.consumer.batches import take_batches
from sim.clients.consumer.reader import OUT_OF_RANGE, ReadInput
from sim.clients.consumer.readers import ConsumeError
from sim.clients.consumer.sessions import FetchSession, Wanted
from sim.clients.consumer.settings import Isolation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from producer.client.client import Client
    from producer.client.requests import Answer
    from producer.wire.messages.leaders import NodeEndpoint
    from sim.clients.consumer.reader import PartitionReader
    from sim.clients.consumer.readers import Readers
    from sim.clients.consumer.settings import ReadSettings

_SESSION_ERRORS = (
    Code.FETCH_SESSION_ID_NOT_FOUND,
    Code.INVALID_FETCH_SESSION_EPOCH,
    Code.FETCH_SESSION_TOPIC_ID_ERROR,
)


class FetchInquiry:
    """Asks for what follows each position."""

    __slots__ = ("_client", "_readers", "_sessions", "_settings")

    api = ApiKey.FETCH
    begins = ReadInput.FETCH

    def __init__(self, client: Client, readers: Readers, settings: ReadSettings) -> None:
        self._client = client
        self._readers = readers
        self._settings = settings
        self._sessions: dict[int, FetchSession] = {}
        """By broker."""

    def encoder(self, node_id: int, readers: list[PartitionReader]) -> Callable[[int], bytes]:
        """Give what makes the body of the request. Then call `take` or `lost`."""
        view, settings = self._client.metadata.view, self._settings
        wanted = {
            reader.partition: Wanted(
                view.topics[reader.partition.topic].topic_id,
                fetch.FetchPartition(
                    reader.partition.partition,
                    current_leader_epoch=view.leader(reader.partition).epoch,
                    fetch_offset=reader.position,
                    partition_max_bytes=settings.partition_bytes_max,
                ),
            )
            for reader in readers
        }
        change = self._session(node_id).change_to(wanted)
        topics: dict[tuple[str, bytes], list[fetch.FetchPartition]] = {}
        for partition, one in change.wanted.items():
            topics.setdefault((partition.topic, one.topic_id), []).append(one.fetch)
        forgotten: dict[tuple[str, bytes], list[int]] = {}
        for partition, topic_id in change.forgotten.items():
            forgotten.setdefault((partition.topic, topic_id), []).append(partition.partition)
        asked = fetch.FetchRequest(
            max_wait_ms=settings.wait_max_ms,
            min_bytes=1,
            max_bytes=settings.bytes_max,
            isolation_level=settings.isolation,
            session_id=change.session_id,
            session_epoch=change.epoch,
            topics=tuple(fetch.FetchTopic(*topic, tuple(asked)) for topic, asked in topics.items()),
            forgotten_topics_data=tuple(
                fetch.ForgottenTopic(*topic, tuple(indexes)) for topic, indexes in forgotten.items()
            ),
        )
        return lambda version: encode(asked, version)

    def take(self, answer: Answer, readers: list[PartitionReader], now_us: int) -> int:
        """Take what a leader gave."""
        response = decode(fetch.FetchResponse, answer.body, answer.request.version)
        session = self._session(answer.node_id)
        if response.error_code:
            self._refused(session, response.error_code, readers, now_us)
        else:
            self._take_partitions(session, response, readers, now_us)
        return response.throttle_time_ms

    def lost(self, node_id: int) -> None:
        """No answer will come, or none that can be read."""
        self._session(node_id).broke_off()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _take_partitions(
        self, session: FetchSession, response: fetch.FetchResponse, asked: list[PartitionReader], now_us: int
    ) -> None:
        view = self._client.metadata.view
        told = {
            TopicPartition(topic.topic or view.topic_name(topic.topic_id) or "", one.partition_index): one
            for topic in response.responses
            for one in topic.partitions
        }
        if not session.answered(response.session_id, told):
            self._readers.retry(asked, now_us, Code.INVALID_FETCH_SESSION_EPOCH)
            return
        endpoints = {endpoint.node_id: endpoint for endpoint in response.node_endpoints}
        for reader in asked:
            one = told.get(reader.partition)
            if one is None:
                # Nothing new in a session, or the response was full before its turn came.
                self._readers.feed(reader, ReadInput.FETCHED)
            elif one.error_code:
                self._take_error(reader, one, endpoints, now_us)
            else:
                self._take_records(reader, one)

    def _session(self, node_id: int) -> FetchSession:
        session = self._sessions.get(node_id)
        if session is None:
            session = self._sessions[node_id] = FetchSession(is_wanted=self._settings.uses_sessions)
        return session

    def _refused(self, session: FetchSession, code: int, asked: list[PartitionReader], now_us: int) -> None:
        was_under_way = session.is_under_way
        session.refused(code)
        if code == Code.FETCH_SESSION_TOPIC_ID_ERROR:
            self._client.metadata.want()
        if was_under_way and code in _SESSION_ERRORS:
            # The broker forgot, or we lost step: all is said again at once.
            for reader in asked:
                self._readers.feed(reader, ReadInput.RETRY)
        else:
            self._readers.retry(asked, now_us, code)

    def _take_error(
        self,
        reader: PartitionReader,
        told: fetch.FetchPartitionResponse,
        endpoints: Mapping[int, NodeEndpoint],
        now_us: int,
    ) -> None:
        if told.error_code == Code.OFFSET_OUT_OF_RANGE:
            self._reset(reader)
            return
        if told.error_code == Code.CORRUPT_MESSAGE:
            # The leader cannot read its own log, which no patience mends.
            self._readers.error = ConsumeError(f"{reader.partition}: CORRUPT_MESSAGE at offset {reader.position}")
        is_news = self._client.metadata.learn_leader(reader.partition, told.current_leader, endpoints, now_us)
        if is_news:
            # Somebody else leads, and it is known who: nothing is waited for (KIP-951).
            self._client.metadata.want()
            self._readers.feed(reader, ReadInput.RETRY)
        else:
            self._readers.retry([reader], now_us, told.error_code)

    def _reset(self, reader: PartitionReader) -> None:
        """The log does not have the offset: records were deleted, or the log was cut."""
        if self._settings.reset_to is None:
            self._readers.error = ConsumeError(f"{reader.partition}: offset {reader.position} is out of range")
            self._readers.feed(reader, ReadInput.RETRY)
            return
        reader.seek_again(self._settings.reset_to, OUT_OF_RANGE)
        self._readers.feed(reader, ReadInput.SEEK_AGAIN)

    def _take_records(self, reader: PartitionReader, told: fetch.FetchPartitionResponse) -> None:
        taken = take_batches(
            reader.partition,
            told,
            position=reader.position,
            end_offset=reader.end_offset,
            committed_only=self._settings.isolation is Isolation.READ_COMMITTED,
        )
        # Only after the whole answer proved readable: a malformed batch leaves the position where it was.
        self._readers.records += taken.records
        if taken.epoch != NO_EPOCH:
            reader.position, reader.position_epoch = taken.position, taken.epoch
        reader.failures = 0
        if taken.corrupt:
            # Nobody gets past it without a seek, whatever lies behind it, and whoever leads next (CompletedFetch.fetchRecords).
            self._readers.error = ConsumeError(f"{reader.partition}: {taken.corrupt}")
            self._readers.feed(reader, ReadInput.STOP)
        else:
            self._readers.feed(reader, ReadInput.FETCHED)
