"""DescribeConfigs, IncrementalAlterConfigs, AlterConfigs: what is told, what is refused where, what takes effect. Asked of Apache Kafka 4.3.1."""

from __future__ import annotations

from typing import Any

import pytest

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages import alter_configs, incremental_alter_configs
from producer.wire.messages.describe_configs import DescribeConfigsRequest, DescribeConfigsResource
from producer.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from sim.cluster.config_resources import ResourceType
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import IsrChanged, SettingAltered, TopicReconfigured
from tests.unit.sim.raw_client import ORDERS, Lab

TOPIC, BROKER, LOGGER, METRICS, GROUP = ResourceType
SET, DELETE, APPEND, SUBTRACT = range(4)


def described(
    lab: Lab, kind: int, name: str, *keys: str, broker: int = 1, synonyms: bool = False, docs: bool = False
) -> Any:
    resource = DescribeConfigsResource(kind, name, keys or None)
    request = DescribeConfigsRequest((resource,), synonyms, docs)
    return lab.client.connect(broker).call(ApiKey.DESCRIBE_CONFIGS, request).results[0]


def values(result: Any) -> dict[str, tuple[str | None, int]]:
    return {one.name: (one.value, one.config_source) for one in result.configs}


def alter(lab: Lab, kind: int, name: str, *changes: tuple[str, int, str | None], **how: Any) -> int:
    """Change one resource, and let every broker hear of it."""
    return alter_all(lab, (kind, name, changes), **how)[0]


def alter_all(lab: Lab, *resources: tuple[int, str, tuple[tuple[str, int, str | None], ...]], **how: Any) -> list[int]:
    asked = tuple(
        incremental_alter_configs.AlterConfigsResource(
            kind, name, tuple(incremental_alter_configs.AlterableConfig(*change) for change in changes)
        )
        for kind, name, changes in resources
    )
    request = incremental_alter_configs.IncrementalAlterConfigsRequest(asked, **how)
    answer = lab.client.connect(1).call(ApiKey.INCREMENTAL_ALTER_CONFIGS, request)
    lab.run(0.1)
    return [one.error_code for one in answer.responses]


def replace_all(lab: Lab, kind: int, name: str, *configs: tuple[str, str | None], **how: Any) -> int:
    given = tuple(alter_configs.AlterableConfig(*one) for one in configs)
    request = alter_configs.AlterConfigsRequest((alter_configs.AlterConfigsResource(kind, name, given),), **how)
    answer = lab.client.connect(1).call(ApiKey.ALTER_CONFIGS, request)
    lab.run(0.1)
    code: int = answer.responses[0].error_code
    return code


# -- told --------------------------------------------------------------------------------------------------------------


def test_a_topic_tells_every_setting_and_only_what_was_asked_for() -> None:
    lab = Lab()

    assert len(described(lab, TOPIC, "orders").configs) == 33
    assert values(described(lab, TOPIC, "orders", "retention.ms", "nonsense", "min.insync.replicas")) == {
        "min.insync.replicas": ("2", 1),
        "retention.ms": ("604800000", 5),
    }


def test_the_values_behind_the_one_in_effect_are_told_in_their_order() -> None:
    lab = Lab()
    alter(lab, BROKER, "", ("message.max.bytes", SET, "3000000"))
    alter(lab, BROKER, "1", ("message.max.bytes", SET, "2000000"))
    alter(lab, TOPIC, "orders", ("max.message.bytes", SET, "1000000"))

    (found,) = described(lab, TOPIC, "orders", "max.message.bytes", synonyms=True).configs
    (elsewhere,) = described(lab, TOPIC, "orders", "max.message.bytes", synonyms=True, broker=2).configs

    assert [tuple(one) for one in found.synonyms] == [
        ("max.message.bytes", "1000000", 1),
        ("message.max.bytes", "2000000", 2),
        ("message.max.bytes", "3000000", 3),
        ("message.max.bytes", "1048588", 5),
    ]
    assert [one.source for one in elsewhere.synonyms] == [1, 3, 5]
    assert (found.config_type, found.read_only, found.documentation) == (3, False, None)


