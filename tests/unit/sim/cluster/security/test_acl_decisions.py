"""What rules decide, beside a plain second reading of Kafka's rule: every ACL is looked at, none is indexed."""

import time
from collections.abc import Iterable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim.cluster.security.acls.acl import Acl
from sim.cluster.security.acls.authorizer import Authorizer
from sim.cluster.security.acls.index import AclIndex
from sim.cluster.security.acls.kinds import Operation, Pattern, Permission, ResourceKind, operations_of
from sim.cluster.security.acls.settings import AuthorizerSettings

TOPIC, GROUP = ResourceKind.TOPIC, ResourceKind.GROUP
READ, WRITE, DESCRIBE, ALTER_CONFIGS = Operation.READ, Operation.WRITE, Operation.DESCRIBE, Operation.ALTER_CONFIGS
ALLOW, DENY = Permission.ALLOW, Permission.DENY
LITERAL, PREFIXED = Pattern.LITERAL, Pattern.PREFIXED
DONE = tuple(operation for operation in Operation if operation > Operation.ALL)


def rule(
    name: str = "orders",
    operation: Operation = WRITE,
    permission: Permission = ALLOW,
    *,
    principal: str = "User:shop",
    host: str = "*",
    pattern: Pattern = LITERAL,
    kind: ResourceKind = TOPIC,
) -> Acl:
    return Acl(kind, name, pattern, principal, host, operation, permission)


def authorizer(*acls: Acl, super_users: tuple[str, ...] = (), is_open: bool = False) -> Authorizer:
    index = AclIndex()
    for number, acl in enumerate(acls):
        index.add(number.to_bytes(16, "big"), acl)
    settings = AuthorizerSettings(super_users=super_users, allow_everyone_if_no_acl_found=is_open)
    return Authorizer(settings, index)


def may(
    given: Authorizer,
    operation: Operation,
    name: str = "orders",
    *,
    principal: str = "User:shop",
    host: str = "app",
    kind: ResourceKind = TOPIC,
) -> bool:
    return given.allows(principal, host, operation, kind, name)


# -- the second reading ------------------------------------------------------------------------------------------------

IMPLYING = {
    DESCRIBE: {DESCRIBE, READ, WRITE, Operation.DELETE, Operation.ALTER},
    Operation.DESCRIBE_CONFIGS: {Operation.DESCRIBE_CONFIGS, ALTER_CONFIGS},
}


def stands_for(acl: Acl, kind: ResourceKind, name: str) -> bool:
    if acl.kind != kind:
        return False
    return name.startswith(acl.name) if acl.pattern == PREFIXED else acl.name in {name, "*"}


def speaks_to(acl: Acl, principal: str, host: str) -> bool:
    return acl.principal in {principal, "User:*"} and acl.host in {host, "*"}


def plainly(
    acls: Iterable[Acl],
    principal: str,
    host: str,
    operation: Operation,
    kind: ResourceKind,
    name: str,
    *,
    is_open: bool,
) -> bool:
    about = [acl for acl in acls if stands_for(acl, kind, name)]
    told = [acl for acl in about if speaks_to(acl, principal, host)]
    if any(acl.permission == DENY and acl.operation in {operation, Operation.ALL} for acl in told):
        return False
    enough = IMPLYING.get(operation, {operation}) | {Operation.ALL}
    if any(acl.permission == ALLOW and acl.operation in enough for acl in told):
        return True
    return is_open and not about


NAMES = st.text("ab*", min_size=1, max_size=3)
PRINCIPALS = st.sampled_from(["User:shop", "User:spy", "User:*"])
HOSTS = st.sampled_from(["app", "lab", "*"])
KINDS = st.sampled_from([TOPIC, GROUP])
RULES = st.builds(
    Acl,
    KINDS,
    NAMES,
    st.sampled_from([LITERAL, PREFIXED]),
    PRINCIPALS,
    HOSTS,
    st.sampled_from([Operation.ALL, *DONE]),
    st.sampled_from([ALLOW, DENY]),
)


@given(
    st.lists(RULES, max_size=8),
    NAMES,
    st.sampled_from(["User:shop", "User:spy"]),
    st.sampled_from(["app", "lab"]),
    KINDS,
    st.booleans(),
)
@example([rule("*", permission=DENY)], "*", "User:shop", "app", TOPIC, True)
@example([rule("a", pattern=PREFIXED), rule("ab", READ, DENY)], "ab", "User:shop", "app", TOPIC, False)
def test_index_decides_as_a_look_at_every_rule_does(
    acls: list[Acl], name: str, principal: str, host: str, kind: ResourceKind, is_open: bool
) -> None:
    one = authorizer(*acls, is_open=is_open)

    for operation in DONE:
        expected = plainly(acls, principal, host, operation, kind, name, is_open=is_open)
        assert one.allows(principal, host, operation, kind, name) is expected
        told = one.operations(principal, host, kind, name) >> operation & 1
        assert told == (expected and operation in operations_of(kind))


