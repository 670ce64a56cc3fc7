"""Which rules a filter finds, and which rules cannot be."""

import pytest

from sim.cluster.security.acls.acl import EVERY, Acl, AclFilter
from sim.cluster.security.acls.kinds import Operation, Pattern, Permission, ResourceKind
from sim.cluster.security.acls.settings import AuthorizerSettings
from sim.cluster.security.acls.validation import check_acl

TOPIC = ResourceKind.TOPIC
RULE = Acl(TOPIC, "orders", Pattern.LITERAL, "User:shop", "*", Operation.WRITE, Permission.ALLOW)
PREFIX = RULE._replace(name="ord", pattern=Pattern.PREFIXED)
STAR = RULE._replace(name="*")


def test_filter_without_wishes_finds_every_rule() -> None:
    assert all(EVERY.matches(acl) for acl in (RULE, PREFIX, STAR))


@pytest.mark.parametrize(
    "other",
    [
        AclFilter(kind=ResourceKind.GROUP),
        AclFilter(name="payments"),
        AclFilter(pattern=Pattern.PREFIXED),
        AclFilter(principal="User:spy"),
        AclFilter(host="app"),
        AclFilter(operation=Operation.READ),
        AclFilter(permission=Permission.DENY),
        AclFilter(kind=ResourceKind.UNKNOWN),
        AclFilter(pattern=Pattern.UNKNOWN),
    ],
)
def test_one_wish_that_is_not_met_is_enough(other: AclFilter) -> None:
    assert not other.matches(RULE)


def test_every_wish_that_is_met_finds_it() -> None:
    assert AclFilter(*RULE).matches(RULE)


def test_match_finds_whatever_holds_for_a_name() -> None:
    wanted = AclFilter(TOPIC, "orders", Pattern.MATCH)

    assert all(wanted.matches(acl) for acl in (RULE, PREFIX, STAR))
    assert not wanted.matches(RULE._replace(name="ord"))
    assert not wanted.matches(PREFIX._replace(name="orders-"))


def test_any_pattern_takes_a_name_literally() -> None:
    wanted = AclFilter(TOPIC, "orders", Pattern.ANY)

    assert wanted.matches(RULE._replace(pattern=Pattern.PREFIXED))
    assert not wanted.matches(PREFIX)
    assert not wanted.matches(STAR)


@pytest.mark.parametrize(
    ("acl", "part"),
    [
        (RULE._replace(kind=ResourceKind.ANY), "resourceType ANY"),
        (RULE._replace(kind=ResourceKind.UNKNOWN), "resourceType UNKNOWN"),
        (RULE._replace(pattern=Pattern.MATCH), "patternType MATCH"),
        (RULE._replace(operation=Operation.ANY), "operation ANY"),
        (RULE._replace(permission=Permission.ANY), "permissionType ANY"),
        (RULE._replace(name=""), "empty resource name"),
        (RULE._replace(principal="shop"), "`shop`"),
        (RULE._replace(kind=ResourceKind.CLUSTER, name="mine"), "kafka-cluster"),
    ],
)
def test_rule_that_cannot_be_is_refused_with_the_reason(acl: Acl, part: str) -> None:
    assert part in check_acl(acl)
    with pytest.raises(ValueError, match="AuthorizerSettings"):
        AuthorizerSettings(acls=(acl,))


def test_rules_that_make_no_sense_but_can_be_are_taken() -> None:
    assert not check_acl(RULE._replace(operation=Operation.IDEMPOTENT_WRITE))
    assert not check_acl(RULE._replace(host=""))
    assert not check_acl(RULE._replace(principal="Odd:na me:with:colons"))


def test_settings_refuse_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="'shop'"):
        AuthorizerSettings(super_users=("shop",))
    with pytest.raises(ValueError, match="twice"):
        AuthorizerSettings(acls=(RULE, RULE))
