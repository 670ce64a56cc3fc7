"""What a broker tells of the cluster, of topics, of its disks, of producers, of the quorum. Asked of Apache Kafka 4.3.1."""

from __future__ import annotations

from typing import Any

import pytest

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages.alter_replica_log_dirs import (
    AlterReplicaLogDir,
    AlterReplicaLogDirsRequest,
    AlterReplicaLogDirTopic,
)
from producer.wire.messages.api_versions import ApiVersionsRequest
from producer.wire.messages.describe_cluster import DescribeClusterRequest
from producer.wire.messages.describe_log_dirs import DescribableLogDirTopic, DescribeLogDirsRequest
from producer.wire.messages.describe_producers import DescribeProducersRequest, TopicRequest
from producer.wire.messages.describe_quorum import DescribeQuorumRequest, QuorumPartition, QuorumTopic
from producer.wire.messages.describe_topic_partitions import (
    Cursor,
    DescribeTopicPartitionsRequest,
)
from producer.wire.messages.describe_topic_partitions import TopicRequest as Named
from producer.wire.messages.list_config_resources import ListConfigResourcesRequest
from producer.wire.messages.update_features import FeatureUpdateKey, UpdateFeaturesRequest
from producer.wire.schema import ZERO_ID
from sim.cluster.broker.handlers import HANDLERS
from sim.cluster.config import log_dir_path
from sim.cluster.topic_config import TopicConfig
from tests.unit.sim.raw_client import Lab, send_batch

METADATA = (QuorumTopic("__cluster_metadata", (QuorumPartition(0),)),)


def test_api_versions_lists_what_is_answered_and_no_more() -> None:
    answer = Lab().client.connect(1).call(ApiKey.API_VERSIONS, ApiVersionsRequest("raw", "1"))

    assert sorted(answer.ranges) == sorted(HANDLERS)


def test_features_are_those_of_a_new_cluster_without_what_there_is_none_here() -> None:
    new, old = Lab(), Lab(eligible_leader_replicas=False)

    def told(lab: Lab, version: int) -> tuple[dict[str, Any], dict[str, Any]]:
        answer = lab.client.connect(1).call(ApiKey.API_VERSIONS, ApiVersionsRequest("raw", "1"), version)
        supported = {one.name: (one.min_version, one.max_version) for one in answer.supported_features}
        return supported, {one.name: one.max_version_level for one in answer.finalized_features}

    finalized = {
        "eligible.leader.replicas.version": 1,
        "group.version": 1,
        "metadata.version": 30,
        "transaction.version": 2,
    }
    supported = {
        "eligible.leader.replicas.version": (0, 1),
        "group.version": (0, 1),
        "kraft.version": (0, 1),
        "metadata.version": (7, 30),
        "transaction.version": (0, 2),
    }
    assert told(new, 4) == (supported, finalized)
    assert told(new, 3) == ({"metadata.version": (7, 30)}, finalized)
    assert "eligible.leader.replicas.version" not in told(old, 4)[1]


@pytest.mark.parametrize("name, version", [("", "1"), ("raw", ""), ("a b", "1"), ("-raw", "1")])
def test_a_client_that_names_no_software_is_refused(name: str, version: str) -> None:
    answer = Lab().client.connect(1).call(ApiKey.API_VERSIONS, ApiVersionsRequest(name, version))

    assert (answer.error_code, answer.api_keys) == (Code.INVALID_REQUEST, ())


