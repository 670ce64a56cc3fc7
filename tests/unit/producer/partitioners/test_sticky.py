"""Records without a key: one partition a batch, uniform by bytes, and fewer for a slow one (KIP-794)."""

import random
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from producer.errors import UsageError
from producer.partitioners.sticky import StickyPartitioner
from producer.records import TopicPartition
from tests.unit.producer.scripted_cluster import ScriptedCluster


def all_of(count: int) -> tuple[int, Callable[[], Sequence[int]]]:
    return count, lambda: range(count)


def given_bytes(partitioner: StickyPartitioner, size_bytes: int, records: int, partitions: int) -> list[int]:
    chosen = []
    for _ in range(records):
        chosen.append(partitioner.partition_for("orders", *all_of(partitions)))
        partitioner.sent("orders", size_bytes)
    return chosen


def drawn(partitioner: StickyPartitioner, times: int, partitions: int = 3) -> Counter[int]:
    return Counter(given_bytes(partitioner, partitioner.batch_bytes, times, partitions))


def test_one_partition_until_a_batch_is_full() -> None:
    chosen = given_bytes(StickyPartitioner(random.Random(1), batch_bytes=1_000), 100, 100, 50)

    runs = [set(chosen[start : start + 10]) for start in range(0, 100, 10)]
    assert all(len(run) == 1 for run in runs)
    assert len(set.union(*runs)) > 1


def test_a_half_filled_batch_keeps_its_partition_up_to_twice_the_size() -> None:
    partitioner = StickyPartitioner(random.Random(1), batch_bytes=1_000)
    first = partitioner.partition_for("orders", *all_of(1_000))

    partitioner.sent("orders", 1_500, is_batch_full=False)
    assert partitioner.partition_for("orders", *all_of(1_000)) == first
    partitioner.sent("orders", 500, is_batch_full=False)

    assert partitioner.partition_for("orders", *all_of(1_000)) != first


def test_equal_chance_gives_equal_partitions() -> None:
    first = given_bytes(StickyPartitioner(random.Random(7), 1_000), 300, 50, 3)

    assert first == given_bytes(StickyPartitioner(random.Random(7), 1_000), 300, 50, 3)


def test_a_partition_that_is_gone_is_left() -> None:
    partitioner = StickyPartitioner(random.Random(3), 1_000)
    while partitioner.partition_for("orders", *all_of(5)) < 2:
        partitioner.sent("orders", 1_000)

    assert partitioner.partition_for("orders", *all_of(2)) in {0, 1}


def test_topics_stick_each_for_itself() -> None:
    partitioner = StickyPartitioner(random.Random(1), 1_000)
    orders = partitioner.partition_for("orders", *all_of(100))

    for other in range(100):
        partitioner.partition_for(f"other-{other}", *all_of(100))
        partitioner.sent(f"other-{other}", 5_000)

    assert partitioner.partition_for("orders", *all_of(100)) == orders


def test_no_partition_at_all_is_the_callers_error_and_names_the_topic() -> None:
    with pytest.raises(UsageError, match="orders"):
        StickyPartitioner(random.Random(1)).partition_for("orders", 0, list)


def test_without_load_the_draw_is_uniform() -> None:
    counts = drawn(StickyPartitioner(random.Random(1)), 6_000)

    assert all(abs(count - 2_000) < 150 for count in counts.values())


def test_a_long_queue_is_drawn_less_often_in_proportion() -> None:
    partitioner = StickyPartitioner(random.Random(1))
    # The example of BuiltInPartitioner: queues 0, 3, 1 give weights 4, 1, 3.
    partitioner.weigh("orders", [0, 1, 2], {0: 0, 1: 3, 2: 1}, partition_count=3)

    counts = drawn(partitioner, 8_000)

    assert abs(counts[0] - 4_000) < 200
    assert abs(counts[1] - 1_000) < 200
    assert abs(counts[2] - 3_000) < 200


def test_a_partition_that_answers_too_late_is_not_drawn() -> None:
    partitioner = StickyPartitioner(random.Random(1))

    partitioner.weigh("orders", [0, 2], {0: 1, 2: 1}, partition_count=3)

    assert set(drawn(partitioner, 200)) == {0, 2}