def test_a_broker_tells_what_it_was_started_with_what_was_set_and_kafkas_defaults() -> None:
    lab = Lab(replica_lag_time_max_us=5_000_000)
    alter(lab, BROKER, "1", ("num.io.threads", SET, "9"), ("nonsense", SET, "secret"))

    told = {one.name: one for one in described(lab, BROKER, "1").configs}

    assert len(told) == 341
    assert [(told[name].value, told[name].config_source, told[name].read_only) for name in (
        "node.id", "replica.lag.time.max.ms", "num.io.threads", "num.network.threads", "log.retention.ms"
    )] == [("1", 4, True), ("5000", 4, True), ("9", 2, False), ("3", 5, False), (None, 5, False)]  # fmt: skip
    assert (told["nonsense"].value, told["nonsense"].is_sensitive) == (None, True)
    assert told["ssl.keystore.password"].is_sensitive


def test_what_holds_for_all_brokers_is_what_was_set_for_all_of_them() -> None:
    lab = Lab()
    alter(lab, BROKER, "", ("message.max.bytes", SET, "7"))

    assert values(described(lab, BROKER, "")) == {"message.max.bytes": ("7", 3), "min.insync.replicas": ("1", 3)}
    assert values(described(Lab(eligible_leader_replicas=False), BROKER, "")) == {}


def test_every_setting_of_a_topic_has_a_documentation_on_request() -> None:
    configs = described(Lab(), TOPIC, "orders", docs=True).configs

    assert all(one.documentation for one in configs)


@pytest.mark.parametrize(
    "kind, name, code",
    [
        (TOPIC, "absent", Code.UNKNOWN_TOPIC_OR_PARTITION),
        (TOPIC, "a b", Code.INVALID_TOPIC_EXCEPTION),
        (TOPIC, "", Code.INVALID_TOPIC_EXCEPTION),
        (BROKER, "2", Code.INVALID_REQUEST),
        (BROKER, "x", Code.INVALID_REQUEST),
        (BROKER, "-1", Code.INVALID_REQUEST),
        (LOGGER, "1", Code.NONE),
        (LOGGER, "2", Code.INVALID_REQUEST),
        (LOGGER, "", Code.INVALID_REQUEST),
        (METRICS, "m", Code.NONE),
        (METRICS, "", Code.INVALID_REQUEST),
        (GROUP, "g", Code.NONE),
        (GROUP, "", Code.INVALID_REQUEST),
        (3, "x", Code.INVALID_REQUEST),
    ],
)
def test_a_broker_tells_of_topics_and_of_itself(kind: int, name: str, code: Code) -> None:
    result = described(Lab(), kind, name)

    assert (result.error_code, result.resource_type, result.resource_name) == (code, kind, name)


# -- altered -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes, code, value",
    [
        ((("retention.ms", SET, "5"),), Code.NONE, ("5", 1)),
        ((("retention.ms", DELETE, None),), Code.NONE, ("604800000", 5)),
        ((("nonsense", DELETE, None),), Code.NONE, ("604800000", 5)),
        ((), Code.NONE, ("604800000", 5)),
        ((("retention.ms", SET, None),), Code.INVALID_REQUEST, ("604800000", 5)),
        ((("retention.ms", SET, "x"),), Code.INVALID_CONFIG, ("604800000", 5)),
        ((("retention.ms", APPEND, "1"),), Code.INVALID_CONFIG, ("604800000", 5)),
        ((("retention.ms", 9, "1"),), Code.UNKNOWN_SERVER_ERROR, ("604800000", 5)),
        ((("nonsense", SET, "1"),), Code.INVALID_CONFIG, ("604800000", 5)),
        ((("retention.ms", SET, "1"), ("retention.ms", SET, "2")), Code.INVALID_REQUEST, ("604800000", 5)),
        ((("retention.ms", SET, "8"), ("cleanup.policy", SET, "x")), Code.INVALID_CONFIG, ("604800000", 5)),
    ],
)
def test_a_topics_settings_change_all_together_or_not_at_all(changes: Any, code: Code, value: tuple[str, int]) -> None:
    lab = Lab()

    assert alter(lab, TOPIC, "orders", *changes) == code
    assert values(described(lab, TOPIC, "orders", "retention.ms"))["retention.ms"] == value


def test_lists_grow_and_shrink_from_what_holds_by_default() -> None:
    lab = Lab()

    def after(operation: int, word: str) -> str | None:
        assert alter(lab, TOPIC, "orders", ("cleanup.policy", operation, word)) == Code.NONE
        return values(described(lab, TOPIC, "orders", "cleanup.policy"))["cleanup.policy"][0]

    assert after(APPEND, "compact") == "delete,compact"
    assert after(APPEND, "compact") == "delete,compact"
    assert after(SUBTRACT, "delete") == "compact"
    assert after(SUBTRACT, "delete") == "compact"
    assert after(SUBTRACT, "compact") == ""


