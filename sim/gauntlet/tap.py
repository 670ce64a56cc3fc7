"""Which records each Produce request of a foreign client brings: read from its bytes, as our own engine would say it.

The judges follow a record from its send to its batch, from there to a request, and so into the logs. An engine of ours says
both by itself; of a foreign one all that is known are its bytes. A record is known by its header.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from producer.errors import PeerError
from producer.events import BatchSent, RecordAccepted
from producer.records import NO_SEQUENCE, TopicPartition
from producer.wire.api import ApiKey, decode_request_header
from producer.wire.codec import decode
from producer.wire.messages.produce import ProduceRequest, ProduceTopic
from producer.wire.record_batch import decode_records, split_batches
from sim.gauntlet.producer import NUMBER

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster

_LENGTH = struct.Struct(">i")


class Tap:
    """Reads along with one client, on all of its connections."""

    def __init__(self, cluster: Cluster, client: str) -> None:
        self._cluster = cluster
        self._client = client
        self._brokers: dict[int, int] = {}
        self._begun: dict[int, bytearray] = {}
        """Connection -> what has come of a request that is not whole."""
        self._batches: dict[tuple[TopicPartition, tuple[int, ...]], int] = {}
        """Partition and records -> the number of that batch: one that comes again is the same."""
        self._attempts: dict[int, int] = {}

    def connected(self, connection: int, broker: int) -> None:
        """A connection to that broker was made."""
        self._brokers[connection] = broker
        self._begun[connection] = bytearray()

    def ended(self, connection: int) -> None:
        """It is over; what is not whole never will be."""
        self._brokers.pop(connection, None)
        self._begun.pop(connection, None)

    def received(self, connection: int, data: bytes) -> None:
        """Look at what the client sent, before a broker does."""
        begun = self._begun.get(connection)
        if begun is None:
            return
        begun += data
        while len(begun) >= _LENGTH.size:
            (size,) = _LENGTH.unpack_from(begun)
            end = _LENGTH.size + size
            if size < 0 or len(begun) < end:
                return
            self._request(connection, bytes(begun[_LENGTH.size : end]))
            del begun[:end]

    def _request(self, connection: int, payload: bytes) -> None:
        try:
            header, position = decode_request_header(payload)
            if header.api_key != ApiKey.PRODUCE:
                return
            request = decode(ProduceRequest, payload[position:], header.api_version)
        except PeerError:
            return  # the broker has its own word on it
        for topic in request.topic_data:
            for part in topic.partition_data:
                where = TopicPartition(self._name(topic), part.index)
                if part.records is not None:
                    self._records(connection, header.correlation_id, where, bytes(part.records))

    def _records(self, connection: int, correlation_id: int, where: TopicPartition, data: bytes) -> None:
        now_us, emit = self._cluster.world.now_us, self._cluster.trace.emit
        try:
            found = [(header, batch, decode_records(batch)) for header, batch in split_batches(data)]
        except PeerError:
            return
        for header, batch, records in found:
            numbers = tuple(_number(record.headers) for record in records)
            key = (where, numbers)
            number = self._batches.get(key)
            if number is None:
                number = self._batches[key] = len(self._batches) + 1
                for record in numbers:
                    emit(RecordAccepted(now_us, self._client, record, number, *where))
            attempt = self._attempts[number] = self._attempts.get(number, 0) + 1
            emit(
                BatchSent(
                    now_us,
                    self._client,
                    number,
                    *where,
                    self._brokers[connection],
                    connection,
                    correlation_id,
                    attempt,
                    header.producer_id,
                    header.producer_epoch,
                    # Some fill in a sequence without an id, which then counts nothing.
                    header.base_sequence if header.producer_id >= 0 else NO_SEQUENCE,
                    len(records),
                    len(batch),
                    header.crc,
                )
            )

    def _name(self, topic: ProduceTopic) -> str:
        if topic.name:
            return topic.name
        topics = self._cluster.controller.metadata.topics.values()
        return next((one.name for one in topics if one.topic_id == topic.topic_id), "")


def _number(headers: tuple[tuple[str, bytes | None], ...]) -> int:
    return next((int(value) for name, value in headers if name == NUMBER and value is not None), -1)
