"""AlterClientQuotas and DescribeClientQuotas: what is taken, what is refused and how, who is found, and that it outlives a controller."""

from typing import Any

import pytest

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages import alter_client_quotas as altering
from producer.wire.messages import describe_client_quotas as describing
from tests.unit.sim.raw_client import Lab, RawConnection

EXACT, DEFAULT, SPECIFIED = 0, 1, 2
RATE = "producer_byte_rate"


def change(
    connection: RawConnection, entity: dict[str, str | None], *, validate_only: bool = False, **limits: Any
) -> Any:
    """Set limits; None removes one."""
    ops = tuple(altering.OpData(name, 0.0 if value is None else value, value is None) for name, value in limits.items())
    entry = altering.QuotaAlteration(tuple(altering.EntityData(*part) for part in entity.items()), ops)
    answer = connection.call(ApiKey.ALTER_CLIENT_QUOTAS, altering.AlterClientQuotasRequest((entry,), validate_only))
    return answer.entries[0]


def quotas(
    connection: RawConnection, *components: tuple[str, int, str | None], strict: bool = False
) -> dict[str, dict[str, float]]:
    answer = ask(connection, *components, strict=strict)
    assert answer.error_code == 0, answer.error_message
    return {" ".join(f"{kind}={name}" for kind, name in entry.entity): dict(entry.values) for entry in answer.entries}


def ask(connection: RawConnection, *components: tuple[str, int, str | None], strict: bool = False) -> Any:
    wanted = describing.DescribeClientQuotasRequest(tuple(describing.ComponentData(*one) for one in components), strict)
    return connection.call(ApiKey.DESCRIBE_CLIENT_QUOTAS, wanted)


def test_what_is_set_is_listed_changed_and_removed() -> None:
    lab = Lab()
    connection = lab.client.connect(1)

    assert (
        change(connection, {"client-id": "noisy"}, producer_byte_rate=1024.0, request_percentage=12.5).error_code == 0
    )
    lab.run(0.1)
    assert quotas(connection) == {"client-id=noisy": {RATE: 1024.0, "request_percentage": 12.5}}

    change(connection, {"client-id": "noisy"}, producer_byte_rate=None, request_percentage=25.0)
    lab.run(0.1)
    assert quotas(connection) == {"client-id=noisy": {"request_percentage": 25.0}}

    change(connection, {"client-id": "noisy"}, request_percentage=None)
    lab.run(0.1)
    assert quotas(connection) == {}


def test_what_is_only_validated_changes_nothing() -> None:
    lab = Lab()
    connection = lab.client.connect(1)

    assert change(connection, {"user": "alice"}, validate_only=True, producer_byte_rate=1.0).error_code == 0
    lab.run(0.1)

    assert quotas(connection) == {}


