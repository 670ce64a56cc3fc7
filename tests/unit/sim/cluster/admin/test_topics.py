"""CreateTopics and DeleteTopics: what is refused, each topic for itself, and what is there afterwards. Asked of Apache Kafka 4.3.1."""

from __future__ import annotations

from typing import Any

import pytest

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages.create_topics import (
    CreatableReplicaAssignment,
    CreatableTopic,
    CreatableTopicConfig,
    CreatableTopicResult,
    CreateTopicsRequest,
)
from producer.wire.messages.delete_topics import DeletableTopicResult, DeleteTopicsRequest, DeleteTopicState
from producer.wire.schema import ZERO_ID
from sim.cluster.topic_config import TopicConfig
from tests.unit.sim.raw_client import Lab

FOREIGN_ID = bytes(range(16))


def topic(
    name: str, partitions: int = 1, replicas: int = 1, *assigned: tuple[int, tuple[int, ...]], **configs: str | None
) -> CreatableTopic:
    assignments = tuple(CreatableReplicaAssignment(*one) for one in assigned)
    given = tuple(CreatableTopicConfig(name.replace("_", "."), value) for name, value in configs.items())
    return CreatableTopic(name, partitions, replicas, assignments, given)


def created(lab: Lab, *topics: CreatableTopic, version: int = 7, **how: Any) -> list[CreatableTopicResult]:
    request = CreateTopicsRequest(topics, **{"timeout_ms": 5_000} | how)
    answer = lab.client.connect(1).call(ApiKey.CREATE_TOPICS, request, version)
    return list(answer.topics)


def code_of(lab: Lab, one: CreatableTopic) -> int:
    (result,) = created(lab, one)
    return result.error_code


def deleted(lab: Lab, *topics: DeleteTopicState, timeout_ms: int = 5_000) -> list[DeletableTopicResult]:
    answer = lab.client.connect(1).call(ApiKey.DELETE_TOPICS, DeleteTopicsRequest(topics, (), timeout_ms))
    return list(answer.responses)


def replicas_of(lab: Lab, name: str) -> list[tuple[int, ...]]:
    return [state.replicas for tp, state in lab.cluster.controller.metadata.partitions.items() if tp.topic == name]


@pytest.mark.parametrize(
    "one, code",
    [
        (topic(""), Code.INVALID_TOPIC_EXCEPTION),
        (topic(".."), Code.INVALID_TOPIC_EXCEPTION),
        (topic("a b"), Code.INVALID_TOPIC_EXCEPTION),
        (topic("a" * 250), Code.INVALID_TOPIC_EXCEPTION),
        (topic("a" * 249), Code.NONE),
        (topic("orders"), Code.TOPIC_ALREADY_EXISTS),
        (topic("dotted_name"), Code.INVALID_TOPIC_EXCEPTION),
        (topic("__cluster_metadata"), Code.INVALID_REQUEST),
        (topic("t", 0), Code.INVALID_PARTITIONS),
        (topic("t", -2), Code.INVALID_PARTITIONS),
        (topic("t", 0, 0), Code.INVALID_REPLICATION_FACTOR),
        (topic("t", 1, -2), Code.INVALID_REPLICATION_FACTOR),
        (topic("t", 1, 4), Code.INVALID_REPLICATION_FACTOR),
        (topic("t", 1, 32_767), Code.INVALID_REPLICATION_FACTOR),
        (topic("t", 10_001), Code.POLICY_VIOLATION),
        (topic("t", 2**31 - 1), Code.POLICY_VIOLATION),
        (topic("t", -1, -1, (0, (1,)), (1, (2,))), Code.NONE),
        (topic("t", 1, -1, (0, (1,))), Code.INVALID_REQUEST),
        (topic("t", -1, 1, (0, (1,))), Code.INVALID_REQUEST),
        (topic("t", -1, -1, (1, (1,))), Code.INVALID_REPLICA_ASSIGNMENT),
        (topic("t", -1, -1, (-1, (1,))), Code.INVALID_REPLICA_ASSIGNMENT),
        (topic("t", -1, -1, (0, (1,)), (0, (1,))), Code.INVALID_REPLICA_ASSIGNMENT),
        (topic("t", -1, -1, (0, ())), Code.INVALID_REPLICA_ASSIGNMENT),
        (topic("t", -1, -1, (0, (7,))), Code.INVALID_REPLICA_ASSIGNMENT),
        (topic("t", -1, -1, (0, (-1,))), Code.INVALID_REPLICA_ASSIGNMENT),
        (topic("t", -1, -1, (0, (1, 1))), Code.INVALID_REPLICA_ASSIGNMENT),
        (topic("t", -1, -1, (0, (1,)), (1, (1, 2))), Code.INVALID_REPLICA_ASSIGNMENT),
    ],
)
def test_a_topic_is_created_or_refused_with_kafkas_code(one: CreatableTopic, code: Code) -> None:
    lab = Lab(TopicConfig("orders"), TopicConfig("dotted.name"))
    before = set(lab.cluster.controller.metadata.topics)

    (result,) = created(lab, one)

    assert (Code(result.error_code), result.error_message is None) == (code, code is Code.NONE)
    assert (one.name in set(lab.cluster.controller.metadata.topics) - before) is (code is Code.NONE)


