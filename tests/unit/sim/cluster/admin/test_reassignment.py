"""A partition moves to other brokers (KIP-455): who comes catches up and is in sync before who goes is gone, with its log."""

from __future__ import annotations

from typing import Any

import pytest

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    ReassignablePartition,
    ReassignablePartitionResponse,
    ReassignableTopic,
)
from producer.wire.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsTopics,
)
from sim.cluster.metadata_states import PartitionState
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import REPLICA_REMOVED, LogTruncated, ReplicasReassigned
from tests.unit.sim.raw_client import ORDERS, Lab


def lab_on(*replicas: int, brokers: int = 4, **how: Any) -> Lab:
    return Lab(TopicConfig("orders", replicas=(replicas,), min_insync_replicas=1), brokers=brokers, **how)


def move(
    lab: Lab, *replicas: int, tp: TopicPartition = ORDERS, cancel: bool = False, version: int = 1, resize: bool = True
) -> ReassignablePartitionResponse:
    """Ask for a move. Returns what is said of the partition."""
    asked = ReassignableTopic(tp.topic, (ReassignablePartition(tp.partition, None if cancel else replicas),))
    request = AlterPartitionReassignmentsRequest(5_000, resize, (asked,))
    answer = lab.client.connect(1).call(ApiKey.ALTER_PARTITION_REASSIGNMENTS, request, version)
    return answer.responses[0].partitions[0]  # type: ignore[no-any-return]


def under_way(lab: Lab, *topics: ListPartitionReassignmentsTopics) -> list[tuple[Any, ...]]:
    request = ListPartitionReassignmentsRequest(topics=topics or None)
    answer = lab.client.connect(1).call(ApiKey.LIST_PARTITION_REASSIGNMENTS, request)
    return [tuple(partition) for topic in answer.topics for partition in topic.partitions]


def state(lab: Lab) -> PartitionState:
    return lab.cluster.controller.metadata.partitions[ORDERS]


def hosts(lab: Lab) -> list[int]:
    """Which brokers have a log of the partition on their disk."""
    return [
        number
        for number, broker in lab.cluster.brokers.items()
        if any(name.startswith("orders-0") for one in broker.disk.directories for name in one.files)
    ]


def test_a_partition_moves_with_everything_in_it_and_leaves_nothing_behind() -> None:
    lab = lab_on(1, 2)
    lab.client.produce(b"a", b"b")
    lab.client.produce(b"c")

    assert move(lab, 3, 4).error_code == Code.NONE
    assert lab.settle()
    lab.run(1)

    now = state(lab)
    assert (now.replicas, sorted(now.isr), now.leader) == ((3, 4), [3, 4], 3)
    assert (now.adding_replicas, now.removing_replicas) == ((), ())
    assert lab.client.read() == [b"a", b"b", b"c"]
    assert hosts(lab) == [3, 4]
    assert sorted(event.broker for event in lab.events(LogTruncated, reason=REPLICA_REMOVED)) == [1, 2]


def test_what_is_acknowledged_while_a_partition_moves_is_there_afterwards() -> None:
    lab = lab_on(1, 2)
    lab.cluster.network.cut("b3")
    move(lab, 3, 1)
    for number in range(5):
        assert lab.client.produce(b"%d" % number).error_code == Code.NONE
    assert under_way(lab) == [(0, (3, 1, 2), (3,), (2,))]

    lab.cluster.network.open_all()
    assert lab.settle()

    assert state(lab).replicas == (3, 1)
    assert lab.client.read() == [b"0", b"1", b"2", b"3", b"4"]


def test_a_leader_that_stays_leads_on_and_its_epoch_tells_that_somebody_went() -> None:
    lab = lab_on(1, 2)

    move(lab, 1, 3)
    lab.settle()

    assert (state(lab).leader, state(lab).leader_epoch) == (1, 1)


def test_more_replicas_begin_no_new_epoch_and_the_same_ones_in_another_order_are_there_at_once() -> None:
    lab = lab_on(1, 2)

    move(lab, 1, 2, 3)
    lab.settle()
    assert (state(lab).replicas, state(lab).leader_epoch) == ((1, 2, 3), 0)
    move(lab, 3, 2, 1)

    assert (state(lab).replicas, state(lab).leader, state(lab).leader_epoch) == ((3, 2, 1), 1, 0)
    assert under_way(lab) == []


def test_a_move_is_over_only_when_everybody_who_stays_is_in_sync() -> None:
    lab = lab_on(1, 2)
    lab.client.produce(b"a")
    lab.cluster.network.cut("b4")

    move(lab, 3, 4)
    lab.run(5)

    now = state(lab)
    assert (now.replicas, now.adding_replicas, now.removing_replicas) == ((3, 4, 1, 2), (3, 4), (1, 2))
    assert sorted(now.isr) == [1, 2, 3]
    assert hosts(lab)[:3] == [1, 2, 3]