@pytest.mark.parametrize(
    ("entity", "limits", "complaint"),
    [
        ({}, {RATE: 1.0}, "Invalid empty client quota entity"),
        ({"topic": "orders"}, {RATE: 1.0}, "Unhandled client quota entity type: topic"),
        ({"user": ""}, {RATE: 1.0}, "Empty user not supported"),
        ({"ip": "10.0.0.1", "user": "alice"}, {RATE: 1.0}, "IP entity should not be combined"),
        ({"ip": "no address"}, {"connection_creation_rate": 1.0}, "no address is not a valid IP"),
        ({"ip": "10.0.0.1"}, {RATE: 1.0}, "Invalid configuration key producer_byte_rate"),
        ({"user": "alice"}, {"connection_creation_rate": 1.0}, "Invalid configuration key connection_creation_rate"),
        ({"user": "alice"}, {"byte_rate": 1.0}, "Invalid configuration key byte_rate"),
        ({"user": "alice"}, {RATE: 0.0}, "Quota producer_byte_rate must be greater than 0"),
        ({"user": "alice"}, {RATE: -5.0}, "Quota producer_byte_rate must be greater than 0"),
        ({"user": "alice"}, {RATE: 1.5}, "producer_byte_rate cannot be a fractional value."),
        ({"user": "alice"}, {RATE: 1e30}, "Proposed value for producer_byte_rate is too large for a LONG."),
        ({"ip": None}, {"connection_creation_rate": 3e9}, "is too large for a INT."),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    entity: dict[str, str | None], limits: dict[str, float], complaint: str
) -> None:
    lab = Lab()
    connection = lab.client.connect(1)

    refused = change(connection, entity, validate_only=False, **limits)
    lab.run(0.1)

    assert refused.error_code == Code.INVALID_REQUEST
    assert complaint in refused.error_message
    assert quotas(connection) == {}


def test_one_wrong_limit_keeps_an_entity_s_others_back() -> None:
    lab = Lab()
    connection = lab.client.connect(1)

    change(connection, {"user": "alice"}, consumer_byte_rate=1.0, producer_byte_rate=0.5)
    lab.run(0.1)

    assert quotas(connection) == {}


def test_of_an_entity_that_is_named_twice_the_first_counts_and_both_are_answered_once() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    entity = (altering.EntityData("user", "alice"),)
    entries = tuple(altering.QuotaAlteration(entity, (altering.OpData(RATE, value),)) for value in (1.0, 2.0))

    answer = connection.call(ApiKey.ALTER_CLIENT_QUOTAS, altering.AlterClientQuotasRequest(entries))
    lab.run(0.1)

    (told,) = answer.entries
    assert told.error_message == "Ignoring duplicate entity ClientQuotaEntity(entries={user=alice})"
    assert quotas(connection) == {"user=alice": {RATE: 1.0}}


def _with_several(lab: Lab) -> RawConnection:
    connection = lab.client.connect(1)
    for entity in ({"user": "alice"}, {"user": None}, {"user": "alice", "client-id": "app"}, {"client-id": "app"}):
        change(connection, dict(entity), producer_byte_rate=1.0)
    lab.run(0.1)
    return connection


@pytest.mark.parametrize(
    ("components", "strict", "found"),
    [
        ([], False, {"user=alice", "user=None", "client-id=app user=alice", "client-id=app"}),
        ([("user", EXACT, "alice")], False, {"user=alice", "client-id=app user=alice"}),
        ([("user", EXACT, "alice")], True, {"user=alice"}),
        ([("user", DEFAULT, None)], False, {"user=None"}),
        ([("user", SPECIFIED, None)], True, {"user=alice", "user=None"}),
        ([("user", SPECIFIED, None), ("client-id", EXACT, "app")], False, {"client-id=app user=alice"}),
        ([("ip", SPECIFIED, None)], False, set()),
        ([], True, set()),
    ],
)
def test_entities_are_found_by_their_parts(components: list[Any], strict: bool, found: set[str]) -> None:
    lab = Lab()

    assert set(quotas(_with_several(lab), *components, strict=strict)) == found


@pytest.mark.parametrize(
    ("components", "code", "complaint"),
    [
        ([("", EXACT, "a")], Code.INVALID_REQUEST, "Invalid empty entity type."),
        ([("topic", EXACT, "a")], Code.UNSUPPORTED_VERSION, "Unsupported entity type topic"),
        ([("user", EXACT, None)], Code.INVALID_REQUEST, "MATCH_TYPE_EXACT, but set match string to null"),
        ([("user", DEFAULT, "a")], Code.INVALID_REQUEST, "MATCH_TYPE_DEFAULT, but also specified"),
        ([("user", SPECIFIED, "a")], Code.INVALID_REQUEST, "MATCH_TYPE_SPECIFIED, but also specified"),
        ([("user", 7, None)], Code.INVALID_REQUEST, "Unknown match type 7"),
        ([("user", EXACT, "a"), ("user", EXACT, "b")], Code.INVALID_REQUEST, "cannot appear more than once"),
        ([("user", EXACT, "a"), ("ip", EXACT, "b")], Code.INVALID_REQUEST, "IP filter component should not be used"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(components: list[Any], code: Code, complaint: str) -> None:
    answer = ask(Lab().client.connect(1), *components)

    assert answer.error_code == code
    assert complaint in answer.error_message
    assert answer.entries is None


def test_quotas_outlive_the_controller_and_a_broker_that_was_down_when_they_came() -> None:
    lab = Lab(controllers=3)
    connection = lab.client.connect(1)
    lab.cluster.crash(2)
    change(connection, {"client-id": "noisy"}, producer_byte_rate=1024.0)
    lab.cluster.quorum.crash(lab.cluster.quorum.active or "none")
    lab.cluster.restart(2)
    lab.run(20)

    assert quotas(lab.client.connect(2)) == {"client-id=noisy": {RATE: 1024.0}}


def test_what_a_cluster_begins_with_is_there_at_once() -> None:
    lab = Lab(quotas=("client-id=noisy producer_byte_rate=1024",))

    assert quotas(lab.client.connect(3)) == {"client-id=noisy": {RATE: 1024.0}}
