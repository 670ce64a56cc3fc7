"""Roles become rules, and are compared with those that hold."""

import pytest

from sim.cluster.security.roles import Role, RoleBinding, difference, parse_rights, parse_role, rights_text


def lines(text: str) -> list[str]:
    return [rights_text(acl) for acl in parse_rights(text)]


def test_a_writer_gets_what_kafka_acls_gives_a_producer() -> None:
    assert lines("writer User:shop orders-*") == [
        "allow User:shop WRITE topic orders-*",
        "allow User:shop DESCRIBE topic orders-*",
        "allow User:shop CREATE topic orders-*",
    ]


def test_a_transactional_writer_gets_ids_that_are_named_alike() -> None:
    assert lines("transactional-writer User:shop orders-*")[3:] == [
        "allow User:shop WRITE transactional-id orders-*",
        "allow User:shop DESCRIBE transactional-id orders-*",
    ]


def test_a_reader_gets_what_kafka_acls_gives_a_consumer_in_its_own_group() -> None:
    assert lines("reader User:app orders-* group app from 10.0.0.1") == [
        "allow User:app READ topic orders-* from 10.0.0.1",
        "allow User:app DESCRIBE topic orders-* from 10.0.0.1",
        "allow User:app READ group app from 10.0.0.1",
    ]


def test_an_owner_may_everything_with_what_bears_its_name() -> None:
    assert lines("owner User:team orders-*") == [
        f"allow User:team ALL {kind} orders-*" for kind in ("topic", "group", "transactional-id")
    ]


@pytest.mark.parametrize("role", Role)
def test_role_reads_back_as_it_is_written(role: Role) -> None:
    binding = RoleBinding(role, "User:shop", "orders-*", "app-*", "10.0.0.1")

    assert parse_role(str(binding)) == binding


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("writer shop orders", "is no role"),
        ("poet User:shop orders", "'poet' is no role"),
        ("allow User:shop", "is no rule"),
        ("deny User:shop SHOUT topic orders", "'SHOUT'"),
    ],
)
def test_odd_line_is_refused_with_what_is_wrong(text: str, part: str) -> None:
    with pytest.raises(ValueError, match=part):
        parse_rights(text)


def test_difference_names_what_is_missing_and_what_nobody_asked_for() -> None:
    wanted = parse_rights("writer User:shop orders-*")
    denial, foreign = (
        *parse_rights("deny User:shop WRITE topic orders-eu"),
        *parse_rights("allow User:app READ topic x"),
    )

    found = difference(wanted, (*wanted[:2], denial, foreign))

    assert found.missing == wanted[2:]
    assert found.unasked == (denial,)
    assert found


def test_rules_that_are_as_wanted_differ_in_nothing() -> None:
    wanted = parse_rights("owner User:team orders-*")

    assert not difference(wanted, wanted[::-1])
