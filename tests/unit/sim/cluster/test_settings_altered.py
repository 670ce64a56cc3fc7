"""Settings of topics and brokers altered while the cluster runs: what is refused, what is in effect, and for what from then on."""

from __future__ import annotations

import pytest

from producer.errors import Code
from sim.cluster.cluster import Cluster
from sim.cluster.config import ClusterConfig
from sim.cluster.settings import (
    BROKER_SETTINGS,
    TOPIC_SETTINGS,
    UNCLEAN_LEADER_ELECTION,
    check_setting,
    own_settings,
)
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import BrokerFenced, BrokerStopped, IsrChanged, LeaderElected, SettingAltered, TopicReconfigured
from sim.trace.trace import Trace
from sim.world.kernel import World
from sim.world.units import SECOND_US
from tests.unit.sim.raw_client import ORDERS, Lab, part_of, send_batch

# -- names and values --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, value, said",
    [
        # As Apache Kafka 4.3.1 was seen to refuse them, each with INVALID_CONFIG.
        ("min.insync.replicas", "0", "must be a whole number from 1"),
        ("min.insync.replicas", "two", "must be a whole number from 1"),
        ("min.insync.replicas", "2147483648", "must be a whole number from 1 to 2147483647"),
        ("message.timestamp.type", "x", "must be one of CreateTime, LogAppendTime"),
        ("unclean.leader.election.enable", "maybe", "must be either true or false"),
        ("max.message.bytes", "-1", "must be a whole number from 0"),
        ("min.isr", "1", "no setting of topics"),
        ("min.insync.replica", "1", "did you mean min.insync.replicas?"),
        ("message.max.bytes", "1", "that is what brokers call it, here it is max.message.bytes"),
    ],
)
def test_what_cannot_be_set_for_a_topic_is_known_by_name_and_value(name: str, value: str, said: str) -> None:
    with pytest.raises(ValueError) as raised:
        check_setting(name, value, is_broker=False)

    assert said in str(raised.value)


def test_what_brokers_call_otherwise_is_said() -> None:
    with pytest.raises(ValueError, match=r"that is what topics call it, here it is message\.max\.bytes"):
        check_setting("max.message.bytes", "1", is_broker=True)


@pytest.mark.parametrize("value", ["1", "7", "2147483647"])
def test_more_replicas_in_sync_than_there_are_may_be_asked_for(value: str) -> None:
    check_setting("min.insync.replicas", value, is_broker=False)


def test_every_setting_has_a_field_and_kafkas_default_in_it() -> None:
    # What brokers have no name for, a topic alone can set.
    assert set(TOPIC_SETTINGS.values()) - set(BROKER_SETTINGS.values()) == {TOPIC_SETTINGS["internal.segment.bytes"]}
    fields = {one.field: one.default for one in TOPIC_SETTINGS.values()}

    assert own_settings(TopicConfig("orders", **fields)) == ((UNCLEAN_LEADER_ELECTION, "false"),)  # type: ignore[arg-type]


def test_a_topic_sets_for_itself_what_is_not_kafkas_default() -> None:
    config = TopicConfig("orders", timestamp_type="LogAppendTime", unclean_leader_election=True)

    assert own_settings(config) == (
        ("message.timestamp.type", "LogAppendTime"),
        ("min.insync.replicas", "2"),
        ("unclean.leader.election.enable", "true"),
    )


# -- which one is in effect --------------------------------------------------------------------------------------------


def cluster_of(topic: TopicConfig, **config: object) -> Cluster:
    """A cluster that has created its topic."""
    world = World(seed=1)
    cluster = Cluster(world, Trace(), ClusterConfig(topics=(topic,), **config))  # type: ignore[arg-type]
    cluster.start()
    world.run_until(5 * SECOND_US)
    return cluster


def limits(cluster: Cluster) -> list[int]:
    """max.message.bytes of orders-0 on each broker."""
    cluster.world.run_until(cluster.world.now_us + SECOND_US)
    found = []
    for broker in cluster.brokers.values():
        assert broker.process is not None
        found.append(broker.process.partitions[ORDERS].config.max_message_bytes)
    return found


def test_a_topics_own_goes_before_one_brokers_before_all_brokers_before_kafkas() -> None:
    cluster = cluster_of(TopicConfig("orders"))
    assert limits(cluster) == [1_048_588] * 3

    cluster.alter_broker(None, "message.max.bytes", "3000")
    assert limits(cluster) == [3000, 3000, 3000]
    cluster.alter_broker(2, "message.max.bytes", "2000")
    assert limits(cluster) == [3000, 2000, 3000]
    cluster.alter_topic("orders", "max.message.bytes", "1000")
    assert limits(cluster) == [1000, 1000, 1000]
    cluster.alter_topic("orders", "max.message.bytes", None)
    assert limits(cluster) == [3000, 2000, 3000]
    cluster.alter_broker(None, "message.max.bytes", None)
    assert limits(cluster) == [1_048_588, 2000, 1_048_588]