def test_equal_queues_are_forgotten_and_the_draw_is_uniform_again() -> None:
    partitioner = StickyPartitioner(random.Random(1))
    partitioner.weigh("orders", [0, 1, 2], {0: 0, 1: 9, 2: 9}, partition_count=3)

    partitioner.weigh("orders", [0, 1, 2], {0: 2, 1: 2, 2: 2}, partition_count=3)

    assert all(abs(count - 1_000) < 120 for count in drawn(partitioner, 3_000).values())


def test_the_engine_gives_fewer_records_to_a_partition_whose_broker_is_stuck() -> None:
    """Partition 0's broker answers nothing, so its queue grows; the others take what it cannot."""
    cluster = ScriptedCluster(brokers=3, partitions=3, linger_ms=0, batch_size=200, enable_idempotence=False)

    for number in range(600):
        cluster.send(b"%0150d" % number)
        for request in [one for one in cluster.waiting if one.broker != 1]:
            cluster.answer(request)

    batches = Counter(partition.partition for request in cluster.seen for partition in request.batches)
    queued = len(cluster.engine._accumulator.queue(TopicPartition("orders", 0)).batches)
    assert batches[0] + queued < 100
    assert batches[1] > 150
    assert batches[2] > 150


def test_a_broker_that_takes_nothing_for_too_long_is_left_out_until_it_does() -> None:
    cluster = ScriptedCluster(
        brokers=3,
        partitions=3,
        linger_ms=0,
        batch_size=200,
        enable_idempotence=False,
        partitioner_availability_timeout_ms=5,
    )

    def partitions_of(records: int) -> set[int]:
        """Send records without a key, which all brokers but the first answer; give where they went."""
        before = Counter({partition.partition: len(queue.batches) for partition, queue in queues.items()})
        seen = len(cluster.seen)
        for number in range(records):
            cluster.send(b"%0150d" % number)
            for request in [one for one in cluster.waiting if one.broker != 1]:
                cluster.answer(request)
        after = Counter({partition.partition: len(queue.batches) for partition, queue in queues.items()})
        sent = {partition.partition for request in cluster.seen[seen:] for partition in request.batches}
        return sent | set(after - before)

    queues = cluster.engine._accumulator.queues
    for partition in (1, 2, 0, 0, 0, 0, 0, 0):
        cluster.send(b"%0150d" % 0, partition=partition)
    for request in [one for one in cluster.waiting if one.broker != 1]:
        cluster.answer(request)
    # Five requests are in flight to the first broker, and a batch waits: it is late from now on.
    assert partitions_of(20) == {0, 1, 2}
    cluster.advance(6_000)

    assert partitions_of(300) == {1, 2}
    while cluster.waiting:
        cluster.answer()
    assert partitions_of(50) == {0, 1, 2}


def test_the_engine_looks_at_queues_only_once_every_partition_has_had_one() -> None:
    """Or a partition that never had a queue would never be drawn."""
    cluster = ScriptedCluster(partitions=10, linger_ms=0, batch_size=200, enable_idempotence=False)

    for number in range(300):
        cluster.send(b"%0150d" % number)

    assert {partition.partition for partition in cluster.engine._accumulator.queues} == set(range(10))


def test_without_a_key_a_partition_that_nobody_leads_is_left_out_unless_nobody_leads_any() -> None:
    cluster = ScriptedCluster(partitions=3, linger_ms=0, batch_size=200, enable_idempotence=False)
    cluster.leaders |= {0: (-1, 6), 2: (-1, 6)}
    for number in range(20):
        cluster.send(b"%0150d" % number)
    assert {partition.partition for partition in cluster.engine._accumulator.queues} == {1}

    orphaned = ScriptedCluster(partitions=3, linger_ms=0, batch_size=200, enable_idempotence=False)
    orphaned.leaders = dict.fromkeys(range(3), (-1, 6))
    for number in range(20):
        orphaned.send(b"%0150d" % number)
    assert len(orphaned.engine._accumulator.queues) == 3
