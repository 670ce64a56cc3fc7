"""A partitioner of the application's own is asked once for each record, and what it cannot mean is its own error."""

from collections.abc import Sequence
from typing import Any

import pytest

from producer import Partitioner
from producer.config.config import ProducerConfig
from producer.errors import ConfigError, PartitionerError
from producer.partitioners.partitioner import Partitions
from producer.partitioners.round_robin import RoundRobinPartitioner
from producer.records import Record
from tests.unit.producer.scripted_cluster import ScriptedCluster


class Answering(Partitioner):
    """Gives answers in turn, the last one for ever; an exception among them is raised."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[Record, int, Sequence[int]]] = []
        self.closed = 0

    def partition(self, record: Record, partitions: Partitions) -> int | None:
        self.asked.append((record, partitions.count, partitions.available))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]

    def close(self) -> None:
        self.closed += 1


class Unwilling(Partitioner):
    def __init__(self, what: str) -> None:
        self.what = what

    def partition(self, record: Record, partitions: Partitions) -> int:
        return 0


class First:
    """Derived from nothing: two methods are enough."""

    def partition(self, record: Record, partitions: Partitions) -> int:
        return 0

    def close(self) -> None:
        raise OSError("the table is gone")


class WithoutClose:
    def partition(self, record: Record, partitions: Partitions) -> int:
        return 0


OBJECT = First()


def asking(partitioner: Any, **properties: Any) -> ScriptedCluster:
    given: dict[str, Any] = {"partitions": 3, "partitioner_class": partitioner, "linger_ms": 1_000} | properties
    return ScriptedCluster(**given)


# -- asking ------------------------------------------------------------------------------------------------------------


def test_it_sees_the_record_and_the_partitions_and_decides() -> None:
    partitioner = Answering(2, 0)
    cluster = asking(partitioner)

    cluster.send(b"a", key=b"k")
    cluster.send(b"b", key=b"k")

    assert cluster.placed() == {0: [b"b"], 2: [b"a"]}
    assert partitioner.asked == [(Record("orders", value, b"k"), 3, (0, 1, 2)) for value in (b"a", b"b")]


def test_a_partition_that_the_caller_names_is_not_asked_for() -> None:
    partitioner = Answering(0)
    cluster = asking(partitioner)

    cluster.send(b"a", partition=1)

    assert cluster.placed() == {1: [b"a"]}
    assert partitioner.asked == []


def test_a_partition_without_a_leader_is_not_available() -> None:
    partitioner = Answering(0)
    cluster = asking(partitioner)
    cluster.leaders[1] = (-1, 6)

    cluster.send(b"a")

    assert [(count, available) for _, count, available in partitioner.asked] == [(3, (0, 2))]


def test_a_record_that_waits_for_metadata_is_asked_for_once_it_is_there() -> None:
    partitioner = Answering(2)
    cluster = asking(partitioner)
    record = Record("orders", b"a")

    wait = cluster.engine.send(record, b"a", now_us=0)
    assert wait is not None
    assert partitioner.asked == []
    cluster.settle()

    assert cluster.engine.send(record, b"a", now_us=cluster.now_us, wait=wait) is None
    assert len(partitioner.asked) == 1


def test_a_record_that_waits_for_room_keeps_what_was_chosen() -> None:
    partitioner = Answering(0, 1, 2)
    cluster = asking(partitioner, buffer_memory=1_000, batch_size=1_000)
    cluster.send(b"fills the buffer")
    waiting = Record("orders", b"waits", b"k")

    wait = cluster.engine.send(waiting, b"waits", now_us=cluster.now_us)
    assert wait is not None
    for _ in range(3):
        wait = cluster.engine.send(waiting, b"waits", now_us=cluster.now_us, wait=wait)
        assert wait is not None
    cluster.settle()
    cluster.answer()

    assert cluster.engine.send(waiting, b"waits", now_us=cluster.now_us, wait=wait) is None
    assert cluster.placed() == {0: [b"fills the buffer"], 1: [b"waits"]}
    assert [record.value for record, _, _ in partitioner.asked] == [b"fills the buffer", b"waits"]


def test_without_an_opinion_a_record_sticks_with_those_that_have_no_key() -> None:
    cluster = asking(Answering(None))

    for number in range(20):
        cluster.send(b"%d" % number, key=b"k%d" % number)
    cluster.send(b"no key")

    assert len(cluster.placed()) == 1


def test_what_it_places_itself_does_not_end_the_stay_of_the_others() -> None:
    class KeysToTheFirst(Partitioner):
        def partition(self, record: Record, partitions: Partitions) -> int | None:
            return None if record.key is None else 0

    # Many partitions, so that another draw would hardly give the same one.
    cluster = asking(KeysToTheFirst(), partitions=200, batch_size=10_000)

    for _ in range(50):
        cluster.send(b"sticks")
        cluster.send(b"placed" * 200, key=b"k")

    assert [len(values) for values in cluster.placed().values()] == [50, 50]


# -- nonsense ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nonsense", [-1, 3, 1 << 40, "1", 1.0, True, b"", []])
def test_nonsense_is_named_with_its_author_and_nothing_is_queued(nonsense: Any) -> None:
    cluster = asking(Answering(nonsense, 1))

    with pytest.raises(PartitionerError) as raised:
        cluster.send(b"a")

    assert str(raised.value) == (
        f"partitioner {__name__}:Answering chose {nonsense!r} for a record of 'orders', must be one of 0..2 or None"
    )
    assert cluster.engine.is_idle
    assert cluster.engine.metrics.measure(cluster.now_us).value("record-error-total") == 1


def test_what_it_raises_is_named_with_its_author_and_the_next_record_goes_its_way() -> None:
    cause = KeyError("no such customer")
    cluster = asking(Answering(cause, 1))

    with pytest.raises(
        PartitionerError, match="Answering raised KeyError for a record of 'orders': 'no such"
    ) as raised:
        cluster.send(b"a")
    cluster.send(b"b")

    assert raised.value.__cause__ is cause
    assert cluster.placed() == {1: [b"b"]}


# -- the end -----------------------------------------------------------------------------------------------------------


def test_it_is_closed_once() -> None:
    partitioner = Answering(0)
    cluster = asking(partitioner)
    cluster.engine.abort(cluster.now_us)
    assert partitioner.closed == 0

    cluster.engine.close_partitioner()
    cluster.engine.close_partitioner()

    assert partitioner.closed == 1


def test_what_it_raises_when_it_is_closed_is_named_with_its_author() -> None:
    cluster = asking(OBJECT)

    with pytest.raises(PartitionerError, match="First raised OSError in close: the table is gone"):
        cluster.engine.close_partitioner()


# -- partitioner.class -------------------------------------------------------------------------------------------------


def configured(partitioner_class: object) -> ProducerConfig:
    return ProducerConfig.from_properties({"bootstrap.servers": "b:1", "partitioner.class": partitioner_class})


@pytest.mark.parametrize("given", [None, ""])
def test_without_one_the_default_decides(given: object) -> None:
    assert configured(given).make_partitioner() is None


@pytest.mark.parametrize(
    "given,kind",
    [
        ("round_robin", RoundRobinPartitioner),
        ("org.apache.kafka.clients.producer.RoundRobinPartitioner", RoundRobinPartitioner),
        ("producer.partitioners.round_robin:RoundRobinPartitioner", RoundRobinPartitioner),
        (First, First),
    ],
)
def test_names_paths_and_classes_make_a_new_one_for_each_producer(given: object, kind: type) -> None:
    config = configured(given)

    first, second = config.make_partitioner(), config.make_partitioner()

    assert type(first) is type(second) is kind
    assert first is not second


def test_an_object_is_taken_as_it_is() -> None:
    assert configured(OBJECT).make_partitioner() is OBJECT


@pytest.mark.parametrize(
    "given,said",
    [
        ("roundrobin", "partitioner.class is 'roundrobin', must be one of .*round_robin.*, a 'module:Class'"),
        ("no.such.module:Mine", "'no.such.module:Mine': ModuleNotFoundError: No module named 'no'"),
        ("producer.records:Mine", "'producer.records:Mine': AttributeError: .*'Mine'"),
        ("producer.records:", "'producer.records:': "),
        (f"{__name__}:OBJECT", "OBJECT', which is a First, must be a class"),
        (f"{__name__}:WithoutClose", "WithoutClose'>, which has no method close"),
        (WithoutClose(), "which has no method close"),
        (5, "partitioner.class is 5, which has no method partition and no method close"),
    ],
)
def test_what_cannot_be_a_partitioner_is_named(given: object, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        configured(given)


def test_a_class_that_cannot_be_made_is_named() -> None:
    with pytest.raises(
        ConfigError, match=r"partitioner.class is .*:Unwilling, which cannot be made: TypeError: .*'what'"
    ):
        configured(Unwilling).make_partitioner()