def test_the_controller_heeds_all_brokers_and_no_single_one() -> None:
    # Apache Kafka 4.3.1: set for broker 1 it elected nobody in 9 s, set for the topic somebody with the next look.
    cluster = cluster_of(TopicConfig("orders"))
    in_effect = cluster.controller.configuration.config_of

    cluster.alter_broker(1, "unclean.leader.election.enable", "true")
    assert in_effect("orders").unclean_leader_election is False
    cluster.alter_broker(None, "unclean.leader.election.enable", "true")
    assert in_effect("orders").unclean_leader_election is True
    cluster.alter_topic("orders", "unclean.leader.election.enable", "false")
    assert in_effect("orders").unclean_leader_election is False


def test_what_was_set_outlives_a_brokers_process() -> None:
    lab = Lab()
    lab.cluster.alter_topic("orders", "max.message.bytes", "700")
    lab.cluster.alter_broker(3, "log.message.timestamp.type", "LogAppendTime")
    lab.cluster.crash(3)
    lab.run_to(BrokerFenced, broker=3)
    lab.cluster.restart(3)
    lab.settle()

    process = lab.cluster.brokers[3].process
    assert process is not None
    config = process.partitions[ORDERS].config
    assert (config.max_message_bytes, config.timestamp_type) == (700, "LogAppendTime")


def test_a_topic_that_is_created_later_has_what_is_set_for_all_brokers() -> None:
    lab = Lab()
    lab.cluster.alter_broker(None, "log.message.timestamp.type", "LogAppendTime")

    lab.cluster.create_topic(TopicConfig("later"))

    assert lab.cluster.controller.configuration.config_of("later").timestamp_type == "LogAppendTime"


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_an_unknown_topic_or_broker_is_refused() -> None:
    cluster = cluster_of(TopicConfig("orders"))

    with pytest.raises(ValueError, match="topic 'nope' does not exist"):
        cluster.alter_topic("nope", "min.insync.replicas", "1")
    with pytest.raises(ValueError, match="broker 9 does not exist"):
        cluster.alter_broker(9, "message.max.bytes", "1")


def test_under_elr_one_number_of_replicas_in_sync_holds_for_all_brokers() -> None:
    cluster = cluster_of(TopicConfig("orders"))

    with pytest.raises(ValueError, match="of one broker cannot be altered while ELR is enabled"):
        cluster.alter_broker(1, "min.insync.replicas", "2")
    with pytest.raises(ValueError, match="of all brokers cannot be deleted while ELR is enabled"):
        cluster.alter_broker(None, "min.insync.replicas", None)
    cluster.alter_broker(None, "min.insync.replicas", "3")


def test_without_elr_every_broker_may_have_its_own() -> None:
    cluster = cluster_of(TopicConfig("orders", min_insync_replicas=1), eligible_leader_replicas=False)

    cluster.alter_broker(1, "min.insync.replicas", "3")
    cluster.alter_broker(None, "min.insync.replicas", "2")
    cluster.alter_broker(None, "min.insync.replicas", None)


# -- what comes of it --------------------------------------------------------------------------------------------------


def test_a_batch_that_is_too_large_now_is_refused_and_one_before_was_not() -> None:
    lab = Lab()
    assert lab.client.produce(b"x" * 500).error_code == Code.NONE
    lab.cluster.alter_topic("orders", "max.message.bytes", "400")
    lab.run(0.1)

    assert lab.client.produce(b"x" * 500).error_code == Code.MESSAGE_TOO_LARGE
    assert lab.client.produce(b"x" * 100).error_code == Code.NONE


def test_timestamps_are_the_leaders_from_the_alteration_on() -> None:
    lab = Lab()
    lab.client.produce(b"before", timestamp_ms=1_000)
    lab.cluster.alter_topic("orders", "message.timestamp.type", "LogAppendTime")
    lab.run(0.1)
    lab.client.produce(b"after", timestamp_ms=1_000)

    before, after = (record.timestamp_ms for record in lab.client.read_records())
    assert before == 1_000
    assert after > 1_700_000_000_000


def test_writes_are_refused_and_allowed_by_the_number_that_is_in_effect() -> None:
    lab = Lab()
    lab.cluster.stop(3)
    lab.run_to(BrokerStopped, broker=3)
    lab.cluster.alter_topic("orders", "min.insync.replicas", "3")
    lab.run(0.1)
    assert lab.client.produce(b"a").error_code == Code.NOT_ENOUGH_REPLICAS

    lab.cluster.alter_topic("orders", "min.insync.replicas", "2")
    lab.run(0.1)
    assert lab.client.produce(b"a").error_code == Code.NONE


