"""Principals as Kafka's tools write them, and how a broker's decisions name theirs."""

import pytest

from sim.cluster.security.principal import ANONYMOUS, Principal, parse_principal


@pytest.mark.parametrize("text", ["User:alice", "User:CN=alice,O=a:b", "User:*", "Group:writers", "User:"])
def test_a_principal_that_was_read_is_written_as_it_was(text: str) -> None:
    assert str(parse_principal(text)) == text


def test_the_name_begins_behind_the_first_colon() -> None:
    assert parse_principal("User:a:b") == Principal("User", "a:b")


def test_text_without_a_kind_is_refused_and_named() -> None:
    with pytest.raises(ValueError, match="principal is 'alice', must be"):
        parse_principal("alice")


def test_who_proved_nothing_is_the_user_anonymous() -> None:
    assert str(ANONYMOUS) == "User:ANONYMOUS"
