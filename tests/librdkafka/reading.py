"""What librdkafka's own consumer finds in a topic."""

import time
from typing import NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

READ_S_MAX = 60.0


class Found(NamedTuple):
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: object
    timestamp_ms: int


def read_back(bootstrap: str, topic: str, count: int) -> list[Found]:
    """Read `count` records from the beginning, in order within each partition; fewer if no more come."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "unused", "log_level": 0})
    try:
        partitions = consumer.list_topics(topic, timeout=READ_S_MAX).topics[topic].partitions
        consumer.assign([TopicPartition(topic, index, OFFSET_BEGINNING) for index in partitions])
        found: list[Found] = []
        until_s = time.monotonic() + READ_S_MAX
        while len(found) < count and time.monotonic() < until_s:
            for message in consumer.consume(count, timeout=0.5):
                assert message.error() is None, message.error()
                partition, offset = message.partition(), message.offset()
                assert partition is not None
                assert offset is not None
                found.append(
                    Found(partition, offset, message.key(), message.value(), message.headers(), message.timestamp()[1])
                )
        return found
    finally:
        consumer.close()