def test_the_cluster_is_its_brokers_in_service_and_the_fenced_ones_on_request() -> None:
    lab = Lab()
    lab.cluster.crash(3)
    lab.run(12)

    def told(**how: Any) -> Any:
        return lab.client.connect(1).call(ApiKey.DESCRIBE_CLUSTER, DescribeClusterRequest(**how))

    assert [one.broker_id for one in told().brokers] == [1, 2]
    assert [(one.broker_id, one.is_fenced) for one in told(include_fenced_brokers=True).brokers] == [
        (1, False),
        (2, False),
        (3, True),
    ]
    assert told().cluster_authorized_operations == -(1 << 31)
    assert told(include_cluster_authorized_operations=True).cluster_authorized_operations == 8096
    assert (told(endpoint_type=2).error_code, told(endpoint_type=9).error_code) == (
        Code.MISMATCHED_ENDPOINT_TYPE,
        Code.UNSUPPORTED_ENDPOINT_TYPE,
    )


def pages(lab: Lab, *names: str, limit: int = 100, cursor: Cursor | None = None) -> Any:
    request = DescribeTopicPartitionsRequest(tuple(map(Named, names)), limit, cursor)
    answer = lab.client.connect(1).call(ApiKey.DESCRIBE_TOPIC_PARTITIONS, request)
    told = [(one.error_code, one.name, [part.partition_index for part in one.partitions]) for one in answer.topics]
    return told, answer.next_cursor


def test_topics_come_by_name_and_page_by_page() -> None:
    lab = Lab(TopicConfig("t", partitions=3), TopicConfig("u"))

    assert pages(lab, "u", "t", "t") == ([(0, "t", [0, 1, 2]), (0, "u", [0])], None)
    assert pages(lab) == pages(lab, "t", "u")
    assert pages(lab, "t", "u", limit=2) == ([(0, "t", [0, 1])], Cursor("t", 2))
    assert pages(lab, "t", "u", limit=3) == ([(0, "t", [0, 1, 2])], Cursor("u", 0))
    assert pages(lab, "t", "u", limit=0) == ([(0, "t", [0])], Cursor("t", 1))
    assert pages(lab, "t", "u", cursor=Cursor("t", 2)) == ([(0, "t", [2]), (0, "u", [0])], None)
    assert pages(lab, "t", "u", cursor=Cursor("t", 9)) == ([(0, "t", []), (0, "u", [0])], None)
    assert pages(lab, "t", "u", cursor=Cursor("u", 0)) == ([(0, "u", [0])], None)


def test_a_cursor_that_is_none_and_an_empty_name_refuse_the_whole_request() -> None:
    lab = Lab(TopicConfig("t"))

    assert pages(lab, "t", cursor=Cursor("z", 0)) == ([(Code.INVALID_REQUEST, "t", [])], None)
    assert pages(lab, "t", cursor=Cursor("t", -1)) == ([(Code.INVALID_REQUEST, "t", [])], None)
    assert [code for code, *_ in pages(lab, "t", "")[0]] == [Code.UNKNOWN_SERVER_ERROR] * 2
    assert [code for code, *_ in pages(lab, "t", "a b")[0]] == [Code.INVALID_TOPIC_EXCEPTION, Code.NONE]
    assert pages(lab, "absent")[0] == [(Code.UNKNOWN_TOPIC_OR_PARTITION, "absent", [])]


def test_who_may_still_be_elected_is_told() -> None:
    lab = Lab()
    for broker in (3, 2):
        lab.cluster.crash(broker)
        lab.run(12)

    answer = lab.client.connect(1).call(
        ApiKey.DESCRIBE_TOPIC_PARTITIONS, DescribeTopicPartitionsRequest((Named("orders"),))
    )

    (partition,) = answer.topics[0].partitions
    assert (partition.isr_nodes, partition.eligible_leader_replicas, partition.offline_replicas) == ((1,), (2,), (2, 3))


def test_resources_with_settings_are_listed_by_their_kind() -> None:
    lab = Lab(TopicConfig("t"))

    def listed(*kinds: int, version: int = 1) -> Any:
        request = ListConfigResourcesRequest(kinds)
        answer = lab.client.connect(1).call(ApiKey.LIST_CONFIG_RESOURCES, request, version)
        return answer.error_code, [(one.resource_type, one.resource_name) for one in answer.config_resources]

    brokers = [(4, "1"), (4, "2"), (4, "3")]
    assert listed(2) == (0, [(2, "t")])
    assert listed(4, 4) == (0, brokers)
    assert listed() == (0, [(2, "t"), *brokers, *[(8, name) for _, name in brokers]])
    assert listed(version=0) == (0, [])
    assert listed(3) == (Code.UNSUPPORTED_VERSION, [])


