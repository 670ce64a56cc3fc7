"""Who is refused stands in the trace, once for each request; who is allowed by something else, or not told so, does not."""

from __future__ import annotations

from producer.wire.api import ApiKey
from producer.wire.messages.create_topics import CreatableTopic, CreateTopicsRequest
from producer.wire.messages.init_producer_id import InitProducerIdRequest
from producer.wire.messages.list_groups import ListGroupsRequest
from producer.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from producer.wire.messages.produce import ProducePartition, ProduceRequest, ProduceTopic
from producer.wire.record_batch import encode_batch
from sim.cluster.security.acls.kinds import Operation, ResourceKind
from sim.cluster.topic_config import TopicConfig
from sim.judges.report.telling import sentence
from sim.trace.events import AuthorizationRefused, AuthorizerBegan, QuotaBegan
from tests.unit.sim.cluster.security.rights_lab import RightsLab, rule
from tests.unit.sim.raw_client import Lab

PRODUCE = ProduceRequest(
    None,
    1,
    1_000,
    (ProduceTopic("orders", bytes(16), (ProducePartition(0, encode_batch([(None, b"v", (), 1_000)])),)),),
)


def refusals(lab: Lab) -> list[tuple[object, ...]]:
    return [tuple(event[1:]) for event in lab.events(AuthorizationRefused)]


def test_a_refused_write_names_who_asked_for_what_and_at_whom() -> None:
    lab = RightsLab()

    lab.ask(ApiKey.PRODUCE, PRODUCE, 12)

    assert refusals(lab) == [(1, "Produce", "shop", "raw", "User:ANONYMOUS", "WRITE", "TOPIC", "orders")]
    said = sentence(lab.events(AuthorizationRefused)[0])
    assert said == "b1 refuses User:ANONYMOUS from shop (Produce): it may not WRITE topic orders"


def test_who_may_is_told_of_nowhere() -> None:
    lab = RightsLab(rule(ResourceKind.TOPIC, Operation.WRITE, "orders"))

    lab.ask(ApiKey.PRODUCE, PRODUCE, 12)

    assert refusals(lab) == []


def test_what_the_controller_refuses_names_the_broker_that_was_asked() -> None:
    lab = RightsLab()

    lab.ask(ApiKey.CREATE_TOPICS, CreateTopicsRequest((CreatableTopic("mine", 1, 1),), 1_000))

    assert refusals(lab) == [(1, "CreateTopics", "shop", "raw", "User:ANONYMOUS", "CREATE", "TOPIC", "mine")]


def test_the_right_to_some_topic_is_asked_for_once() -> None:
    lab = RightsLab()

    lab.ask(ApiKey.INIT_PRODUCER_ID, InitProducerIdRequest(None, 60_000))

    assert [one[-3:] for one in refusals(lab)] == [("WRITE", "TOPIC", "*")]
    assert sentence(lab.events(AuthorizationRefused)[0]).endswith("it may not WRITE any topic")


def test_what_an_answer_only_leaves_out_is_no_refusal() -> None:
    lab = RightsLab()

    lab.ask(ApiKey.LIST_GROUPS, ListGroupsRequest())
    lab.ask(ApiKey.METADATA, MetadataRequest(None))

    assert refusals(lab) == []


def test_a_topic_that_is_asked_for_by_its_name_is_refused() -> None:
    lab = RightsLab()

    lab.ask(ApiKey.METADATA, MetadataRequest((MetadataRequestTopic(bytes(16), "orders"),)))

    assert [one[-3:] for one in refusals(lab)] == [("DESCRIBE", "TOPIC", "orders")]


def test_a_new_cluster_says_its_rules() -> None:
    lab = RightsLab(rule(ResourceKind.TOPIC, Operation.WRITE, "orders"))

    (began,) = lab.events(AuthorizerBegan)
    assert began.rules[-1] == ("TOPIC", "orders", "LITERAL", "User:ANONYMOUS", "shop", "WRITE", "ALLOW")
    assert sentence(began) == "brokers look at who may do what: 9 rules, what no rule allows is refused"


def test_a_cluster_without_either_says_nothing() -> None:
    lab = Lab(TopicConfig("orders", 1, 1), brokers=1)

    assert lab.events(AuthorizerBegan) == []
    assert lab.events(QuotaBegan) == []