@pytest.mark.parametrize(
    "name, value, code",
    [
        ("nonsense", "1", Code.INVALID_CONFIG),
        ("", "1", Code.INVALID_CONFIG),
        ("message.max.bytes", "1", Code.INVALID_CONFIG),
        ("retention.ms", None, Code.INVALID_CONFIG),
        ("retention.ms", "", Code.INVALID_CONFIG),
        ("retention.ms", "x", Code.INVALID_CONFIG),
        ("retention.ms", "-2", Code.INVALID_CONFIG),
        ("retention.ms", "-1", Code.NONE),
        ("retention.ms", " 5 ", Code.NONE),
        ("retention.ms", "+5", Code.NONE),
        ("retention.bytes", "-7", Code.NONE),
        ("segment.bytes", "1048575", Code.INVALID_CONFIG),
        ("segment.bytes", "2147483648", Code.INVALID_CONFIG),
        ("internal.segment.bytes", "100", Code.NONE),
        ("min.cleanable.dirty.ratio", "1.5", Code.INVALID_CONFIG),
        ("min.cleanable.dirty.ratio", "nan", Code.INVALID_CONFIG),
        ("min.cleanable.dirty.ratio", "1e-1", Code.NONE),
        ("cleanup.policy", "delete,compact", Code.NONE),
        ("cleanup.policy", " compact , delete ", Code.NONE),
        ("cleanup.policy", "", Code.NONE),
        ("cleanup.policy", "x", Code.INVALID_CONFIG),
        ("compression.type", "GZIP", Code.INVALID_CONFIG),
        ("compression.gzip.level", "0", Code.INVALID_CONFIG),
        ("compression.gzip.level", "-1", Code.NONE),
        ("compression.lz4.level", "18", Code.INVALID_CONFIG),
        ("compression.zstd.level", "-131072", Code.NONE),
        ("preallocate", "TRUE", Code.NONE),
        ("unclean.leader.election.enable", "yes", Code.INVALID_CONFIG),
        ("max.compaction.lag.ms", "0", Code.INVALID_CONFIG),
        ("remote.storage.enable", "true", Code.INVALID_CONFIG),
        ("leader.replication.throttled.replicas", "*", Code.NONE),
        ("leader.replication.throttled.replicas", "0:1,1:1", Code.NONE),
        ("leader.replication.throttled.replicas", "x", Code.INVALID_CONFIG),
        ("message.format.version", "3.0", Code.INVALID_CONFIG),
    ],
)
def test_every_topic_setting_of_kafka_is_known_by_name_and_value(name: str, value: str | None, code: Code) -> None:
    lab = Lab()

    (result,) = created(lab, topic("t")._replace(configs=(CreatableTopicConfig(name, value),)))

    assert Code(result.error_code) is code