@pytest.mark.parametrize(
    "name, change, code",
    [
        ("1", ("message.max.bytes", SET, "2000000"), Code.NONE),
        ("", ("message.max.bytes", SET, "2000000"), Code.NONE),
        ("1", ("nonsense", SET, "1"), Code.NONE),
        ("2", ("message.max.bytes", SET, "1"), Code.INVALID_REQUEST),
        ("x", ("message.max.bytes", SET, "1"), Code.INVALID_REQUEST),
        ("1", ("message.max.bytes", SET, "-1"), Code.INVALID_REQUEST),
        ("1", ("message.max.bytes", 9, "1"), Code.INVALID_REQUEST),
        ("1", ("message.max.bytes", APPEND, "1"), Code.INVALID_CONFIG),
        ("1", ("num.partitions", SET, "2"), Code.INVALID_REQUEST),
        ("1", ("num.partitions", DELETE, None), Code.NONE),
        ("1", ("ssl.keystore.password", SET, "x"), Code.INVALID_REQUEST),
        ("1", ("listeners", SET, "x"), Code.INVALID_REQUEST),
        ("1", ("min.insync.replicas", SET, "1"), Code.INVALID_CONFIG),
        ("", ("min.insync.replicas", DELETE, None), Code.INVALID_CONFIG),
        ("", ("min.insync.replicas", SET, "2"), Code.NONE),
        ("1", ("num.io.threads", SET, "16"), Code.NONE),
        ("", ("num.io.threads", SET, "4"), Code.NONE),
        ("1", ("num.io.threads", SET, "17"), Code.INVALID_REQUEST),
        ("", ("num.io.threads", SET, "3"), Code.INVALID_REQUEST),
    ],
)
def test_a_brokers_settings_are_looked_at_by_the_broker_and_by_the_controller(
    name: str, change: Any, code: Code
) -> None:
    lab = Lab()

    assert alter(lab, BROKER, name, change) == code
    assert bool(lab.events(SettingAltered)) is (code is Code.NONE and change[1] == SET)


def test_resources_are_decided_each_for_itself_and_answered_in_the_order_of_the_request() -> None:
    lab = Lab()
    five = (("retention.ms", SET, "5"),)

    codes = alter_all(
        lab, (3, "x", ()), (TOPIC, "orders", five), (BROKER, "9", ()), (TOPIC, "absent", five), (LOGGER, "1", ()),
        (LOGGER, "1x", ()), (GROUP, "g", five), (TOPIC, "", five), (TOPIC, "a b", five),
    )  # fmt: skip

    assert codes == [
        Code.INVALID_REQUEST, Code.NONE, Code.INVALID_REQUEST, Code.UNKNOWN_TOPIC_OR_PARTITION, Code.NONE,
        Code.INVALID_REQUEST, Code.INVALID_CONFIG, Code.INVALID_REQUEST, Code.INVALID_TOPIC_EXCEPTION,
    ]  # fmt: skip


def test_a_resource_that_is_named_twice_is_refused_twice() -> None:
    lab = Lab()

    assert alter_all(lab, (TOPIC, "orders", ()), (TOPIC, "orders", ())) == [Code.INVALID_REQUEST] * 2
    assert alter(lab, LOGGER, "1", ("root", SET, "WARN")) == Code.INVALID_CONFIG


def test_only_validated_nothing_changes() -> None:
    lab = Lab()

    assert alter(lab, TOPIC, "orders", ("retention.ms", SET, "5"), validate_only=True) == Code.NONE
    assert alter(lab, TOPIC, "orders", ("retention.ms", SET, "x"), validate_only=True) == Code.INVALID_CONFIG
    assert replace_all(lab, TOPIC, "orders", validate_only=True) == Code.NONE
    assert lab.events(SettingAltered) == []


def test_all_settings_anew_let_go_what_is_not_named() -> None:
    lab = Lab(TopicConfig("orders", min_insync_replicas=1))
    alter(lab, TOPIC, "orders", ("retention.ms", SET, "5"))

    assert replace_all(lab, TOPIC, "orders", ("cleanup.policy", "compact")) == Code.NONE
    assert values(described(lab, TOPIC, "orders", "cleanup.policy", "retention.ms")) == {
        "cleanup.policy": ("compact", 1),
        "retention.ms": ("604800000", 5),
    }
    assert replace_all(lab, TOPIC, "orders", ("retention.ms", None)) == Code.INVALID_REQUEST
    assert replace_all(lab, LOGGER, "1") == Code.INVALID_REQUEST
    assert replace_all(lab, BROKER, "") == Code.INVALID_CONFIG


