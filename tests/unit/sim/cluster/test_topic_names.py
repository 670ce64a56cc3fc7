"""Which topics Metadata tells of, creates and refuses: as seen on Apache Kafka 4.3.1 (kafka.md 5)."""

import pytest

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages import metadata
from producer.wire.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from producer.wire.schema import ZERO_ID
from sim.cluster.config import ClusterConfig
from sim.cluster.internal_topics import wanted_topic
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import TopicCreated
from tests.unit.sim.raw_client import Lab


def asked(lab: Lab, *topics: MetadataRequestTopic, version: int = 13) -> MetadataResponse:
    answer: MetadataResponse = lab.client.connect(1).call(ApiKey.METADATA, MetadataRequest(topics), version)
    lab.run(1)
    return answer


@pytest.mark.parametrize("name", ["__consumer_offsets", "__transaction_state", "__share_group_state"])
def test_a_topic_of_the_brokers_own_is_created_as_brokers_create_it_and_called_internal(name: str) -> None:
    lab = Lab(auto_create_topics=True)

    (before,) = asked(lab, *metadata.named(name)).topics
    (after,) = asked(lab, *metadata.named(name)).topics

    assert (before.error_code, before.is_internal) == (Code.UNKNOWN_TOPIC_OR_PARTITION, True)
    assert (after.error_code, after.is_internal, len(after.partitions)) == (Code.NONE, True, 50)
    assert {len(partition.replica_nodes) for partition in after.partitions} == {3}


@pytest.mark.parametrize("name", ["__consumer_offsets", "__transaction_state", "__share_group_state"])
def test_a_topic_of_the_brokers_own_has_as_many_replicas_as_there_are_brokers_where_they_are_few(name: str) -> None:
    lab = Lab(TopicConfig("orders", replication_factor=1), brokers=1, auto_create_topics=True)

    for _ in range(2):
        (topic,) = asked(lab, *metadata.named(name)).topics

    made = lab.events(TopicCreated, topic=name)
    assert [(one.replication_factor, one.min_insync_replicas) for one in made] == [(1, 1)]
    assert {partition.leader_id for partition in topic.partitions} == {1}


@pytest.mark.parametrize("name", ["__consumer_offsets", "__transaction_state", "__share_group_state"])
def test_a_topic_of_the_brokers_own_loses_nothing_by_its_age(name: str) -> None:
    made = wanted_topic(name, ClusterConfig())

    assert made.cleanup_policy == ("compact",) or made.retention_ms == -1


def test_nobody_but_the_admin_client_writes_into_a_topic_of_the_brokers_own() -> None:
    lab = Lab(TopicConfig("__consumer_offsets"))

    answer = lab.client.produce(b"v", tp=next(iter(lab.cluster.controller.metadata.partitions)))

    assert answer.error_code == Code.INVALID_TOPIC_EXCEPTION


def test_a_name_that_differs_from_another_only_in_dots_and_underscores_is_never_created() -> None:
    lab = Lab(TopicConfig("x.y"), auto_create_topics=True)

    for _ in range(2):
        (topic,) = asked(lab, *metadata.named("x_y")).topics
        assert topic.error_code == Code.UNKNOWN_TOPIC_OR_PARTITION
    assert [event.topic for event in lab.events(TopicCreated)] == ["x.y"]


def test_two_configured_topics_may_not_collide_either() -> None:
    with pytest.raises(ValueError, match=r"'x\.y' and 'x_y'"):
        ClusterConfig(topics=(TopicConfig("x.y"), TopicConfig("x_y")))


def test_a_topic_that_is_asked_for_twice_is_told_once() -> None:
    lab = Lab()

    assert [topic.name for topic in asked(lab, *metadata.named("orders", "no", "orders", "no")).topics] == [
        "orders",
        "no",
    ]


def test_where_one_id_is_given_no_name_counts() -> None:
    lab = Lab(TopicConfig("orders"), TopicConfig("bills"))
    (orders,) = asked(lab, *metadata.named("orders")).topics

    answer = asked(lab, MetadataRequestTopic(orders.topic_id, None), *metadata.named("bills"))

    assert [topic.name for topic in answer.topics] == ["orders"]


@pytest.mark.parametrize("version", [10, 11])
def test_before_version_12_an_id_or_a_missing_name_refuses_the_whole_request(version: int) -> None:
    lab = Lab()

    by_id = asked(lab, MetadataRequestTopic(b"?" * 16, "orders"), version=version)
    without_name = asked(lab, MetadataRequestTopic(ZERO_ID, None), *metadata.named("orders"), version=version)

    assert [(topic.error_code, topic.name, topic.topic_id) for topic in by_id.topics] == [
        (Code.INVALID_REQUEST, "orders", b"?" * 16)
    ]
    assert [(topic.error_code, topic.name) for topic in without_name.topics] == [
        (Code.INVALID_REQUEST, ""),
        (Code.INVALID_REQUEST, "orders"),
    ]


def test_neither_a_name_nor_an_id_is_an_error_of_every_topic() -> None:
    answer = asked(Lab(), MetadataRequestTopic(ZERO_ID, None), *metadata.named("orders"))

    assert [topic.error_code for topic in answer.topics] == [Code.UNKNOWN_SERVER_ERROR] * 2
    assert answer.error_code == Code.UNKNOWN_SERVER_ERROR
