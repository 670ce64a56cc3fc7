"""Which of eight levels holds for a client, and who is counted together."""

import pytest

from sim.cluster.quotas.client_limits import UNLIMITED, ClientLimits, Tags
from sim.cluster.quotas.entity import QuotaEntity, parse_entity

LEVELS = (
    "user=alice client-id=app",
    "user=alice client-id=<default>",
    "user=alice",
    "user=<default> client-id=app",
    "user=<default> client-id=<default>",
    "user=<default>",
    "client-id=app",
    "client-id=<default>",
)
"""The most specific first."""

COUNTED_AS = (
    Tags("alice", "app"),
    Tags("alice", "app"),
    Tags("alice", ""),
    Tags("alice", "app"),
    Tags("alice", "app"),
    Tags("alice", ""),
    Tags("", "app"),
    Tags("", "app"),
)


def limits(*entities: str) -> ClientLimits:
    """Each level has its own number for a limit."""
    made = ClientLimits()
    for text in entities:
        made.put(parse_entity(text), LEVELS.index(text) + 1)
    return made


@pytest.mark.parametrize("level", range(len(LEVELS)))
def test_the_most_specific_of_those_that_are_there_holds(level: int) -> None:
    found = limits(*LEVELS[level:])

    tags = found.tags("alice", "app")

    assert tags == COUNTED_AS[level]
    assert found.limit(tags) == level + 1


@pytest.mark.parametrize("level", range(len(LEVELS)))
def test_one_level_alone_holds_for_whom_it_names(level: int) -> None:
    found = limits(LEVELS[level])

    assert found.limit(found.tags("alice", "app")) == level + 1
    is_for_all = LEVELS[level].replace("<default>", "") in {"user= client-id=", "user=", "client-id="}
    assert (found.limit(found.tags("bob", "job")) == level + 1) == is_for_all


def test_a_user_s_clients_are_counted_together_and_a_client_id_s_users() -> None:
    of_users, of_clients = limits("user=alice"), limits("client-id=app")

    assert of_users.tags("alice", "app") == of_users.tags("alice", "job")
    assert of_clients.tags("alice", "app") == of_clients.tags("bob", "app")
    assert of_clients.tags("alice", "app") != of_clients.tags("alice", "job")


def test_by_default_each_is_counted_for_itself() -> None:
    found = limits("client-id=<default>")

    assert found.tags("", "app") != found.tags("", "job")


def test_a_limit_that_is_gone_leaves_the_next_level() -> None:
    found = limits("user=alice", "client-id=app")

    found.put(parse_entity("user=alice"), None)

    assert found.tags("alice", "app") == Tags("", "app")
    assert found.limit(Tags("", "app")) == 7
    found.put(parse_entity("client-id=app"), None)
    assert found.is_empty
    assert found.limit(Tags("", "app")) == UNLIMITED


def test_who_has_no_client_id_has_a_user_s_limit_and_no_client_s() -> None:
    assert limits("client-id=<default>").limit(Tags("", "")) == UNLIMITED
    both = limits("user=<default> client-id=<default>")
    assert both.limit(both.tags("alice", "")) == UNLIMITED


@pytest.mark.parametrize("text", LEVELS)
def test_an_entity_is_written_as_it_is_read(text: str) -> None:
    entity = parse_entity(text)

    assert parse_entity(str(entity)) == entity
    assert isinstance(entity, QuotaEntity)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("noisy", "'noisy' is no part"),
        ("topic=orders", "'topic=orders' is no part"),
        ("user=a user=b", "names user twice"),
        ("", "a quota is for somebody"),
    ],
)
def test_what_is_no_entity_is_named(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_entity(text)