def test_directories_tell_what_lies_in_them_and_one_that_failed_that_it_did() -> None:
    lab = Lab(TopicConfig("t", partitions=2), log_dirs=2, is_harmed=True)
    lab.client.produce(b"x" * 50, tp=TopicPartition("t", 0))
    lab.settle()

    def told(topics: Any) -> Any:
        return lab.client.connect(1).call(ApiKey.DESCRIBE_LOG_DIRS, DescribeLogDirsRequest(topics)).results

    everything = told(None)
    sizes = {
        (topic.name, one.partition_index): one.partition_size
        for result in everything
        for topic in result.topics
        for one in topic.partitions
    }
    assert [result.log_dir for result in everything] == [log_dir_path(1), log_dir_path(2)]
    assert set(sizes) == {("t", 0), ("t", 1)}
    assert sizes["t", 0] > 50
    assert sizes["t", 1] == 0
    assert all(result.topics == () for result in told(()))
    assert (
        sum(len(one.topics) for one in told((DescribableLogDirTopic("t", (0, 9)), DescribableLogDirTopic("u", (0,)))))
        == 1
    )

    lab.cluster.fail_log_directory(1, 2)
    assert [result.error_code for result in told(None)] == [Code.NONE, Code.KAFKA_STORAGE_ERROR]


def test_a_replica_goes_to_no_directory_that_there_is_none_of() -> None:
    lab = Lab(TopicConfig("t"))
    topics = (AlterReplicaLogDirTopic("t", (0,)), AlterReplicaLogDirTopic("absent", (0,)))

    def asked(path: str) -> Any:
        request = AlterReplicaLogDirsRequest((AlterReplicaLogDir(path, topics),))
        answer = lab.client.connect(1).call(ApiKey.ALTER_REPLICA_LOG_DIRS, request)
        return [(one.topic_name, one.partitions[0].error_code) for one in answer.results]

    assert asked("/no/such/dir") == [("t", Code.LOG_DIR_NOT_FOUND), ("absent", Code.LOG_DIR_NOT_FOUND)]
    assert asked(log_dir_path(1)) == [("t", Code.NONE), ("absent", Code.UNKNOWN_TOPIC_OR_PARTITION)]


def test_every_replica_tells_of_the_producers_that_it_remembers() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    connection.wait(send_batch(connection, b"a", b"b", identity=(7, 3), sequence=0))
    connection.wait(send_batch(connection, b"c", identity=(7, 3), sequence=2))

    def told(broker: int, name: str, index: int = 0) -> Any:
        request = DescribeProducersRequest((TopicRequest(name, (index,)),))
        answer = lab.client.connect(broker).call(ApiKey.DESCRIBE_PRODUCERS, request)
        return answer.topics[0].partitions[0]

    assert [tuple(one) for one in told(1, "orders").active_producers] == [(7, 3, 2, 1_000, -1, -1)]
    lab.run(0.1)
    assert told(2, "orders").active_producers == told(1, "orders").active_producers
    assert told(1, "orders", 9).error_code == Code.UNKNOWN_TOPIC_OR_PARTITION
    assert told(1, "absent").error_code == Code.UNKNOWN_TOPIC_OR_PARTITION
    assert told(1, "a b").error_code == Code.INVALID_TOPIC_EXCEPTION