def test_settings_are_held_against_each_other() -> None:
    one = topic("t", min_compaction_lag_ms="10", max_compaction_lag_ms="5")

    assert code_of(Lab(), one) == Code.INVALID_CONFIG


def test_of_two_for_one_name_the_later_holds() -> None:
    lab = Lab()
    one = topic("t")._replace(
        configs=(CreatableTopicConfig("retention.ms", "1"), CreatableTopicConfig("retention.ms", "2"))
    )

    (result,) = created(lab, one)

    assert {config.name: config.value for config in result.configs or ()}["retention.ms"] == "2"


def test_what_is_told_of_a_new_topic_is_every_setting_in_effect_and_where_it_is_from() -> None:
    lab = Lab()

    (result,) = created(lab, topic("t", 2, retention_ms="1000", max_message_bytes="500"))

    configs = {config.name: (config.value, config.config_source) for config in result.configs or ()}
    assert (result.num_partitions, result.replication_factor, len(configs)) == (2, 1, 33)
    assert configs["retention.ms"] == ("1000", 1)
    assert configs["min.insync.replicas"] == ("1", 3)
    assert configs["cleanup.policy"] == ("delete", 5)
    assert [config.name for config in result.configs or ()] == sorted(configs)


def test_what_the_simulation_heeds_takes_effect() -> None:
    lab = Lab()
    created(lab, topic("small", max_message_bytes="100"))
    lab.settle()

    answer = lab.client.produce(b"x" * 200, tp=TopicPartition("small", 0))

    assert answer.error_code == Code.MESSAGE_TOO_LARGE


def test_minus_one_is_what_brokers_have_by_default() -> None:
    lab = Lab(auto_created_topic=TopicConfig("any", partitions=4, replication_factor=2))

    (result,) = created(lab, topic("t", -1, -1))

    assert (result.num_partitions, result.replication_factor) == (4, 2)
    assert [len(replicas) for replicas in replicas_of(lab, "t")] == [2, 2, 2, 2]


def test_only_validated_nothing_is_created() -> None:
    lab = Lab()
    offset = lab.cluster.controller.metadata.offset

    results = created(lab, topic("t"), topic("bad", 0), validate_only=True)

    assert [result.error_code for result in results] == [Code.NONE, Code.INVALID_PARTITIONS]
    assert (lab.cluster.controller.metadata.offset, replicas_of(lab, "t")) == (offset, [])


@pytest.mark.parametrize("timeout_ms", [0, -1])
def test_a_time_that_is_over_creates_and_deletes_nothing(timeout_ms: int) -> None:
    lab = Lab()

    (result,) = created(lab, topic("t"), timeout_ms=timeout_ms)
    (gone,) = deleted(lab, DeleteTopicState("orders"), timeout_ms=timeout_ms)

    assert (result.error_code, result.error_message) == (Code.REQUEST_TIMED_OUT, None)
    assert (gone.name, gone.error_code) == ("orders", Code.REQUEST_TIMED_OUT)
    assert list(lab.cluster.controller.metadata.topics) == ["orders"]


def test_each_topic_is_decided_for_itself_and_two_of_a_name_are_none() -> None:
    lab = Lab()

    results = created(lab, topic("d"), topic("bad", 0), topic("d", 2), topic("good"))

    assert [(result.name, result.error_code) for result in results] == [
        ("bad", Code.INVALID_PARTITIONS),
        ("good", Code.NONE),
        ("d", Code.INVALID_REQUEST),
    ]


def test_names_that_collide_with_each_other_in_one_request_are_both_created() -> None:
    # Apache Kafka holds them against those that were there before.
    assert [result.error_code for result in created(Lab(), topic("x.y"), topic("x_y"))] == [Code.NONE, Code.NONE]


def test_the_limit_of_partitions_is_one_of_the_whole_request() -> None:
    results = created(Lab(), topic("a", 5_001), topic("b", 5_000))

    assert [result.error_code for result in results] == [Code.POLICY_VIOLATION, Code.POLICY_VIOLATION]