def test_what_waits_already_is_not_answered_because_the_number_is_lower_now() -> None:
    # Apache Kafka 4.3.1: 30.6 s after the send, with its time-out and a retry, although the number was lowered after 15 s.
    lab = Lab(TopicConfig("orders", min_insync_replicas=3))
    lab.cluster.pause(3)
    connection = lab.client.connect(1)
    correlation_id = send_batch(connection, b"waits")
    lab.run_to(BrokerFenced, broker=3)
    lab.run(1)
    asked_us = lab.world.now_us
    lab.cluster.alter_topic("orders", "min.insync.replicas", "2")

    assert part_of(connection.wait(correlation_id)).error_code == Code.REQUEST_TIMED_OUT
    assert lab.world.now_us - asked_us > 15 * SECOND_US
    assert lab.client.produce(b"next").error_code == Code.NONE
    assert lab.client.read() == [b"waits", b"next"]


def eligible(lab: Lab) -> tuple[int, ...]:
    return lab.cluster.controller.replication.state_of(ORDERS).eligible_leader_replicas


def below_min_isr() -> Lab:
    """b1 leads alone; b2 or b3 is eligible."""
    lab = Lab()
    lab.cluster.stop(2)
    lab.cluster.stop(3)
    lab.run(1)
    assert len(eligible(lab)) == 1
    return lab


def test_altering_the_number_forgets_who_is_eligible_and_tells_the_brokers() -> None:
    lab = below_min_isr()
    before = lab.cluster.controller.replication.state_of(ORDERS)

    lab.cluster.alter_topic("orders", "min.insync.replicas", "1")

    state = lab.cluster.controller.replication.state_of(ORDERS)
    assert (state.eligible_leader_replicas, state.last_known_leader) == ((), -1)
    assert state.partition_epoch == before.partition_epoch + 1
    assert (state.leader, state.leader_epoch) == (before.leader, before.leader_epoch)
    assert lab.events(IsrChanged)[-1].eligible_leader_replicas == ()
    lab.run(0.1)
    assert lab.client.produce(b"a").error_code == Code.NONE


def test_set_to_what_it_is_already_a_topics_number_forgets_nobody_and_all_brokers_does() -> None:
    lab = below_min_isr()

    lab.cluster.alter_topic("orders", "min.insync.replicas", "2")
    assert len(eligible(lab)) == 1
    lab.cluster.alter_topic("orders", "max.message.bytes", "4000")
    assert len(eligible(lab)) == 1
    lab.cluster.alter_broker(None, "min.insync.replicas", "1")
    assert eligible(lab) == ()


def test_other_topics_keep_who_is_eligible() -> None:
    lab = Lab(TopicConfig("orders"), TopicConfig("other"))
    lab.cluster.stop(2)
    lab.cluster.stop(3)
    lab.run(1)

    lab.cluster.alter_topic("other", "min.insync.replicas", "1")

    assert len(eligible(lab)) == 1


@pytest.mark.parametrize("is_altered", [False, True])
def test_altered_while_everybody_is_down_nobody_who_comes_back_may_lead(*, is_altered: bool) -> None:
    # Apache Kafka 4.3.1, both ways: Elr 1,2 and led by b1 as soon as it was back; Elr empty and nobody, both back.
    lab = Lab(TopicConfig("orders", replicas=((1, 2),)))
    for broker in (1, 2):
        lab.cluster.stop(broker)
        lab.run_to(BrokerStopped, broker=broker)
    assert eligible(lab) == (1, 2)
    if is_altered:
        lab.cluster.alter_topic("orders", "min.insync.replicas", "1")

    for broker in (1, 2):
        lab.cluster.restart(broker)
    lab.run(20)

    assert lab.cluster.leader_of(ORDERS) == (-1 if is_altered else 1)


# -- what is told ------------------------------------------------------------------------------------------------------


def test_the_trace_says_who_asked_for_what_and_what_is_in_effect() -> None:
    lab = Lab()
    lab.cluster.alter_topic("orders", "min.insync.replicas", "3")
    lab.cluster.alter_topic("orders", "min.insync.replicas", None)
    lab.cluster.alter_broker(2, "message.max.bytes", "9")
    lab.cluster.alter_broker(None, "message.max.bytes", "99")

    assert [event[1:] for event in lab.events(SettingAltered)] == [
        ("topic orders", "min.insync.replicas", "3"),
        ("topic orders", "min.insync.replicas", None),
        ("b2", "message.max.bytes", "9"),
        ("brokers", "message.max.bytes", "99"),
    ]
    assert [event[1:] for event in lab.events(TopicReconfigured)] == [
        ("orders", 3, "CreateTime", 1_048_588, False),
        ("orders", 1, "CreateTime", 1_048_588, False),
        ("orders", 1, "CreateTime", 99, False),
    ]
    assert lab.events(LeaderElected)[1:] == []