def test_the_quorum_is_who_leads_and_how_far_voters_and_brokers_are() -> None:
    lab = Lab(controllers=3)
    lab.run(3)

    answer = lab.client.connect(2).call(ApiKey.DESCRIBE_QUORUM, DescribeQuorumRequest(METADATA))

    (partition,) = answer.topics[0].partitions
    end = lab.cluster.controller.metadata.offset
    assert (answer.error_code, partition.error_code, partition.high_watermark) == (0, 0, end)
    assert [one.replica_id for one in partition.current_voters] == [100, 101, 102]
    assert partition.leader_id in {100, 101, 102}
    assert {one.log_end_offset for one in partition.current_voters} == {end}
    assert [(one.replica_id, one.log_end_offset) for one in partition.observers] == [(1, end), (2, end), (3, end)]
    assert len({one.replica_directory_id for one in partition.observers} - {ZERO_ID}) == 3
    assert {one.replica_directory_id for one in partition.current_voters} == {ZERO_ID}  # they were named in a setting
    now_ms = lab.cluster.brokers[1].process.now_ms  # type: ignore[union-attr]
    assert all(0 <= now_ms - one.last_fetch_timestamp < 2_000 for one in partition.current_voters + partition.observers)
    assert [node.node_id for node in answer.nodes] == [100, 101, 102]


def test_after_a_failover_another_controller_answers_for_the_quorum() -> None:
    lab = Lab(controllers=3)
    lab.cluster.quorum.crash(lab.cluster.quorum.named("controller"))

    answer = lab.client.connect(1).call(ApiKey.DESCRIBE_QUORUM, DescribeQuorumRequest(METADATA))

    (partition,) = answer.topics[0].partitions
    assert partition.leader_epoch > 1
    assert len(partition.current_voters) == 3


def test_there_is_one_quorum_and_anything_else_even_beside_it_is_unknown() -> None:
    lab = Lab()
    for topics in (
        (QuorumTopic("x", (QuorumPartition(0),)),),
        (QuorumTopic("__cluster_metadata", (QuorumPartition(1),)),),
        (*METADATA, QuorumTopic("x", (QuorumPartition(0),))),
    ):
        answer = lab.client.connect(1).call(ApiKey.DESCRIBE_QUORUM, DescribeQuorumRequest(topics))

        codes = {one.error_code for topic in answer.topics for one in topic.partitions}
        assert (answer.error_code, codes) == (0, {Code.UNKNOWN_TOPIC_OR_PARTITION})


@pytest.mark.parametrize(
    "feature, level, kind, code",
    [
        ("group.version", 1, 1, Code.NONE),
        ("nonsense", 1, 1, Code.INVALID_UPDATE_VERSION),
        ("metadata.version", 999, 1, Code.INVALID_UPDATE_VERSION),
        ("metadata.version", 0, 1, Code.INVALID_UPDATE_VERSION),
        ("metadata.version", 30, 9, Code.INVALID_UPDATE_VERSION),
        ("eligible.leader.replicas.version", 0, 2, Code.INVALID_UPDATE_VERSION),
    ],
)
def test_a_feature_keeps_its_level(feature: str, level: int, kind: int, code: Code) -> None:
    request = UpdateFeaturesRequest(5_000, (FeatureUpdateKey(feature, level, upgrade_type=kind),))

    answer = Lab().client.connect(1).call(ApiKey.UPDATE_FEATURES, request)

    assert (answer.error_code, answer.error_message is None) == (code, code is Code.NONE)


def test_of_a_feature_that_is_named_twice_the_last_counts() -> None:
    client = Lab().client.connect(1)

    def told(*levels: int) -> int:
        """Upgrades of group.version, which is 1, to those levels."""
        updates = tuple(FeatureUpdateKey("group.version", level, upgrade_type=1) for level in levels)
        return int(client.call(ApiKey.UPDATE_FEATURES, UpdateFeaturesRequest(5_000, updates)).error_code)

    assert told(0, 1) == Code.NONE
    assert told(1, 0) == Code.INVALID_UPDATE_VERSION
