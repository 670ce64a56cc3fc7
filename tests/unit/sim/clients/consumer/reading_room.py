"""A consumer before scripted brokers: the test says what they answer, and looks at what was read."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.messages import fetch, list_offsets
from producer.wire.record_batch import encode_batch
from sim.clients.consumer import Consumer, ReadSettings
from tests.unit.producer.scripted_brokers import ScriptedBrokers, Waiting

ORDERS = TopicPartition("orders", 0)
OTHER_ORDERS = TopicPartition("orders", 1)
BILLS = TopicPartition("bills", 0)


def batch(first_offset: int, *values: bytes, leader_epoch: int = 5, **stamps: Any) -> bytes:
    """One batch as a leader keeps it."""
    records = [(None, value, (), 1_000) for value in values]
    return encode_batch(records, base_offset=first_offset, partition_leader_epoch=leader_epoch, **stamps)


def marker(offset: int, producer_id: int, *, commits: bool, leader_epoch: int = 5) -> bytes:
    """The end of a transaction, as a leader keeps it: a control batch of one record."""
    key, value = b"\x00\x00" + (b"\x00\x01" if commits else b"\x00\x00"), bytes(6)
    return encode_batch(
        [(key, value, (), 1_000)],
        producer_id=producer_id,
        producer_epoch=0,
        base_offset=offset,
        partition_leader_epoch=leader_epoch,
        is_transactional=True,
        is_control=True,
    )


class ReadingRoom:
    """Two topics, three partitions, two brokers."""

    def __init__(
        self, *, begin_at: Mapping[TopicPartition, int] | None = None, topics: Sequence[str] = (), **reading: Any
    ) -> None:
        self.brokers = ScriptedBrokers(brokers=2, topics={"orders": [(1, 5), (2, 5)], "bills": [(1, 5)]})
        self.consumer = Consumer(
            bootstrap=[("b1", 9092)],
            chance=random.Random(3),
            now_us=0,
            topics=topics,
            reading=ReadSettings(**reading),
        )
        self.consumer.assign(begin_at or {}, 0)
        self.brokers.drive(self.consumer)

    @property
    def read(self) -> list[tuple[str, int, int, bytes | None]]:
        """What was read since the last look."""
        return [(one.topic, one.partition, one.offset, one.value) for one in self.consumer.take_records()]

    def fetches(self, broker: int | None = None) -> list[fetch.FetchRequest]:
        """The Fetches that wait for their answers."""
        return [
            decode(fetch.FetchRequest, one.body, one.version)
            for one in self.brokers.waiting
            if one.api is ApiKey.FETCH and broker in (None, one.broker)
        ]

    def offsets_of(self, request: fetch.FetchRequest) -> dict[TopicPartition, int]:
        """Which offsets a Fetch asks for."""
        names = {topic_id: name for name, topic_id in self.brokers.topic_ids.items()}
        return {
            TopicPartition(names[topic.topic_id], one.partition): one.fetch_offset
            for topic in request.topics
            for one in topic.partitions
        }

    def waiting(self, api: ApiKey, broker: int = 1) -> Waiting:
        return next(one for one in self.brokers.waiting if one.api is api and one.broker == broker)

    def give(
        self,
        told: Mapping[TopicPartition, fetch.FetchPartitionResponse | bytes | Code],
        *,
        broker: int = 1,
        session_id: int = 0,
        error_code: int = 0,
        **more: Any,
    ) -> None:
        """Answer the Fetch that waits at a broker."""
        request = self.waiting(ApiKey.FETCH, broker)
        topics: dict[str, list[fetch.FetchPartitionResponse]] = {}
        for (topic, index), what in told.items():
            if isinstance(what, bytes):
                one = fetch.FetchPartitionResponse(index, 0, 100, 100, 0, records=what)
            elif isinstance(what, Code):
                one = fetch.FetchPartitionResponse(index, what, -1)
            else:
                one = what._replace(partition_index=index)
            topics.setdefault(topic, []).append(one)
        response = fetch.FetchResponse(
            error_code=error_code,
            session_id=session_id,
            responses=tuple(
                fetch.FetchTopicResponse(name, self.brokers.topic_ids[name], tuple(ones))
                for name, ones in topics.items()
            ),
            **more,
        )
        self.brokers.answer(request, encode(response, request.version))

    def give_offsets(self, offsets: Mapping[TopicPartition, int], *, broker: int = 1, error_code: int = 0) -> None:
        """Answer the ListOffsets that waits at a broker."""
        request = self.waiting(ApiKey.LIST_OFFSETS, broker)
        response = list_offsets.ListOffsetsResponse(
            topics=tuple(
                list_offsets.ListOffsetsTopicResponse(
                    topic, (list_offsets.ListOffsetsPartitionResponse(index, error_code, -1, offset),)
                )
                for (topic, index), offset in offsets.items()
            )
        )
        self.brokers.answer(request, encode(response, request.version))

    def asked_offsets(self, broker: int = 1) -> list_offsets.ListOffsetsRequest:
        request = self.waiting(ApiKey.LIST_OFFSETS, broker)
        return decode(list_offsets.ListOffsetsRequest, request.body, request.version)
