"""DescribeAcls, CreateAcls, DeleteAcls: what is refused, what is no change, and what another controller still knows."""

import pytest

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.create_acls import AclCreation, CreateAclsRequest
from producer.wire.messages.delete_acls import DeleteAclsFilter, DeleteAclsRequest
from producer.wire.messages.describe_acls import DescribeAclsRequest
from producer.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from sim.cluster.security.acls.acl import Acl
from sim.cluster.security.acls.kinds import Operation, Pattern, Permission, ResourceKind
from sim.trace.events import AclCreated, AclDeleted, ControllerElected
from tests.unit.sim.cluster.security.rights_lab import RightsLab, rule
from tests.unit.sim.raw_client import Lab

TOPIC = ResourceKind.TOPIC
WRITE = Acl(TOPIC, "orders", Pattern.LITERAL, "User:shop", "*", Operation.WRITE, Permission.ALLOW)
OF_SHOP = DescribeAclsRequest(1, None, 1, "User:shop", None, 1, 1)


def found(lab: RightsLab, wanted: DescribeAclsRequest = OF_SHOP, *, broker: int = 1) -> list[tuple[object, ...]]:
    answer = lab.command(ApiKey.DESCRIBE_ACLS, wanted, broker=broker)
    assert answer.error_code == 0
    return [
        (one.resource_type, one.resource_name, one.pattern_type, *acl) for one in answer.resources for acl in one.acls
    ]


def deleted(lab: RightsLab, *filters: DeleteAclsFilter) -> list[list[int]]:
    answer = lab.command(ApiKey.DELETE_ACLS, DeleteAclsRequest(filters))
    lab.run(0.1)
    return [[one.error_code, len(one.matching_acls)] for one in answer.filter_results]


def test_without_an_authorizer_there_are_no_rules_to_speak_of() -> None:
    connection = Lab().client.connect(1)

    described = connection.call(ApiKey.DESCRIBE_ACLS, OF_SHOP)
    created = connection.call(ApiKey.CREATE_ACLS, CreateAclsRequest((AclCreation(*WRITE), AclCreation(*WRITE))))
    gone = connection.call(ApiKey.DELETE_ACLS, DeleteAclsRequest((DeleteAclsFilter(*WRITE),)))

    assert described.error_code == Code.SECURITY_DISABLED
    assert [one.error_code for one in created.results] == [Code.SECURITY_DISABLED] * 2
    assert [one.error_code for one in gone.filter_results] == [Code.SECURITY_DISABLED]
    assert "Authorizer" in described.error_message


def test_rule_that_was_created_is_described_until_it_is_deleted() -> None:
    lab = RightsLab()

    assert lab.create(WRITE) == [Code.NONE]
    assert found(lab) == [tuple(WRITE)]
    assert deleted(lab, DeleteAclsFilter(*WRITE)) == [[Code.NONE, 1]]
    assert found(lab) == []
    assert [event[1:] for event in lab.events(AclCreated)] == [event[1:] for event in lab.events(AclDeleted)]


def test_rule_that_holds_already_is_no_change() -> None:
    lab = RightsLab()
    lab.create(WRITE)
    offset = lab.cluster.controller.metadata.offset

    assert lab.create(WRITE, WRITE) == [Code.NONE, Code.NONE]

    assert lab.cluster.controller.metadata.offset == offset
    assert found(lab) == [tuple(WRITE)]
    assert len(lab.events(AclCreated)) == 1


def test_each_rule_is_refused_for_itself() -> None:
    lab = RightsLab()
    nameless, homeless = WRITE._replace(name=""), WRITE._replace(principal="shop")

    assert lab.create(nameless, WRITE, homeless) == [Code.INVALID_REQUEST, Code.NONE, Code.INVALID_REQUEST]
    assert found(lab) == [tuple(WRITE)]


