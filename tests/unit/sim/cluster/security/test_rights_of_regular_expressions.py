"""Who reads by a regular expression is assigned what he may describe, and never hears of the rest."""

from producer.wire.api import ApiKey
from producer.wire.messages.consumer_group_heartbeat import ConsumerGroupHeartbeatRequest
from producer.wire.messages.find_coordinator import FindCoordinatorRequest
from sim.cluster.security.acls.acl import Acl
from sim.cluster.security.acls.kinds import Operation, ResourceKind
from sim.cluster.topic_config import TopicConfig
from tests.unit.sim.cluster.security.rights_lab import RightsLab, rule

TOPIC, GROUP = ResourceKind.TOPIC, ResourceKind.GROUP


def assigned(*rights: Acl) -> list[str]:
    """The topics that a member is given who wants `orders|secrets`."""
    lab = RightsLab(rule(GROUP, Operation.READ, "app"), *rights)
    for name in ("secrets", "payments"):
        lab.cluster.create_topic(TopicConfig(name, 1, 1))
    lab.command(ApiKey.FIND_COORDINATOR, FindCoordinatorRequest("", 0, ("app",)))
    lab.run(1)
    beat = ConsumerGroupHeartbeatRequest(
        "app", "m-1", 0, rebalance_timeout_ms=5_000, subscribed_topic_regex="orders|secrets", topic_partitions=()
    )
    answer = lab.ask(ApiKey.CONSUMER_GROUP_HEARTBEAT, beat)
    lab.run(1)
    answer = lab.ask(ApiKey.CONSUMER_GROUP_HEARTBEAT, beat._replace(member_epoch=answer.member_epoch))
    assert answer.error_code == 0
    names = {topic.topic_id: name for name, topic in lab.cluster.controller.metadata.topics.items()}
    return sorted(names[one.topic_id] for one in answer.assignment.topic_partitions)


def test_what_may_be_described_is_assigned() -> None:
    both = (rule(TOPIC, Operation.DESCRIBE, name) for name in ("orders", "secrets"))

    assert assigned(*both) == ["orders", "secrets"]


def test_what_may_not_be_described_is_not_matched() -> None:
    assert assigned(rule(TOPIC, Operation.READ, "orders")) == ["orders"]
    assert assigned() == []