@pytest.mark.parametrize(
    "kind, change, code",
    [
        (GROUP, ("consumer.session.timeout.ms", SET, "50000"), Code.NONE),
        (GROUP, ("consumer.session.timeout.ms", SET, "44999"), Code.INVALID_CONFIG),
        (GROUP, ("consumer.session.timeout.ms", SET, "60001"), Code.INVALID_CONFIG),
        (GROUP, ("consumer.session.timeout.ms", APPEND, "1"), Code.INVALID_CONFIG),
        (GROUP, ("share.auto.offset.reset", SET, "by_duration:PT1H"), Code.NONE),
        (GROUP, ("share.auto.offset.reset", SET, "soon"), Code.INVALID_CONFIG),
        (GROUP, ("nonsense", SET, "1"), Code.INVALID_CONFIG),
        (METRICS, ("metrics", APPEND, "org.apache."), Code.NONE),
        (METRICS, ("interval.ms", SET, "99"), Code.INVALID_REQUEST),
        (METRICS, ("interval.ms", SET, "x"), Code.INVALID_CONFIG),
        (METRICS, ("match", SET, "client_id=app.*,client_software_name=conf"), Code.NONE),
        (METRICS, ("match", SET, "client_id=("), Code.INVALID_CONFIG),
        (METRICS, ("match", SET, "colour=red"), Code.INVALID_CONFIG),
        (METRICS, ("nonsense", SET, "1"), Code.INVALID_REQUEST),
    ],
)
def test_groups_and_client_metrics_have_settings_of_their_own(kind: int, change: Any, code: Code) -> None:
    lab = Lab()

    assert alter(lab, kind, "mine", change) == code
    assert alter(lab, kind, "", change) != Code.NONE
    told = values(described(lab, kind, "mine"))
    assert (told.get(change[0], ("", 0))[0] == change[2]) is (code is Code.NONE)
    assert alter(lab, kind, "mine", (change[0], DELETE, None)) == Code.NONE
    assert values(described(lab, kind, "mine")) == values(described(lab, kind, "another"))


def test_what_the_simulation_heeds_takes_effect_at_once_and_is_told() -> None:
    lab = Lab()

    alter(lab, TOPIC, "orders", ("max.message.bytes", SET, "100"))

    assert lab.client.produce(b"x" * 200).error_code == Code.MESSAGE_TOO_LARGE
    assert lab.events(TopicReconfigured)[-1].max_message_bytes == 100


def eligible(lab: Lab) -> tuple[int, ...]:
    return lab.cluster.controller.metadata.partitions[ORDERS].eligible_leader_replicas


def test_another_min_insync_replicas_forgets_who_was_eligible_by_the_old_one() -> None:
    lab = Lab()
    for broker in (3, 2):
        lab.cluster.crash(broker)
        lab.run(12)
    assert eligible(lab) == (2,)

    alter(lab, TOPIC, "orders", ("min.insync.replicas", SET, "3"))

    assert eligible(lab) == ()
    assert lab.events(IsrChanged)


def test_settings_outlive_a_restart_of_the_broker_and_of_the_controller() -> None:
    lab = Lab()
    alter(lab, TOPIC, "orders", ("retention.ms", SET, "5"))
    lab.cluster.crash(1)
    lab.cluster.quorum.crash("controller")
    lab.cluster.quorum.restart("controller")
    lab.run(12)
    lab.cluster.restart(1)
    lab.settle()

    assert values(described(lab, TOPIC, "orders", "retention.ms")) == {"retention.ms": ("5", 1)}


def test_what_may_be_done_is_told_in_metadata_on_request() -> None:
    lab = Lab()
    topics = (MetadataRequestTopic(name="orders"), MetadataRequestTopic(name="absent"))
    request = MetadataRequest(topics, include_topic_authorized_operations=True)

    answer = lab.client.connect(1).call(ApiKey.METADATA, request)
    older = lab.client.connect(1).call(
        ApiKey.METADATA, request._replace(include_cluster_authorized_operations=True), 10
    )

    assert [topic.topic_authorized_operations for topic in answer.topics] == [3576, 3576]
    assert older.cluster_authorized_operations == 8096
