"""Round robin gives each partition its turn, and no turn is lost to a new batch or to a wait (KAFKA-9965)."""

from collections import Counter
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from producer.partitioners.round_robin import RoundRobinPartitioner
from producer.records import Record
from tests.unit.producer.scripted_cluster import ScriptedCluster


class Known(NamedTuple):
    """Partitions as a test has them."""

    count: int  # type: ignore[assignment]  # a tuple has a method of that name
    available: tuple[int, ...]


@given(st.integers(1, 20), st.integers(0, 200), st.data())
def test_available_partitions_differ_by_one_record_at_most(count: int, records: int, data: st.DataObject) -> None:
    available = tuple(data.draw(st.sets(st.integers(0, count - 1)).map(sorted)))
    partitioner = RoundRobinPartitioner()

    chosen = Counter(
        partitioner.partition(Record("orders", b"", b"k"), Known(count, available)) for _ in range(records)
    )

    taking_turns = available or range(count)
    assert set(chosen) <= set(taking_turns)
    assert chosen.total() == records
    assert max(chosen[one] for one in taking_turns) - min(chosen[one] for one in taking_turns) <= 1


def test_topics_take_turns_each_for_itself() -> None:
    partitioner, known = RoundRobinPartitioner(), Known(2, (0, 1))

    chosen = [(topic, partitioner.partition(Record(topic, b""), known)) for topic in "ababab"]

    assert chosen == [("a", 0), ("b", 0), ("a", 1), ("b", 1), ("a", 0), ("b", 0)]


def test_a_record_that_opens_a_batch_takes_one_turn() -> None:
    cluster = ScriptedCluster(partitions=3, partitioner_class="round_robin", batch_size=1)

    for number in range(9):
        cluster.send(b"%d" % number, key=b"always the same")

    assert cluster.placed() == {0: [b"0", b"3", b"6"], 1: [b"1", b"4", b"7"], 2: [b"2", b"5", b"8"]}


def test_a_record_that_waits_for_room_takes_one_turn() -> None:
    cluster = ScriptedCluster(partitions=3, partitioner_class="round_robin", batch_size=100, buffer_memory=100)
    cluster.send(b"0")

    for number in range(1, 9):
        record = Record("orders", b"%d" % number)
        wait = cluster.engine.send(record, number, now_us=cluster.now_us)
        for _ in range(4):
            assert wait is not None
            wait = cluster.engine.send(record, number, now_us=cluster.now_us, wait=wait)
        cluster.settle()
        cluster.answer()
        assert cluster.engine.send(record, number, now_us=cluster.now_us, wait=wait) is None

    assert cluster.placed() == {0: [b"0", b"3", b"6"], 1: [b"1", b"4", b"7"], 2: [b"2", b"5", b"8"]}