@given(st.lists(RULES, max_size=6), st.sampled_from([READ, WRITE]), st.booleans())
def test_some_topic_is_allowed_if_one_can_be_named(acls: list[Acl], operation: Operation, is_open: bool) -> None:
    one = authorizer(*acls, is_open=is_open)
    own = [acl for acl in acls if acl.operation in {operation, Operation.ALL} and speaks_to(acl, "User:shop", "app")]
    # Each name that a rule says, and names behind it that no rule says: where nothing of this is allowed, nothing is.
    names = [acl.name + end for acl in own for end in ("", "z")]
    reachable = [name for name in names if plainly(own, "User:shop", "app", operation, TOPIC, name, is_open=False)]

    if one.allows_some("User:shop", "app", operation, TOPIC):
        assert reachable or is_open or plainly(acls, "User:shop", "app", operation, TOPIC, "hardcode", is_open=False)
    else:
        assert not one.allows("User:shop", "app", operation, TOPIC, "hardcode")


@given(st.lists(RULES, max_size=8, unique=True), st.data())
def test_rules_that_went_are_as_if_they_had_never_been(acls: list[Acl], data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.sampled_from(acls))) if acls else set()
    changed, fresh = AclIndex(), AclIndex()
    for number, acl in enumerate(acls):
        changed.add(bytes([number]), acl)
        if acl not in gone:
            fresh.add(bytes([number]), acl)

    for number, acl in enumerate(acls):
        if acl in gone:
            changed.remove(bytes([number]))

    assert changed.by_id == fresh.by_id
    for name in ("a", "ab", "abb", "*"):
        for kind in (TOPIC, GROUP):
            assert changed.find(kind, name, "User:shop", "app") == fresh.find(kind, name, "User:shop", "app")


# -- the same in words -------------------------------------------------------------------------------------------------


def test_denial_comes_before_permission() -> None:
    one = authorizer(rule("orders-", pattern=PREFIXED), rule("orders-eu", WRITE, DENY))

    assert may(one, WRITE, "orders-us")
    assert not may(one, WRITE, "orders-eu")


def test_prefix_is_no_literal_name_and_a_literal_name_no_prefix() -> None:
    assert may(authorizer(rule("orders-", pattern=PREFIXED)), WRITE, "orders-eu")
    assert not may(authorizer(rule("orders-")), WRITE, "orders-eu")
    assert not may(authorizer(rule("orders-eu", pattern=PREFIXED)), WRITE, "orders-")


def test_star_is_every_name_literally_and_only_names_with_a_star_as_a_prefix() -> None:
    assert may(authorizer(rule("*")), WRITE, "anything")
    assert not may(authorizer(rule("*", pattern=PREFIXED)), WRITE, "anything")


@pytest.mark.parametrize("operation", [READ, WRITE, Operation.DELETE, Operation.ALTER])
def test_who_may_use_a_topic_may_describe_it(operation: Operation) -> None:
    assert may(authorizer(rule(operation=operation)), DESCRIBE)
    assert not may(authorizer(rule(operation=operation)), Operation.DESCRIBE_CONFIGS)


def test_denied_use_denies_no_description() -> None:
    one = authorizer(rule(operation=DESCRIBE), rule(operation=READ, permission=DENY))

    assert may(one, DESCRIBE)
    assert not may(one, READ)


def test_who_may_alter_settings_may_read_them() -> None:
    one = authorizer(rule(operation=ALTER_CONFIGS))

    assert may(one, Operation.DESCRIBE_CONFIGS)
    assert not may(one, DESCRIBE)


def test_super_user_is_not_denied() -> None:
    one = authorizer(rule("*", Operation.ALL, DENY, principal="User:*"), super_users=("User:admin",))

    assert may(one, WRITE, principal="User:admin")
    assert one.allows_some("User:admin", "app", WRITE, TOPIC)
    assert not may(one, WRITE)


def test_a_rule_for_one_host_holds_there_alone() -> None:
    one = authorizer(rule(host="app"))

    assert may(one, WRITE, host="app")
    assert not may(one, WRITE, host="lab")


def test_topic_without_rules_is_open_until_the_first_rule_for_whomever() -> None:
    assert may(authorizer(is_open=True), WRITE)
    assert not may(authorizer(rule(principal="User:other"), is_open=True), WRITE)
    assert not may(authorizer(), WRITE)


def test_writing_to_any_topic_is_enough_for_a_producer_id() -> None:
    assert authorizer(rule("orders-", pattern=PREFIXED)).allows_some("User:shop", "app", WRITE, TOPIC)
    assert not authorizer(rule("orders", READ)).allows_some("User:shop", "app", WRITE, TOPIC)
    assert not authorizer(rule(), rule("*", WRITE, DENY)).allows_some("User:shop", "app", WRITE, TOPIC)
    dominated = (rule("orders-eu", pattern=PREFIXED), rule("orders-", WRITE, DENY, pattern=PREFIXED))
    assert not authorizer(*dominated).allows_some("User:shop", "app", WRITE, TOPIC)


def test_ten_thousand_rules_cost_a_check_no_more_than_ten() -> None:
    def seconds(count: int) -> float:
        names = [f"topic-{number:05}" for number in range(count)]
        rules = [rule(name, pattern=PREFIXED if number % 2 else LITERAL) for number, name in enumerate(names)]
        one = authorizer(*rules)
        begin = time.thread_time()
        for _ in range(500):
            assert may(one, WRITE, "topic-00001-eu")
            assert not may(one, WRITE, "topic-x")
        return time.thread_time() - begin

    seconds(10)
    assert min(seconds(10_000) for _ in range(3)) < 5 * max(seconds(10) for _ in range(3))