def test_a_broker_that_is_fenced_leads_nothing_new_and_is_taken_last() -> None:
    lab = Lab()
    lab.cluster.crash(3)
    lab.run(15)

    created(lab, topic("two", 6, 2), topic("three", 3, 3), topic("by hand", -1, -1, (0, (3,))))

    assert all(3 not in replicas for replicas in replicas_of(lab, "two"))
    assert all(replicas[2] == 3 for replicas in replicas_of(lab, "three"))


def test_a_partition_assigned_to_fenced_brokers_alone_is_refused() -> None:
    lab = Lab()
    lab.cluster.crash(3)
    lab.run(15)

    assert code_of(lab, topic("t", -1, -1, (0, (3,)))) == Code.INVALID_REPLICA_ASSIGNMENT


def test_leaders_are_spread_over_all_brokers_and_each_partition_over_the_racks() -> None:
    lab = Lab(brokers=4, racks=("x", "x", "y", "y"))

    created(lab, topic("one", 4, 1), topic("two", 4, 2), topic("three", 40, 3))

    assert sorted(replicas_of(lab, "one")) == [(1,), (2,), (3,), (4,)]
    assert all({replica <= 2 for replica in replicas} == {True, False} for replicas in replicas_of(lab, "two"))
    assert all(len(set(replicas)) == 3 for replicas in replicas_of(lab, "three"))
    assert {replicas[0] for replicas in replicas_of(lab, "three")} == {1, 2, 3, 4}


def test_where_a_topic_goes_is_drawn_for_its_name_alone() -> None:
    lab, other = Lab(), Lab()

    created(lab, topic("t", 7, 2))
    created(other, topic("before", 5, 3), topic("t", 7, 2))

    assert replicas_of(lab, "t") == replicas_of(other, "t")


def test_a_topic_goes_by_name_or_by_id_and_its_name_can_be_had_again() -> None:
    lab = Lab(TopicConfig("a"), TopicConfig("b"))
    ids = {name: known.topic_id for name, known in lab.cluster.controller.metadata.topics.items()}

    results = deleted(lab, DeleteTopicState("a"), DeleteTopicState(None, ids["b"]))

    assert sorted((result.name, result.topic_id, result.error_code) for result in results) == sorted(
        (name, topic_id, Code.NONE) for name, topic_id in ids.items()
    )
    (again,) = created(lab, topic("a"))
    assert (again.error_code, again.topic_id == ids["a"]) == (Code.NONE, False)


def test_what_is_no_topic_is_not_deleted_and_says_why() -> None:
    lab = Lab()
    own_id = lab.cluster.controller.metadata.topics["orders"].topic_id
    asked = {
        (DeleteTopicState("absent"),): [("absent", ZERO_ID, Code.UNKNOWN_TOPIC_OR_PARTITION)],
        (DeleteTopicState(""),): [("", ZERO_ID, Code.UNKNOWN_TOPIC_OR_PARTITION)],
        (DeleteTopicState(None, FOREIGN_ID),): [(None, FOREIGN_ID, Code.UNKNOWN_TOPIC_ID)],
        (DeleteTopicState(None),): [(None, ZERO_ID, Code.INVALID_REQUEST)],
        (DeleteTopicState("orders", own_id),): [("orders", own_id, Code.INVALID_REQUEST)],
        (DeleteTopicState("orders"), DeleteTopicState("orders")): [("orders", ZERO_ID, Code.INVALID_REQUEST)],
        (DeleteTopicState(None, own_id),) * 2: [(None, own_id, Code.INVALID_REQUEST)],
        (DeleteTopicState("orders"), DeleteTopicState(None, own_id)): [("orders", own_id, Code.INVALID_REQUEST)],
    }

    for states, said in asked.items():
        found = [(one.name, one.topic_id, one.error_code) for one in deleted(lab, *states)]
        assert found == said, states
    assert list(lab.cluster.controller.metadata.topics) == ["orders"]
