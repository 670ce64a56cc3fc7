"""Partitions added under a live producer: nothing is lost, and keys go where murmur2 of the new count says once it knows."""

from kafka.partitioner.default import murmur2

from tests.interop.apache_kafka import ApacheKafka
from tests.interop.side_by_side import KEYS, Stage

BEFORE, AFTER = 2, 5
EARLY = 100
CURIOUS = {"metadata.max.age.ms": 300}


def partition_of(record: int, count: int) -> int:
    """Where the key of a record sent by `load` belongs among so many partitions; the hash is kafka-python's."""
    return int((murmur2(f"key-{record % KEYS}".encode()) & 0x7FFFFFFF) % count)


def test_keys_move_to_the_new_partitions_and_nothing_is_lost(kafka: ApacheKafka, stage: Stage) -> None:
    both = stage.start(CURIOUS, partitions=BEFORE)

    with both.load():
        both.wait_acknowledged(EARLY)
        for topic in both.topics:
            kafka.admin.add_partitions(topic, total=AFTER)
        both.wait_partitions(AFTER)
        late = both.sent
        both.wait_acknowledged(200)

    both.judge()
    # The two hear of the new partitions a moment apart. What each sent meanwhile lies by either count, and so offsets differ.
    for side in both.sides:
        found = [told.partition for [told] in (side.producer.told[number] for number in range(both.sent))]
        old = [partition_of(number, BEFORE) for number in range(both.sent)]
        new = [partition_of(number, AFTER) for number in range(both.sent)]
        assert found[:EARLY] == old[:EARLY]
        assert found[late:] == new[late:]
        assert all(partition in places for partition, *places in zip(found, old, new, strict=True))


def test_a_record_for_a_partition_that_comes_later_waits_for_it(kafka: ApacheKafka, stage: Stage) -> None:
    both = stage.start(CURIOUS, partitions=BEFORE)
    both.send(partition=0)
    both.wait_told()

    early = both.send(partition=AFTER - 1)
    for topic in both.topics:
        kafka.admin.add_partitions(topic, total=AFTER)
    both.wait_told()

    both.judge()
    both.assert_alike()
    assert [told.partition for told in both.ours.producer.told[early]] == [AFTER - 1]
