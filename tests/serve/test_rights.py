"""A served cluster with an authorizer: `acklab acl` changes its rules, and clients of any make are told what they may not do."""

from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import admin as foreign

from sim.cluster.authorizer_properties import STANDARD
from sim.cluster.broker_properties import started_with
from sim.cluster.config import ClusterConfig
from sim.serve.stage import Stage
from tests.cli.command import Told, run_process
from tests.serve.served import Served

ON = ("authorizer.class.name", STANDARD)
ADMIN, ANYBODY = ("super.users", "User:admin;User:ANONYMOUS"), "User:ANONYMOUS"

FOREIGN: Any = foreign
"""It takes None for whatever, and is not declared to."""
EVERY = FOREIGN.AclBindingFilter(
    FOREIGN.ResourceType.ANY,
    None,
    FOREIGN.ResourcePatternType.ANY,
    None,
    None,
    FOREIGN.AclOperation.ANY,
    FOREIGN.AclPermissionType.ANY,
)


def acl(served: Served, command: str, *words: str) -> Told:
    return run_process("acl", command, "-b", f"127.0.0.1:{served.address(1)[1]}", *words)


def test_rules_are_created_listed_compared_and_deleted(tmp_path: Path) -> None:
    rules = tmp_path / "rules.txt"
    rules.write_text("# who is who\nwriter User:shop orders-*  # the shop\nreader User:app orders-* group app-*\n")
    with Served(Stage(brokers=1, settings=(ON, ADMIN))) as served:
        before = acl(served, "diff", str(rules))
        made = acl(served, "create", "--file", str(rules), "deny User:shop WRITE topic orders-eu")
        after = acl(served, "diff", str(rules))
        gone = acl(served, "delete", "deny User:shop WRITE topic orders-eu", "allow User:nobody READ topic x")
        same = acl(served, "diff", str(rules))
        listed = acl(served, "list", "--topic", "orders-us", "--principal", "User:shop")

    assert before.status == 1
    assert len(before.out.splitlines()) == 6
    assert (made.status, made.out) == (0, "7 of 7 rules hold\n")
    assert (after.status, after.out) == (1, "- deny User:shop WRITE topic orders-eu\n")
    assert (gone.status, gone.out) == (1, "1 of 2 rules are gone\n")
    assert "there is no such rule: allow User:nobody READ topic x" in gone.err
    assert (same.status, same.out) == (0, "")
    assert listed.out.splitlines() == [
        f"allow User:shop {operation} topic orders-*" for operation in ("WRITE", "CREATE", "DESCRIBE")
    ]


def test_a_foreign_admin_client_sees_the_same_rules() -> None:
    with Served(Stage(brokers=1, settings=(ON, ADMIN))) as served:
        acl(served, "create", "allow User:shop WRITE topic orders-* from 10.0.0.1")
        admin = FOREIGN.AdminClient({"bootstrap.servers": served.bootstrap})
        (found,) = admin.describe_acls(EVERY).result(timeout=30)

    assert (found.name, found.principal, found.host, found.operation) == (
        "orders-",
        "User:shop",
        "10.0.0.1",
        FOREIGN.AclOperation.WRITE,
    )
    assert found.resource_pattern_type is FOREIGN.ResourcePatternType.PREFIXED


def told_of_writing(producer: Producer) -> int:
    """Write one record; give the error's code, 0 for none."""
    codes: list[int] = []
    # What was refused once is believed until metadata says otherwise.
    producer.list_topics("orders", timeout=20)
    try:
        producer.produce("orders", b"v", on_delivery=lambda error, _: codes.append(error.code() if error else 0))
    except KafkaException as error:
        # Its metadata was quicker.
        return int(error.args[0].code())
    producer.flush(20)
    return codes[0]


def test_a_foreign_producer_is_told_when_its_right_comes_and_when_it_is_gone() -> None:
    refused = KafkaError.TOPIC_AUTHORIZATION_FAILED
    with Served(Stage(brokers=1, topics=("orders:1:1",), settings=(ON, ("super.users", "User:admin")))) as served:
        producer = Producer({"bootstrap.servers": served.bootstrap, "log_level": 0})
        for verb, wanted in (("grant", 0), ("revoke", refused)):
            served.strike(f"{verb} {ANYBODY} WRITE topic ord*")
            # The broker hears of it a little later.
            told = [told_of_writing(producer)]
            while told[-1] != wanted and len(told) < 200:
                told.append(told_of_writing(producer))
            assert told[-1] == wanted
            assert set(told) <= {0, refused}


def test_who_may_not_is_told_so_in_one_line() -> None:
    with Served(Stage(brokers=1, settings=(ON, ("super.users", "User:admin")))) as served:
        told = acl(served, "list")

    assert told.status == 1
    assert "CLUSTER_AUTHORIZATION_FAILED: User:ANONYMOUS may not DESCRIBE the cluster." in told.err


def test_without_an_authorizer_there_is_nothing_to_list() -> None:
    with Served(Stage(brokers=1)) as served:
        told = acl(served, "list")

    assert told.status == 1
    assert "SECURITY_DISABLED" in told.err


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ({"authorizer.class.name": "my.Authorizer"}, "'my.Authorizer'"),
        ({"super.users": "User:admin"}, "are of an authorizer"),
        ({"authorizer.class.name": STANDARD, "super.users": "admin"}, "'admin'"),
        ({"authorizer.class.name": STANDARD, "allow.everyone.if.no.acl.found": "maybe"}, "'maybe'"),
    ],
)
def test_odd_properties_are_refused_by_name_and_value(settings: dict[str, str], part: str) -> None:
    with pytest.raises(ValueError, match=part):
        started_with(ClusterConfig(), settings.items())


def test_properties_of_an_authorizer_are_taken() -> None:
    given = {ON[0]: ON[1], "super.users": "User:a;User:b", "allow.everyone.if.no.acl.found": "true"}

    made = started_with(ClusterConfig(), given.items()).authorizer

    assert made is not None
    assert made.super_users == ("User:a", "User:b")
    assert made.allow_everyone_if_no_acl_found
    assert started_with(ClusterConfig(authorizer=made), [("authorizer.class.name", "")]).authorizer is None
