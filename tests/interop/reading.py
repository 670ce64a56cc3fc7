"""Every record of a topic, read back by librdkafka: a reader that is neither ours nor the broker's."""

from dataclasses import dataclass

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

READ_S_MAX = 30


@dataclass(frozen=True, slots=True)
class Read:
    """One record as it lies in the log."""

    partition: int
    offset: int
    key: str | None
    value: str


def read_topic(bootstrap: str, topic: str) -> list[Read]:
    """All records from the beginning to the end of each partition, in the order of the offsets."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "acklab-interop",
            "enable.auto.commit": False,
            "enable.partition.eof": False,
            "log_level": 0,
        }
    )
    try:
        partitions = sorted(consumer.list_topics(topic, timeout=READ_S_MAX).topics[topic].partitions)
        return [record for partition in partitions for record in _read_partition(consumer, topic, partition)]
    finally:
        consumer.close()


def _read_partition(consumer: Consumer, topic: str, partition: int) -> list[Read]:
    at = TopicPartition(topic, partition, OFFSET_BEGINNING)
    begin, end = consumer.get_watermark_offsets(at, timeout=READ_S_MAX)
    if begin == end:
        return []
    consumer.assign([at])
    records: list[Read] = []
    while consumer_position(consumer, at) < end:
        message = consumer.poll(READ_S_MAX)
        assert message is not None, f"{topic}-{partition} ends at {end}, and nothing came for {READ_S_MAX} s"
        assert message.error() is None, str(message.error())
        key, value, offset = message.key(), message.value(), message.offset()
        assert value is not None
        assert offset is not None
        records.append(Read(partition, offset, None if key is None else key.decode(), value.decode()))
    return records


def consumer_position(consumer: Consumer, at: TopicPartition) -> int:
    """The next offset to be read; negative while nothing was read."""
    return int(consumer.position([at])[0].offset)