def test_a_move_is_cancelled_and_who_came_goes_again() -> None:
    lab = lab_on(1, 2)
    lab.client.produce(b"a")
    lab.cluster.network.cut("b4")
    move(lab, 3, 4)
    lab.run(5)

    assert move(lab, cancel=True).error_code == Code.NONE
    lab.cluster.network.open_all()
    lab.settle()
    lab.run(1)

    assert (state(lab).replicas, sorted(state(lab).isr)) == ((1, 2), [1, 2])
    assert hosts(lab) == [1, 2]
    assert lab.client.read() == [b"a"]


def test_another_target_while_it_moves_turns_the_move() -> None:
    lab = lab_on(1, 2)
    lab.cluster.network.cut("b4")
    move(lab, 1, 4)
    lab.run(2)

    move(lab, 1, 3)
    lab.run(5)

    assert state(lab).replicas == (1, 3)
    assert hosts(lab)[:2] == [1, 3]


def test_a_broker_that_was_down_when_its_replica_went_removes_the_log_when_it_starts() -> None:
    lab = lab_on(1, 2)
    lab.client.produce(b"a")
    lab.cluster.crash(2)
    lab.run(12)

    move(lab, 1, 3)
    lab.run(3)
    assert 2 in hosts(lab)
    lab.cluster.restart(2)
    lab.run(5)
    lab.settle()

    assert hosts(lab) == [1, 3]


def test_a_crash_of_who_comes_only_makes_the_move_take_longer() -> None:
    lab = lab_on(1, 2)
    lab.client.produce(b"a")
    move(lab, 3, 4)
    lab.cluster.crash(4)
    lab.run(15)
    assert state(lab).removing_replicas == (1, 2)

    lab.cluster.restart(4)
    assert lab.settle()

    assert state(lab).replicas == (3, 4)
    assert lab.client.read() == [b"a"]


def test_another_controller_ends_a_move_that_one_before_it_began() -> None:
    lab = lab_on(1, 2, controllers=3)
    lab.client.produce(b"a")
    lab.cluster.network.cut("b4")
    move(lab, 1, 4)
    lab.run(1)
    lab.cluster.quorum.crash(lab.cluster.quorum.named("controller"))
    lab.run(8)

    lab.cluster.network.open_all()
    lab.run(20)

    assert state(lab).replicas == (1, 4)


def test_every_change_of_place_is_told_in_the_trace() -> None:
    lab = lab_on(1, 2)

    move(lab, 1, 3)
    lab.settle()

    told = [(one.replicas, one.adding_replicas, one.removing_replicas) for one in lab.events(ReplicasReassigned)]
    assert told == [((1, 3, 2), (3,), (2,)), ((1, 3), (), ())]


@pytest.mark.parametrize(
    "replicas, tp, code",
    [
        ((9,), ORDERS, Code.INVALID_REPLICA_ASSIGNMENT),
        ((1, 1), ORDERS, Code.INVALID_REPLICA_ASSIGNMENT),
        ((), ORDERS, Code.INVALID_REPLICA_ASSIGNMENT),
        ((-1,), ORDERS, Code.INVALID_REPLICA_ASSIGNMENT),
        ((1,), TopicPartition("orders", 7), Code.UNKNOWN_TOPIC_OR_PARTITION),
        ((1,), TopicPartition("absent", 0), Code.UNKNOWN_TOPIC_OR_PARTITION),
        ((1,), TopicPartition("", 0), Code.UNKNOWN_TOPIC_OR_PARTITION),
    ],
)
def test_what_cannot_be_moved_is_refused(replicas: tuple[int, ...], tp: TopicPartition, code: Code) -> None:
    lab = lab_on(1, 2)

    assert move(lab, *replicas, tp=tp).error_code == code
    assert state(lab).replicas == (1, 2)


def test_nothing_under_way_cannot_be_cancelled_and_another_number_of_replicas_can_be_forbidden() -> None:
    lab = lab_on(1, 2)

    assert move(lab, cancel=True).error_code == Code.NO_REASSIGNMENT_IN_PROGRESS
    assert move(lab, 1, 2, 3, resize=False).error_code == Code.INVALID_REPLICATION_FACTOR
    assert move(lab, 1, 3, resize=False).error_code == Code.NONE


def test_only_moves_that_were_asked_for_are_listed() -> None:
    lab = lab_on(1, 2)
    lab.cluster.network.cut("b3")
    move(lab, 1, 3)

    assert under_way(lab, ListPartitionReassignmentsTopics("orders", (0, 9))) == [(0, (1, 3, 2), (3,), (2,))]
    assert under_way(lab, ListPartitionReassignmentsTopics("absent", (0,))) == []
