"""Who coordinates: the leader of the key's partition, in a topic that the first who asks lets be made."""

from typing import Any

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages.find_coordinator import FindCoordinatorRequest
from producer.wire.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestGroup
from sim.cluster.coordinators.keys import partition_for
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import TopicCreated
from tests.unit.sim.group_client import GROUP, OFFSETS, GroupLab
from tests.unit.sim.raw_client import Lab

ONE_REPLICA = TopicConfig("orders", replication_factor=1, min_insync_replicas=1)


def _find(lab: Lab, version: int, **wanted: Any) -> Any:
    return lab.client.connect(1).call(ApiKey.FIND_COORDINATOR, FindCoordinatorRequest(**wanted), version)


def test_the_first_who_asks_is_told_to_ask_again_and_the_topic_is_made_with_fifty_partitions() -> None:
    lab = Lab()

    first = _find(lab, 4, coordinator_keys=(GROUP,))
    lab.run(1)
    second = _find(lab, 4, coordinator_keys=(GROUP,))

    assert first.coordinators[0].error_code == Code.COORDINATOR_NOT_AVAILABLE
    assert second.coordinators[0].error_code == Code.NONE
    made = lab.events(TopicCreated, topic=OFFSETS)
    assert [(one.partitions, one.replication_factor) for one in made] == [(50, 3)]


def test_a_cluster_of_one_broker_keeps_one_replica() -> None:
    lab = GroupLab(ONE_REPLICA, brokers=1)

    assert lab.coordinator == 1
    assert lab.events(TopicCreated, topic=OFFSETS)[0].replication_factor == 1


def test_a_run_in_which_nobody_asks_has_no_such_topic() -> None:
    lab = Lab()

    lab.run(5)

    assert lab.events(TopicCreated, topic=OFFSETS) == []


def test_every_broker_names_the_leader_of_the_groups_partition() -> None:
    lab = GroupLab()
    for group in ("a", "shop", "", "another one"):
        leader = lab.cluster.leader_of(TopicPartition(OFFSETS, partition_for(group, 4)))

        assert [lab.found(group, broker=broker) for broker in (1, 2, 3)] == [leader] * 3


def test_each_key_of_one_request_has_an_answer_of_its_own() -> None:
    lab = GroupLab()

    answer = _find(lab, 6, coordinator_keys=("a", "shop"))

    told = answer.coordinators
    assert [(one.key, one.error_code) for one in told] == [("a", Code.NONE), ("shop", Code.NONE)]


def test_an_unknown_kind_of_key_is_an_invalid_request() -> None:
    lab = Lab()

    assert _find(lab, 4, key_type=3, coordinator_keys=("k",)).coordinators[0].error_code == Code.INVALID_REQUEST
    assert _find(lab, 3, key_type=3, key="k").error_code == Code.INVALID_REQUEST


def test_nobody_coordinates_while_the_partition_has_no_leader_and_the_same_broker_does_again() -> None:
    lab = GroupLab(ONE_REPLICA, brokers=1)
    assert lab.commit(5) == Code.NONE
    lab.cluster.crash(1)
    lab.cluster.restart(1)
    lab.run(2)

    line = lab.loaded(broker=1)

    assert lab.position(line) == (Code.NONE, 5)


def test_who_is_not_the_coordinator_says_so() -> None:
    lab = GroupLab()
    other = lab.client.connect(lab.coordinator % 3 + 1)

    assert lab.beat(1, "m", line=other) == Code.NOT_COORDINATOR
    assert lab.commit(5, line=other) == Code.NOT_COORDINATOR
    assert lab.position(other)[0] == Code.NOT_COORDINATOR
    assert lab.join(line=other).error_code == Code.NOT_COORDINATOR


def test_a_coordinator_that_reads_its_partition_back_says_so() -> None:
    lab = GroupLab(coordinator_load_us=3_000_000)
    lab.run(15)
    wanted = OffsetFetchRequest(groups=(OffsetFetchRequestGroup(GROUP, topics=None),))
    assert lab.commit(5) == Code.NONE
    other = lab.coordinator % 3 + 1
    lab.cluster.move_leader(TopicPartition(OFFSETS, partition_for(GROUP, 4)), other)
    lab.run(0.5)

    line = lab.client.connect(other)
    loading = line.call(ApiKey.OFFSET_FETCH, wanted, 8).groups[0].error_code
    beaten = lab.beat(1, "m", line=line)
    lab.run(4)

    assert loading == Code.COORDINATOR_LOAD_IN_PROGRESS
    # Members need not know of it.
    assert beaten == Code.NONE
    assert lab.position(line) == (Code.NONE, 5)
