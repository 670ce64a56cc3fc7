"""`grant`, `deny` and `revoke` in the middle of things: what is asked afterwards is decided by what brokers have heard by then."""

import pytest

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from producer.wire.messages.produce import ProducePartition, ProduceRequest, ProduceTopic
from producer.wire.record_batch import encode_batch
from sim.cluster.config import ClusterConfig
from sim.cluster.security.acls.acl import Acl
from sim.cluster.security.acls.kinds import Operation, Pattern, Permission, ResourceKind
from sim.cluster.security.acls.settings import AuthorizerSettings
from sim.cluster.security.acls.text import acl_text, parse_acl
from sim.faults import FaultTextError, Grant, parse_fault
from sim.trace.events import AclCreated, AclDeleted
from tests.unit.sim.cluster.security.rights_lab import RightsLab
from tests.unit.sim.raw_client import Lab

MAY_WRITE = "grant User:ANONYMOUS WRITE topic ord* from shop"


def written(lab: RightsLab) -> int:
    """Write from `shop`, and give the code."""
    parts = (ProducePartition(0, encode_batch([(None, b"v", (), 1_000)])),)
    answer = lab.ask(ApiKey.PRODUCE, ProduceRequest(None, 1, 1_000, (ProduceTopic("orders", bytes(16), parts),)), 12)
    return int(answer.responses[0].partition_responses[0].error_code)


def strike(lab: RightsLab, line: str) -> None:
    parse_fault(line).inject(lab.cluster)
    lab.run(0.1)


def test_right_comes_and_goes() -> None:
    lab = RightsLab()
    assert written(lab) == Code.TOPIC_AUTHORIZATION_FAILED

    strike(lab, MAY_WRITE)
    assert written(lab) == Code.NONE

    strike(lab, "revoke User:ANONYMOUS WRITE topic ord* from shop")
    assert written(lab) == Code.TOPIC_AUTHORIZATION_FAILED
    assert [len(lab.events(kind)) for kind in (AclCreated, AclDeleted)] == [1, 1]


def test_denial_of_one_name_comes_before_the_grant_of_its_prefix_until_it_is_revoked() -> None:
    lab = RightsLab()
    strike(lab, MAY_WRITE)

    strike(lab, "deny User:* WRITE topic orders from shop")
    assert written(lab) == Code.TOPIC_AUTHORIZATION_FAILED

    strike(lab, "revoke User:* WRITE topic orders from shop")
    assert written(lab) == Code.NONE


def test_broker_that_has_not_heard_of_a_revocation_goes_on_taking_records() -> None:
    lab = RightsLab(brokers=3)
    strike(lab, MAY_WRITE)
    lab.cluster.network.cut("controller", "b1")

    strike(lab, "revoke User:ANONYMOUS WRITE topic ord* from shop")

    assert written(lab) == Code.NONE
    lab.cluster.network.open_all()
    lab.run(5)
    assert written(lab) == Code.TOPIC_AUTHORIZATION_FAILED


def test_what_is_there_already_is_refused_and_so_is_what_is_not_there() -> None:
    lab = RightsLab()
    strike(lab, MAY_WRITE)

    with pytest.raises(ValueError, match="already"):
        strike(lab, MAY_WRITE)
    with pytest.raises(ValueError, match="no such rule"):
        strike(lab, "revoke User:ANONYMOUS WRITE topic orders from shop")


def test_rights_are_no_matter_where_there_is_no_authorizer() -> None:
    grant = Grant("User:shop", "WRITE", "topic", "orders")

    assert "no authorizer" in grant.refusal(ClusterConfig())
    assert not grant.refusal(ClusterConfig(authorizer=AuthorizerSettings()))


def test_answer_that_was_kept_is_nobody_elses() -> None:
    # Metadata is kept encoded: what one may see must not be told to the other, nor after his right is gone.
    lab = RightsLab()
    asked = MetadataRequest((MetadataRequestTopic(name="orders"),), include_topic_authorized_operations=True)

    def seen(by: str) -> tuple[int, int]:
        ask = lab.ask if by == "shop" else lab.command
        topic = ask(ApiKey.METADATA, asked).topics[0]
        return topic.error_code, topic.topic_authorized_operations

    every = 0b1101_1111_1000
    unknown = -(2**31)
    assert (seen("admin"), seen("shop")) == ((0, every), (Code.TOPIC_AUTHORIZATION_FAILED, unknown))
    strike(lab, MAY_WRITE)
    write_and_describe = 1 << Operation.WRITE | 1 << Operation.DESCRIBE
    assert (seen("admin"), seen("shop")) == ((0, every), (0, write_and_describe))
    strike(lab, "revoke User:ANONYMOUS WRITE topic ord* from shop")
    assert (seen("admin"), seen("shop")) == ((0, every), (Code.TOPIC_AUTHORIZATION_FAILED, unknown))


def test_without_an_authorizer_everybody_may_everything() -> None:
    topic = MetadataRequest((MetadataRequestTopic(name="orders"),), include_topic_authorized_operations=True)

    answer = Lab().client.connect(1).call(ApiKey.METADATA, topic)

    assert answer.topics[0].topic_authorized_operations == 0b1101_1111_1000


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("grant shop WRITE topic orders", "expected it as in"),
        ("grant User:shop SHOUT topic orders", "'SHOUT' is no operation"),
        ("grant User:shop WRITE tipic orders", "'tipic' is no kind of resource"),
        ("grant User:shop ANY topic orders", "'ANY' is no operation"),
        ("deny User:shop WRITE topic", "expected it as in"),
    ],
)
def test_odd_line_is_refused_with_the_word_that_is_wrong(text: str, part: str) -> None:
    with pytest.raises(FaultTextError, match=part):
        parse_fault(text)


def test_rule_reads_back_as_it_is_written() -> None:
    prefixed = Acl(ResourceKind.TOPIC, "ord", Pattern.PREFIXED, "User:shop", "app", Operation.ALL, Permission.ALLOW)
    cluster = prefixed._replace(kind=ResourceKind.CLUSTER, name="kafka-cluster", pattern=Pattern.LITERAL, host="*")

    assert [parse_acl(acl_text(acl)) for acl in (prefixed, cluster)] == [prefixed, cluster]
    assert acl_text(prefixed) == "User:shop ALL topic ord* from app"
