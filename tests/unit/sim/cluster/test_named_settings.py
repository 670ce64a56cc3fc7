"""Settings of topics and brokers under one name each: a topic's name before Kafka's, or `broker`."""

import pytest

from sim.cluster.config import ClusterConfig
from sim.cluster.named_settings import names_of, value_of, with_settings
from sim.cluster.topic_config import TopicConfig

CLUSTER = ClusterConfig(topics=(TopicConfig("orders", partitions=2), TopicConfig("orders.eu", min_insync_replicas=1)))


def test_a_topics_setting_is_of_that_topic_alone() -> None:
    changed = with_settings(CLUSTER, {"orders.min.insync.replicas": "3", "orders.eu.partitions": "6"})

    assert [topic.min_insync_replicas for topic in changed.topics] == [3, 1]
    assert [topic.partitions for topic in changed.topics] == [2, 6]


def test_a_brokers_setting_is_counted_in_kafkas_unit() -> None:
    assert with_settings(CLUSTER, {"broker.replica.lag.time.max.ms": "1500"}).replica_lag_time_max_us == 1_500_000
    assert with_settings(CLUSTER, {"broker.unclean.leader.election.enable": "TRUE"}).unclean_leader_election
    # Kafka's own name begins so.
    assert with_settings(CLUSTER, {"broker.session.timeout.ms": "7000"}).broker_session_timeout_us == 7_000_000


def test_every_setting_can_be_set_to_what_it_is_and_nothing_changes() -> None:
    told = {name: value_of(CLUSTER, name) for name in names_of(CLUSTER)}

    assert len(told) > 80
    for name, value in told.items():
        if not name.endswith(("internal.segment.bytes", "unclean.leader.election.enable")):
            assert with_settings(CLUSTER, {name: value}) == CLUSTER, name


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("orders.min.insync.replica", "1", "did you mean orders.min.insync.replicas"),
        ("orders.min.insync.replicas", "some", "orders.min.insync.replicas is 'some', must be a whole number"),
        ("orders.partitions", "-1", "orders.partitions is '-1', must be a whole number"),
        ("orders.partitions", "0", "partitions is 0, must be at least 1"),
        ("orders.replication.factor", "9", "replication_factor is 9, brokers are 3"),
        ("broker.replica.lag.max.ms", "1", "did you mean broker.replica.lag.time.max.ms"),
        ("broker.replica.lag.time.max.ms", "soon", "broker.replica.lag.time.max.ms is 'soon', must be a whole number"),
        ("broker.replica.lag.time.max.ms", "0", "broker.replica.lag.time.max.ms: .* must be at least 1"),
        ("broker.log.retention.ms", "1", "set the topic's own, orders.retention.ms"),
        ("min.insync.replicas", "1", "did you mean orders.min.insync.replicas"),
    ],
)
def test_what_cannot_be_set_is_named_with_its_value_or_the_nearest_name(name: str, value: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        with_settings(CLUSTER, {name: value})
