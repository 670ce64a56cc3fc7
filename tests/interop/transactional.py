"""What transactions need of Apache Kafka beside a cluster: readers that see only what was committed, and a group's offsets."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka.admin import AdminClient

READ_S_MAX = 60
POLL_S = 0.5


def read(bootstrap: str, topic: str, isolation: str = "read_committed") -> list[str]:
    """The values of a topic up to each partition's end, partition by partition; up to the last stable offset by default."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "acklab-transactions",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "isolation.level": isolation,
            "log_level": 0,
        }
    )
    try:
        partitions = sorted(consumer.list_topics(topic, timeout=READ_S_MAX).topics[topic].partitions)
        consumer.assign([TopicPartition(topic, one, 0) for one in partitions])
        values: dict[int, list[str]] = {one: [] for one in partitions}
        left, until_s = set(partitions), time.monotonic() + READ_S_MAX
        while left:
            assert time.monotonic() < until_s, f"partitions {sorted(left)} of {topic} do not end"
            message = consumer.poll(POLL_S)
            if message is None:
                continue
            error = message.error()
            if error is not None:
                assert error.code() == KafkaError._PARTITION_EOF, str(error)
                left.discard(message.partition())
                continue
            value, partition = message.value(), message.partition()
            assert value is not None
            assert partition is not None
            values[partition].append(value.decode())
    finally:
        consumer.close()
    return [value for partition in partitions for value in values[partition]]


def wait_read(bootstrap: str, topic: str, expected: list[str]) -> None:
    """Wait until that is what was committed: an answer to EndTxn comes before the markers."""
    wait_for(lambda: sorted(read(bootstrap, topic)) == sorted(expected), f"{expected} to be read")


def wait_for(holds: Callable[[], Any], what: str) -> None:
    until_s = time.monotonic() + READ_S_MAX
    while not holds():
        assert time.monotonic() < until_s, f"{READ_S_MAX} s were not enough for {what}"
        time.sleep(POLL_S)


def committed_offset(bootstrap: str, group: str, topic: str, partition: int) -> int:
    """The group's offset there; -1001 if it has none."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False})
    try:
        (one,) = consumer.committed([TopicPartition(topic, partition)], timeout=READ_S_MAX)
        return int(one.offset)
    finally:
        consumer.close()


def member_of(bootstrap: str, group: str, topic: str) -> Consumer:
    """A consumer that is a member of the group by now, and has the topic's partitions."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "session.timeout.ms": 30_000,
        }
    )
    consumer.subscribe([topic])
    until_s = time.monotonic() + READ_S_MAX
    while not consumer.assignment():
        assert time.monotonic() < until_s, "the group gave no partitions"
        consumer.poll(POLL_S)
    return consumer


def coordinator(bootstrap: str) -> int:
    """The broker that leads the only partition of __transaction_state: it coordinates every transactional id."""
    topic = AdminClient({"bootstrap.servers": bootstrap}).list_topics("__transaction_state", timeout=READ_S_MAX)
    return int(topic.topics["__transaction_state"].partitions[0].leader)
