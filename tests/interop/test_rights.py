"""Rights at Apache Kafka's authorizer and at ours: the same script of requests, and rules that nobody chose."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from producer.wire.messages.operations import OPERATIONS_UNKNOWN
from sim.cluster.authorizer_properties import STANDARD
from sim.cluster.security.acls.acl import Acl
from sim.cluster.security.acls.authorizer import Authorizer
from sim.cluster.security.acls.index import AclIndex
from sim.cluster.security.acls.kinds import CLUSTER_NAME, Operation, Pattern, Permission, ResourceKind, operations_of
from sim.cluster.security.acls.settings import AuthorizerSettings
from sim.serve.server import Serving
from sim.serve.stage import Stage
from tests.conformance.cases.more_rights import grant, revoke, rule
from tests.conformance.cases.security import login
from tests.conformance.suite.case import Case, all_cases
from tests.conformance.suite.check import compare_case
from tests.conformance.suite.context import Context
from tests.conformance.suite.run import beside_recording, compared_virtually, known_brokers, recorded, warm
from tests.conformance.suite.tcp import TcpWire
from tests.interop.apache_kafka import ApacheKafka
from tests.interop.secure_kafka import secure_kafka
from tests.serve.served import Served

CASES = [one for one in all_cases() if one.area == "more_rights"]
TOPIC, GROUP, CLUSTER = ResourceKind.TOPIC, ResourceKind.GROUP, ResourceKind.CLUSTER
ROUNDS = 40
NO_TOPIC, UNKNOWN_TOPIC, NO_GROUP, NO_CLUSTER = 29, 3, 30, 31
ALICE, HERE = "User:alice", "127.0.0.1"


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApacheKafka]:
    """One of its own, that makes topics which are asked for, as the recorded one did."""
    kafka = secure_kafka(tmp_path_factory.mktemp("rights-kafka"))
    kafka.properties = {**kafka.properties, "auto.create.topics.enable": "true"}
    with kafka:
        yield kafka


def wire_to(secure: ApacheKafka) -> TcpWire:
    return TcpWire(secure.bootstrap, secure.bootstrap_of("SASL_PLAINTEXT"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_same_script_is_answered_alike_with_each_right_and_without_it(secure: ApacheKafka, case: Case) -> None:
    wire = wire_to(secure)
    brokers = known_brokers(wire)
    warm(wire, brokers)
    token = f"{wire.calendar_ms() % 0xFFFFFF:06x}{CASES.index(case):04d}"

    theirs = recorded(case, wire, brokers, token=token)
    ours = compared_virtually(case).steps

    assert compare_case(theirs, ours, strict=False)[1] == []


def test_a_served_cluster_answers_the_script_over_tcp_as_was_recorded(tmp_path: Path) -> None:
    settings = {
        "authorizer.class.name": STANDARD,
        "super.users": "User:admin;User:ANONYMOUS",
        "allow.everyone.if.no.acl.found": "false",
        "group.initial.rebalance.delay.ms": "0",
    }
    stage = Stage(brokers=1, is_secure=True, settings=tuple(settings.items()))
    with Served(stage, Serving(port=0, certificates=tmp_path / "certificates")) as cluster:
        wire = TcpWire(cluster.bootstrap, cluster.server.bootstraps["SASL_PLAINTEXT"])
        brokers = known_brokers(wire)
        warm(wire, brokers)
        compared = [
            beside_recording(case, recorded(case, wire, brokers, token=f"a1b2c3{number:04d}"))
            for number, case in enumerate(CASES)
        ]

    assert {one.case.path: one.differences for one in compared if not one.is_equal} == {}


def drawn(chance: random.Random, words: list[str]) -> Acl:
    """A rule about a few names that begin alike."""
    kind = chance.choice([TOPIC, TOPIC, GROUP, CLUSTER])
    name = CLUSTER_NAME if kind is CLUSTER else chance.choice([*words, "*"])
    return Acl(
        kind,
        name,
        Pattern.LITERAL if kind is CLUSTER else chance.choice([Pattern.LITERAL, Pattern.PREFIXED]),
        chance.choice([ALICE, ALICE, "User:*", "User:bob"]),
        chance.choice(["*", "*", HERE, "10.0.0.1"]),
        chance.choice([Operation.ALL, *operations_of(kind)]),
        chance.choice([Permission.ALLOW, Permission.ALLOW, Permission.DENY]),
    )


def as_rule(acl: Acl) -> Any:
    return rule(
        (int(acl.kind), int(acl.operation), acl.name),
        pattern=int(acl.pattern),
        permission=int(acl.permission),
        principal=acl.principal,
        host=acl.host,
    )


def told(alice: Any, words: list[str]) -> dict[str, Any]:
    """What she may do, as answers say it."""
    topics = alice.quiet(
        "metadata",
        12,
        topics=[{"name": word} for word in words],
        allow_auto_topic_creation=False,
        include_topic_authorized_operations=True,
    )["topics"]
    groups = alice.quiet("describe_groups", 5, groups=words, include_authorized_operations=True)["groups"]
    cluster = alice.quiet("describe_cluster", 1, include_cluster_authorized_operations=True)
    given = alice.quiet(
        "init_producer_id", 4, transactional_id=None, transaction_timeout=60000, producer_id=-1, producer_epoch=-1
    )
    return {
        "topics": {one["name"]: (one["error_code"], one["topic_authorized_operations"]) for one in topics},
        "groups": {one["group_id"]: (one["error_code"], one["authorized_operations"]) for one in groups},
        "cluster": cluster["cluster_authorized_operations"],
        "may have an id": given["error_code"] != NO_CLUSTER,
    }


def expected(acls: list[Acl], words: list[str]) -> dict[str, Any]:
    """What our authorizer says of the same rules."""
    one = Authorizer(AuthorizerSettings(), AclIndex((bytes([number]), acl) for number, acl in enumerate(acls)))
    who = (ALICE, HERE)

    def of(kind: ResourceKind, name: str, refused: int, allowed: int) -> tuple[int, int]:
        if not one.allows(*who, Operation.DESCRIBE, kind, name):
            return refused, OPERATIONS_UNKNOWN
        return allowed, one.operations(*who, kind, name)

    may_describe = one.allows(*who, Operation.DESCRIBE, CLUSTER, CLUSTER_NAME)
    return {
        "topics": {word: of(TOPIC, word, NO_TOPIC, UNKNOWN_TOPIC) for word in words},
        "groups": {word: of(GROUP, word, NO_GROUP, 0) for word in words},
        "cluster": one.operations(*who, CLUSTER, CLUSTER_NAME) if may_describe else 0,
        "may have an id": one.allows(*who, Operation.IDEMPOTENT_WRITE, CLUSTER, CLUSTER_NAME)
        or one.allows_some(*who, Operation.WRITE, TOPIC),
    }


def test_drawn_rules_decide_alike(secure: ApacheKafka) -> None:
    wire = wire_to(secure)
    context = Context(wire, known_brokers(wire), "drawn")
    base = f"d{wire.calendar_ms() % 0xFFFFFF:06x}"
    words = [base + end for end in ("", "a", "ab", "abc", "b", "ba")]
    try:
        for seed in range(ROUNDS):
            chance = random.Random(seed)
            acls = list(dict.fromkeys(drawn(chance, words) for _ in range(chance.randint(1, 12))))
            rules = [as_rule(acl) for acl in acls]
            grant(context, *rules)
            try:
                assert told(login(context), words) == expected(acls, words), f"seed {seed}: {acls}"
            finally:
                revoke(context, *rules)
    finally:
        context.close()
