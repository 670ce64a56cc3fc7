"""librdkafka's consumers by the consumer protocol (`group.protocol=consumer`): they share, take over, leave, and outlive a coordinator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic
from types import TracebackType
from typing import Self

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from sim.serve.attempt import Fate
from sim.serve.stage import Stage
from tests.serve.served import Served

GROUP = "shop"
SETTINGS = (
    ("broker.session.timeout.ms", "1000"),
    ("broker.heartbeat.interval.ms", "200"),
    # Heartbeats as often as that: what a rebalance takes is a few of them.
    ("group.consumer.heartbeat.interval.ms", "200"),
    ("group.consumer.session.timeout.ms", "3000"),
    ("group.consumer.assignment.interval.ms", "100"),
)
STAGE = Stage(topics=("orders:4:3",), settings=SETTINGS)
LIMIT_S = 60


@pytest.fixture
def cluster() -> Iterator[Served]:
    with Served(STAGE) as served:
        yield served


class Member:
    """A consumer in the group, with what it read."""

    def __init__(self, cluster: Served, protocol: str = "consumer", **config: object) -> None:
        self.consumer = Consumer(
            {
                "bootstrap.servers": cluster.bootstrap,
                "group.id": GROUP,
                "group.protocol": protocol,
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                **config,
            }
        )
        self.consumer.subscribe(["orders"])
        self.read: list[bytes] = []

    def poll(self) -> None:
        message = self.consumer.poll(0.05)
        if message is not None and message.error() is None:
            self.read.append(message.value() or b"")

    @property
    def partitions(self) -> tuple[int, ...]:
        return tuple(sorted([place.partition for place in self.consumer.assignment()]))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.consumer.close()


def polled_until(is_reached: Callable[[], bool], *members: Member) -> bool:
    """Let the members poll until that is so. Returns whether it came to it."""
    until = monotonic() + LIMIT_S
    while not is_reached() and monotonic() < until:
        for member in members:
            member.poll()
    return is_reached()


def write(cluster: Served, values: range) -> None:
    producer = Producer({"bootstrap.servers": cluster.bootstrap, "linger.ms": 0})
    for value in values:
        producer.produce("orders", str(value).encode(), partition=value % 4)
    assert producer.flush(LIMIT_S) == 0


def test_consumers_share_the_partitions_and_who_stays_takes_over_from_who_leaves(cluster: Served) -> None:
    write(cluster, range(8))
    with Member(cluster) as first:
        assert polled_until(lambda: len(first.read) == 8, first)
        alone = first.partitions
        with Member(cluster) as second:
            assert polled_until(lambda: len(first.partitions) == len(second.partitions) == 2, first, second)
            shared = sorted(first.partitions + second.partitions)

        assert polled_until(lambda: len(first.partitions) == 4, first)

    assert alone == (0, 1, 2, 3)
    assert shared == [0, 1, 2, 3]


def test_a_group_goes_on_from_its_positions_under_the_coordinator_after_the_one_that_crashed(cluster: Served) -> None:
    write(cluster, range(8))
    with Member(cluster) as member:
        assert polled_until(lambda: len(member.read) == 8, member)
        member.consumer.commit(asynchronous=False)

        assert cluster.strike(f"crash coordinator({GROUP})").fate is Fate.FIRED
        write(cluster, range(8, 16))
        assert polled_until(lambda: len(member.read) == 16, member)
        member.consumer.commit(asynchronous=False)
        committed = member.consumer.committed(
            [TopicPartition("orders", number) for number in range(4)], timeout=LIMIT_S
        )

    assert sorted(member.read, key=int) == [str(value).encode() for value in range(16)]
    assert [place.offset for place in committed] == [4, 4, 4, 4]


def test_a_consumer_by_the_new_protocol_joins_one_by_the_old_and_both_read(cluster: Served) -> None:
    with Member(cluster, "classic", **{"partition.assignment.strategy": "cooperative-sticky"}) as old:
        assert polled_until(lambda: len(old.partitions) == 4, old)
        with Member(cluster) as new:
            assert polled_until(lambda: len(old.partitions) == len(new.partitions) == 2, old, new)
            write(cluster, range(8))
            assert polled_until(lambda: len(old.read) + len(new.read) == 8, old, new)
            read = sorted(old.read + new.read, key=int)

        assert polled_until(lambda: len(old.partitions) == 4, old)

    assert read == [str(value).encode() for value in range(8)]
