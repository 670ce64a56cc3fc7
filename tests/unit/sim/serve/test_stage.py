"""What is served: a plain cluster as Kafka has it, or a story's; brokers' properties by Kafka's names."""

import pytest

from sim.cluster.broker_properties import STATIC, told_then
from sim.cluster.topic_config import TopicConfig
from sim.serve.stage import AT_ONCE, Stage, topic_named
from sim.stories.scenario import load
from sim.world.network.link import LinkQuality


def test_a_plain_cluster_makes_topics_that_clients_ask_for_and_adds_no_latency() -> None:
    config = Stage().config()

    assert (config.brokers, config.auto_create_topics, config.network) == (3, True, AT_ONCE)
    assert config.auto_created_topic.replicas_of(0, 3) == (1, 2, 3)
    assert Stage(is_realistic=True).config().network == LinkQuality()


@pytest.mark.parametrize("brokers", [1, 2, 5])
def test_topics_have_as_many_replicas_as_there_are_brokers_up_to_three(brokers: int) -> None:
    stage = Stage(brokers=brokers, topics=("orders:2",))
    config = stage.config()

    assert (stage.broker_count, config.brokers) == (brokers, brokers)
    assert len(config.topics[0].replicas_of(1, brokers)) == min(brokers, 3)
    assert config.auto_created_topic.replication_factor == min(brokers, 3)


def test_a_story_brings_its_cluster_its_topics_and_its_faults() -> None:
    story = load("rolling_restart")
    stage = Stage(story="rolling_restart", topics=("more:4:1",))

    config = stage.config()

    assert config.topics == (*story.cluster.topics, TopicConfig("more", 4, 1, min_insync_replicas=1))
    assert config.auto_create_topics == story.cluster.auto_create_topics
    assert stage.schedule() == story.schedule != ()


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("orders", TopicConfig("orders", 1, 3, min_insync_replicas=1)),
        ("orders:6", TopicConfig("orders", 6, 3, min_insync_replicas=1)),
        ("orders:6:2", TopicConfig("orders", 6, 2, min_insync_replicas=1)),
    ],
)
def test_a_topic_is_read_as_far_as_it_is_written(text: str, topic: TopicConfig) -> None:
    assert topic_named(text, brokers=3) == topic


@pytest.mark.parametrize("text", ["", ":3:3", "orders:", "orders:x", "orders:0", "orders:1:0", "a b", "orders:1:2:3"])
def test_what_is_no_topic_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected NAME|must be"):
        topic_named(text, brokers=3)


def test_properties_are_kafkas_and_those_that_can_be_altered_are_told_later() -> None:
    settings = (
        ("broker.session.timeout.ms", "600"),
        ("broker.heartbeat.interval.ms", "100"),
        ("default.replication.factor", "2"),
        ("num.partitions", "7"),
        ("min.insync.replicas", "2"),
    )
    config = Stage(settings=settings).config()

    assert (config.broker_session_timeout_us, config.broker_heartbeat_us) == (600_000, 100_000)
    assert (config.auto_created_topic.replication_factor, config.auto_created_topic.partitions) == (2, 7)
    assert told_then(settings) == (("min.insync.replicas", "2"),)


def test_a_topics_setting_is_that_topics_and_a_brokers_may_be_said_as_in_a_story() -> None:
    settings = (("orders.retention.ms", "60000"), ("broker.replica.lag.time.max.ms", "1500"))
    config = Stage(topics=("orders:2", "others:1"), settings=settings).config()

    assert [topic.retention_ms for topic in config.topics] == [60_000, 604_800_000]
    assert config.replica_lag_time_max_us == 1_500_000
    with pytest.raises(ValueError, match=r"did you mean orders\.retention\.ms"):
        Stage(topics=("orders:2",), settings=(("orders.retention", "60000"),)).config()


@pytest.mark.parametrize("name", sorted(STATIC))
def test_a_value_that_cannot_be_names_its_property(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Stage(settings=((name, "perhaps"),)).config()
