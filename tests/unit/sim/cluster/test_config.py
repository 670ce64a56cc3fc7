"""A bad value is refused by field and value."""

from typing import Any

import pytest

from sim.cluster.config import ClusterConfig
from sim.cluster.topic_config import TopicConfig
from sim.world.network.link import LinkQuality


@pytest.mark.parametrize(
    "given, named",
    [
        ({"brokers": 0}, "brokers is 0"),
        ({"request_handling_us": 0}, "request_handling_us is 0"),
        ({"disk_append_us": -1}, "disk_append_us is -1"),
        ({"broker_heartbeat_us": 9_000_000}, "broker_heartbeat_us is 9000000"),
        ({"network": LinkQuality(latency_us=-1)}, "network is"),
        ({"topics": (TopicConfig("a"), TopicConfig("a"))}, "names 'a' twice"),
        ({"racks": ("r1", "r2")}, r"racks is \('r1', 'r2'\), must name one rack for each of 3 brokers"),
        ({"racks": ("r1", "r2", "")}, "racks is .*, must name one rack for each"),
        ({"topics": (TopicConfig("a", replication_factor=4),)}, r"TopicConfig\('a'\).replication_factor is 4"),
        ({"topics": (TopicConfig("a", replicas=((1, 7),)),)}, "brokers are 1..3"),
    ],
)
def test_a_cluster_that_cannot_be_is_refused(given: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        ClusterConfig(**given)


@pytest.mark.parametrize(
    "given, named",
    [
        ({"name": ""}, "name is ''"),
        ({"name": "a b"}, "name is 'a b', must be 1 to 249 of a-z"),
        ({"name": ".."}, "name is '..'"),
        ({"name": "a", "partitions": 0}, "partitions is 0"),
        ({"name": "a", "min_insync_replicas": 0}, "min_insync_replicas is 0"),
        ({"name": "a", "timestamp_type": "Never"}, "timestamp_type is 'Never'"),
        ({"name": "a", "replicas": ((1,), (2,))}, "2 entries for 1 partitions"),
        ({"name": "a", "replicas": ((1, 1),)}, "names a broker twice"),
    ],
)
def test_a_topic_that_cannot_be_is_refused(given: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        TopicConfig(**given)


def test_replicas_go_round_robin_and_the_first_is_preferred() -> None:
    topic = TopicConfig("a", partitions=4, replication_factor=2)

    assert [topic.replicas_of(number, 3) for number in range(4)] == [(1, 2), (2, 3), (3, 1), (1, 2)]


def test_the_defaults_are_kafkas() -> None:
    config = ClusterConfig()

    assert config.replica_lag_time_max_us == 30_000_000
    assert config.broker_session_timeout_us == 9_000_000
    assert config.broker_heartbeat_us == 2_000_000
    assert config.replica_fetch_wait_max_us == 500_000
    assert config.producer_id_block == 1_000
