"""CreatePartitions and ElectLeaders: each item for itself. Asked of Apache Kafka 4.3.1."""

from __future__ import annotations

from typing import Any

import pytest

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.create_partitions import (
    CreatePartitionsAssignment,
    CreatePartitionsRequest,
    CreatePartitionsTopic,
)
from producer.wire.messages.elect_leaders import ElectLeadersRequest, TopicPartitions
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import PartitionsAdded
from tests.unit.sim.raw_client import ORDERS, Lab


def grow(lab: Lab, *topics: CreatePartitionsTopic, **how: Any) -> dict[str, int]:
    request = CreatePartitionsRequest(topics, **{"timeout_ms": 5_000} | how)
    answer = lab.client.connect(2).call(ApiKey.CREATE_PARTITIONS, request)
    return {result.name: result.error_code for result in answer.results}


def to(count: int, *assigned: tuple[int, ...], name: str = "orders") -> CreatePartitionsTopic:
    return CreatePartitionsTopic(name, count, tuple(map(CreatePartitionsAssignment, assigned)) if assigned else None)


@pytest.mark.parametrize(
    "asked, code",
    [
        (to(3), Code.NONE),
        (to(2), Code.INVALID_PARTITIONS),
        (to(1), Code.INVALID_PARTITIONS),
        (to(0), Code.INVALID_PARTITIONS),
        (to(-1), Code.INVALID_PARTITIONS),
        (to(2**31 - 1), Code.UNKNOWN_SERVER_ERROR),
        (to(3, (2, 3)), Code.NONE),
        (to(4, (2, 3)), Code.INVALID_REPLICA_ASSIGNMENT),
        (to(3)._replace(assignments=()), Code.INVALID_REPLICA_ASSIGNMENT),
        (to(3, (2, 9)), Code.INVALID_REPLICA_ASSIGNMENT),
        (to(3, (2,)), Code.INVALID_REPLICA_ASSIGNMENT),
        (to(3, (2, 2)), Code.INVALID_REPLICA_ASSIGNMENT),
        (to(3, name="absent"), Code.UNKNOWN_TOPIC_OR_PARTITION),
        (to(3, name=""), Code.UNKNOWN_TOPIC_OR_PARTITION),
    ],
)
def test_partitions_are_added_or_refused_with_kafkas_code(asked: CreatePartitionsTopic, code: Code) -> None:
    lab = Lab(TopicConfig("orders", partitions=2, replication_factor=2))

    assert grow(lab, asked) == {asked.name: code}
    assert len(lab.events(PartitionsAdded)) == (code is Code.NONE)


def test_new_partitions_are_where_they_were_assigned_to_or_as_many_replicas_as_the_first_has() -> None:
    lab = Lab(TopicConfig("orders", partitions=1, replication_factor=2))

    grow(lab, to(2, (3, 1)))
    grow(lab, to(5))

    states = lab.cluster.controller.replication.partitions_of("orders")
    assert states[1].replicas == (3, 1)
    assert [len(state.replicas) for state in states] == [2, 2, 2, 2, 2]
    assert lab.settle()


def test_validated_only_late_or_twice_named_nothing_is_added() -> None:
    lab = Lab()

    assert grow(lab, to(5), validate_only=True) == {"orders": Code.NONE}
    assert grow(lab, to(5), timeout_ms=0) == {"orders": Code.REQUEST_TIMED_OUT}
    assert grow(lab, to(5), to(6)) == {"orders": Code.INVALID_REQUEST}
    assert lab.events(PartitionsAdded) == []


def elect(lab: Lab, kind: int, *asked: tuple[str, tuple[int, ...]], version: int = 2, **how: Any) -> Any:
    topics = tuple(TopicPartitions(*one) for one in asked) if asked else None
    request = ElectLeadersRequest(kind, topics, **how)
    return lab.client.connect(1).call(ApiKey.ELECT_LEADERS, request, version)


def codes(answer: Any) -> list[tuple[str, int, int]]:
    return [
        (topic, partition, code)
        for topic, partitions in answer.replica_election_results
        for partition, code, _ in partitions
    ]


def test_the_preferred_replica_leads_again_and_whoever_needs_no_election_is_told_so() -> None:
    lab = Lab(TopicConfig("orders", partitions=2))
    lab.cluster.move_leader(ORDERS, 2)

    answer = elect(lab, 0, ("orders", (0, 1, 9)), ("absent", (0,)))

    assert codes(answer) == [
        ("orders", 0, Code.NONE),
        ("orders", 1, Code.ELECTION_NOT_NEEDED),
        ("orders", 9, Code.UNKNOWN_TOPIC_OR_PARTITION),
        ("absent", 0, Code.UNKNOWN_TOPIC_OR_PARTITION),
    ]
    assert lab.cluster.leader_of(ORDERS) == 1


def test_of_all_partitions_those_are_told_that_needed_it() -> None:
    lab = Lab(TopicConfig("orders", partitions=2))
    lab.cluster.move_leader(ORDERS, 2)

    assert codes(elect(lab, 0)) == [("orders", 0, Code.NONE)]
    assert codes(elect(lab, 0)) == []


def test_a_preferred_replica_that_is_not_in_sync_leads_only_when_it_is() -> None:
    lab = Lab()
    lab.cluster.crash(1)
    lab.run(12)

    (found,) = codes(elect_at(lab, 2))

    assert found == ("orders", 0, Code.PREFERRED_LEADER_NOT_AVAILABLE)


def elect_at(lab: Lab, broker: int) -> Any:
    request = ElectLeadersRequest(0, (TopicPartitions("orders", (0,)),))
    return lab.client.connect(broker).call(ApiKey.ELECT_LEADERS, request)


def test_an_unclean_election_by_hand_makes_somebody_lead_where_nobody_could() -> None:
    lab = Lab(TopicConfig("orders", replicas=((1, 2),), min_insync_replicas=1), is_harmed=True)
    lab.cluster.crash(2)
    lab.run(12)
    lab.client.produce(b"only on b1")
    lab.cluster.crash(1)
    lab.cluster.restart(2)
    lab.run(14)
    assert lab.cluster.controller.metadata.partitions[ORDERS].leader == -1
    request = ElectLeadersRequest(1, (TopicPartitions("orders", (0,)),))

    answer = lab.client.connect(3).call(ApiKey.ELECT_LEADERS, request)

    assert codes(answer) == [("orders", 0, Code.NONE)]
    assert lab.cluster.controller.metadata.partitions[ORDERS].leader == 2


def test_an_unknown_kind_and_a_time_that_is_over_are_errors_of_the_whole_and_of_each() -> None:
    lab = Lab()

    unknown, late = elect(lab, 2, ("orders", (0,))), elect(lab, 0, ("orders", (0,)), timeout_ms=0)

    assert (unknown.error_code, codes(unknown)) == (Code.INVALID_REQUEST, [("orders", 0, Code.INVALID_REQUEST)])
    assert (late.error_code, codes(late)) == (Code.REQUEST_TIMED_OUT, [("orders", 0, Code.REQUEST_TIMED_OUT)])
