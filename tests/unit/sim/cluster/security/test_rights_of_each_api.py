"""Each API with all of its rights, and without each of them: the error is the one of what is missing."""

from collections.abc import Iterator
from typing import Any

import pytest

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.find_coordinator import FindCoordinatorRequest
from producer.wire.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from sim.cluster.broker.handlers import HANDLERS
from tests.unit.sim.cluster.security.rights_lab import RightsLab, rule
from tests.unit.sim.cluster.security.rights_table import ROWS, Right, Row

OPEN_TO_ALL = ("API_VERSIONS", "DESCRIBE_CLUSTER", "LIST_GROUPS", "LIST_TRANSACTIONS")
"""What everybody may ask: what they are told is another matter."""
OTHERWISE = (
    "REMOVE_RAFT_VOTER",
    "SASL_HANDSHAKE",
    "SASL_AUTHENTICATE",
    "DESCRIBE_USER_SCRAM_CREDENTIALS",
    "ALTER_USER_SCRAM_CREDENTIALS",
    "CREATE_DELEGATION_TOKEN",
    "RENEW_DELEGATION_TOKEN",
    "EXPIRE_DELEGATION_TOKEN",
    "DESCRIBE_DELEGATION_TOKEN",
)
"""As AddRaftVoter is; what comes before anybody has rights; and what test_scram_credentials and test_delegation_tokens are about."""

AUTHORIZATION = (
    Code.TOPIC_AUTHORIZATION_FAILED,
    Code.GROUP_AUTHORIZATION_FAILED,
    Code.CLUSTER_AUTHORIZATION_FAILED,
    Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
)


def codes_in(message: Any) -> Iterator[int]:
    """Every error code of an answer, wherever it stands."""
    for name, value in message._asdict().items():
        if name.endswith("error_code"):
            yield value
        elif isinstance(value, tuple):
            for one in (value,) if hasattr(value, "_asdict") else value:
                if hasattr(one, "_asdict"):
                    yield from codes_in(one)


def refused(lab: RightsLab, row: Row) -> set[int]:
    answer = lab.ask(row.api, row.request, row.version)
    assert answer is not None, "the connection ended"
    return {code for code in codes_in(answer) if code in AUTHORIZATION}


def lab_with(*rights: Right) -> RightsLab:
    """Give a broker that coordinates every group and transactional id already, a group with a position among them."""
    lab = RightsLab(*[rule(kind, operation, name) for kind, operation, name in rights])
    for key_type, key in ((0, "readers"), (1, "shop-1")):
        lab.command(ApiKey.FIND_COORDINATOR, FindCoordinatorRequest("", key_type, (key,)))
    lab.run(1)
    committed = (OffsetCommitRequestTopic("orders", partitions=(OffsetCommitRequestPartition(0, 1),)),)
    lab.command(ApiKey.OFFSET_COMMIT, OffsetCommitRequest("readers", topics=committed), 9)
    return lab


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_with_all_rights_nothing_is_refused(row: Row) -> None:
    told = refused(lab_with(*row.rights), row)

    # Who may create a topic, and not see its settings, is told so of the settings.
    hidden = {Code.TOPIC_AUTHORIZATION_FAILED} if row.name.startswith("create_topics") else set()
    assert told == hidden


@pytest.mark.parametrize(
    ("row", "missing"),
    [
        pytest.param(row, number, id=f"{row}-{row.rights[number][1].name.lower()}")
        for row in ROWS
        for number in range(len(row.rights))
    ],
)
def test_without_one_right_it_is_refused_by_the_error_of_its_resource(row: Row, missing: int) -> None:
    others = [right for number, right in enumerate(row.rights) if number != missing]

    assert refused(lab_with(*others), row) == {row.refusals[missing]}


@pytest.mark.parametrize("row", [row for row in ROWS if len(row.rights) > 1], ids=str)
def test_without_any_right_the_first_that_is_looked_for_is_told(row: Row) -> None:
    first = Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED if row.name == "produce_in_transaction" else row.refusals[0]

    assert refused(lab_with(), row) == {first}


def test_no_api_is_left_out() -> None:
    looked_at = {row.api.name for row in ROWS} | set(OPEN_TO_ALL) | set(OTHERWISE)

    assert {ApiKey(api).name for api in HANDLERS} <= looked_at