def test_words_that_only_filters_know_spoil_the_whole_request() -> None:
    lab = RightsLab()

    assert lab.create(WRITE, WRITE._replace(operation=Operation.ANY)) == [Code.UNKNOWN_SERVER_ERROR] * 2
    assert found(lab) == []


@pytest.mark.parametrize("key", [ApiKey.CREATE_ACLS, ApiKey.DELETE_ACLS, ApiKey.DESCRIBE_ACLS])
def test_number_of_zero_ends_the_connection(key: ApiKey) -> None:
    lab = RightsLab()
    odd = WRITE._replace(operation=Operation.UNKNOWN)
    requests = {
        ApiKey.CREATE_ACLS: CreateAclsRequest((AclCreation(*odd),)),
        ApiKey.DELETE_ACLS: DeleteAclsRequest((DeleteAclsFilter(*odd),)),
        ApiKey.DESCRIBE_ACLS: DescribeAclsRequest(*odd),
    }
    connection = lab.admin.connect(1)

    assert connection.call(key, requests[key]) is None
    assert connection.closed is not None


def test_rule_that_two_filters_find_is_told_of_by_both_and_goes_once() -> None:
    lab = RightsLab()
    lab.create(WRITE, WRITE._replace(operation=Operation.READ))

    told = deleted(lab, DeleteAclsFilter(*WRITE), DeleteAclsFilter(1, None, 1, "User:shop", None, 1, 1))

    assert told == [[Code.NONE, 1], [Code.NONE, 2]]
    assert len(lab.events(AclDeleted)) == 2
    assert found(lab) == []


def test_unknown_words_of_a_filter_find_nothing_and_delete_nothing() -> None:
    lab = RightsLab()
    lab.create(WRITE)
    unknown = (9, None, 1, None, None, 1, 1)

    assert found(lab, DescribeAclsRequest(*unknown)) == []
    assert deleted(lab, DeleteAclsFilter(*unknown)) == [[Code.INVALID_REQUEST, 0]]
    assert found(lab) == [tuple(WRITE)]


def test_rules_outlive_the_controller_that_took_them_and_the_brokers_that_heard_of_them() -> None:
    lab = RightsLab(controllers=3)
    lab.create(WRITE)
    elected = len(lab.events(ControllerElected))
    lab.cluster.quorum.crash(lab.cluster.quorum.named("controller"))
    lab.run(10)
    assert len(lab.events(ControllerElected)) > elected

    assert lab.create(WRITE, WRITE._replace(name="payments")) == [Code.NONE, Code.NONE]
    lab.cluster.crash(2)
    lab.run(10)
    lab.cluster.restart(2)
    lab.run(15)

    assert [name for _, name, *_ in found(lab, broker=2)] == ["orders", "payments"]


def test_rule_of_the_first_day_that_was_deleted_stays_away_from_a_broker_that_starts_anew() -> None:
    lab = RightsLab(rule(TOPIC, Operation.DESCRIBE, "orders"), brokers=3)
    topics = MetadataRequest((MetadataRequestTopic(name="orders"),))

    def code() -> int:
        answer = lab.ask(ApiKey.METADATA, topics, broker=2)
        return int(answer.topics[0].error_code)

    assert code() == Code.NONE
    deleted(lab, DeleteAclsFilter(*rule(TOPIC, Operation.DESCRIBE, "orders")))
    lab.cluster.crash(2)
    lab.run(10)
    lab.cluster.restart(2)
    lab.run(15)

    assert code() == Code.TOPIC_AUTHORIZATION_FAILED


def test_broker_decides_by_what_it_has_heard() -> None:
    lab = RightsLab()
    topics = MetadataRequest((MetadataRequestTopic(name="orders"),))
    before = lab.ask(ApiKey.METADATA, topics).topics[0].error_code

    lab.create(rule(TOPIC, Operation.READ, "orders"))

    assert before == Code.TOPIC_AUTHORIZATION_FAILED
    assert lab.ask(ApiKey.METADATA, topics).topics[0].error_code == Code.NONE
