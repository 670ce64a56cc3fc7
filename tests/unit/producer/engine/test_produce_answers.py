"""What the producer does on each answer to a Produce request: every error code, hints, losses, and records at fault."""

from enum import Enum

import pytest

from producer.errors import Code, DeliveryTimeoutError, Outcome
from producer.events import ConnectionRequested, MetadataLearned
from producer.wire.messages.leaders import NodeEndpoint
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster

REFRESH_US = 150_000
"""Past the pause between two Metadata requests, before the pause of a first retry can be over twice."""


class Action(Enum):
    SUCCEED = "the records are delivered"
    RETRY = "the same bytes again after the back-off"
    REFRESH = "the same, and the leaders are asked for"
    SPLIT = "the records again, in smaller batches"
    RENUMBER = "again under a new epoch, from sequence 0; without idempotence a failure"
    FAIL = "the records fail; an idempotent producer goes on under a new epoch"
    STOP = "the records fail, and those of an idempotent producer with it from then on"


# Kafka's exception classes as `Sender.completeBatch` and `TransactionManager` treat them. What is not listed fails.
ACTIONS: dict[Action, tuple[int, ...]] = {
    Action.SUCCEED: (0, 46),
    Action.RETRY: (2, 7, 14, 15, 16, 19, 20, 41, 51, 70, 71, 75, 78, 88, 89, 106, 122, 123, 133),
    Action.REFRESH: (3, 5, 6, 9, 13, 56, 72, 74, 80, 83, 84, 100, 103),
    Action.SPLIT: (10,),
    Action.RENUMBER: (45, 59),
    Action.STOP: (31, 35, 49, 53, 90),
}
ACTION_OF = {code: action for action, codes in ACTIONS.items() for code in codes}
NEWER_THAN_KAFKA_4 = 9_999
CODES = [*range(-1, 137), NEWER_THAN_KAFKA_4]
MAY_BE_APPENDED = {-1, 6, 7, 13, 20, 56, NEWER_THAN_KAFKA_4}


def name_of(code: int) -> str:
    return Code(code).name if code in list(Code) else str(code)


def metadata_requests(cluster: ScriptedCluster) -> int:
    return len([event for event in cluster.observed if isinstance(event, MetadataLearned)])


@pytest.mark.parametrize("is_idempotent", [True, False], ids=["idempotent", "plain"])
@pytest.mark.parametrize("code", CODES, ids=name_of)
def test_every_error_code_has_its_consequence(code: int, is_idempotent: bool) -> None:
    action = ACTION_OF.get(code, Action.FAIL)
    if not is_idempotent and action in {Action.RENUMBER, Action.STOP}:
        action = Action.FAIL
    cluster = ScriptedCluster(enable_idempotence=is_idempotent)
    cluster.answer(cluster.send_alone(b"before"))
    cluster.advance(SECOND_US)
    cluster.send(b"a")
    first = cluster.send_alone(b"b")
    asked = metadata_requests(cluster)

    cluster.answer(code=code, log_start_offset=0)
    at_once = [request.values for request in cluster.waiting]
    cluster.advance(REFRESH_US)

    assert metadata_requests(cluster) - asked == (action is Action.REFRESH)
    assert [value for value in (b"a", b"b") if value in cluster.delivered] == (
        [b"a", b"b"] if action is Action.SUCCEED else []
    )
    match action:
        case Action.RETRY | Action.REFRESH:
            assert at_once == []
            assert [request.batches for request in cluster.waiting] == [first.batches]
        case Action.SPLIT:
            assert at_once == [[b"a", b"b"]], "one batch of batch.size has room for both"
        case Action.RENUMBER:
            (again,) = cluster.waiting
            assert again.values == [b"a", b"b"]
            assert (again.only.producer_epoch, again.only.base_sequence) == (1, 0)
        case Action.SUCCEED | Action.FAIL | Action.STOP:
            assert cluster.waiting == []
    if action in {Action.FAIL, Action.STOP}:
        outcome = Outcome.UNKNOWN if code in MAY_BE_APPENDED else Outcome.FAILED
        assert {(error.code.code, error.outcome) for error in cluster.failed.values()} == {(code, outcome)}
        assert list(cluster.failed) == [b"a", b"b"]
    else:
        assert cluster.failed == {}


@pytest.mark.parametrize("is_idempotent", [True, False], ids=["idempotent", "plain"])
@pytest.mark.parametrize("code", CODES, ids=name_of)
def test_after_every_error_code_a_producer_goes_on_unless_it_was_stopped(code: int, is_idempotent: bool) -> None:
    cluster = ScriptedCluster(enable_idempotence=is_idempotent)
    cluster.answer(cluster.send_alone(b"before"))
    cluster.answer(cluster.send_alone(b"a"), code, log_start_offset=0)
    cluster.advance(SECOND_US)
    while cluster.waiting:
        cluster.answer()

    cluster.send(b"after")
    cluster.advance(SECOND_US)

    action = ACTION_OF.get(code, Action.FAIL)
    if is_idempotent and action is Action.STOP:
        assert cluster.failed[b"after"].code.code == code
        return
    (request,) = cluster.waiting
    assert request.values == [b"after"]
    if is_idempotent:
        # A single record cannot be split, so it fails; a failure's sequence must be neither a gap nor used again.
        epoch_and_sequence = {Action.FAIL: (1, 0), Action.SPLIT: (1, 0), Action.RENUMBER: (1, 1)}.get(action, (0, 2))
        assert (request.only.producer_epoch, request.only.base_sequence) == epoch_and_sequence


# -- no answer ---------------------------------------------------------------------------------------------------------


def test_a_request_that_times_out_ends_as_request_timed_out_with_all_others_on_its_connection() -> None:
    cluster = ScriptedCluster(retries=0, linger_ms=0)
    cluster.send(b"a")
    cluster.advance(10 * SECOND_US)
    cluster.send(b"b")

    cluster.advance(20 * SECOND_US + 1_000 - 1)
    assert cluster.failed == {}
    cluster.advance(1)

    assert {(error.code.name, error.outcome) for error in cluster.failed.values()} == {
        ("REQUEST_TIMED_OUT", Outcome.UNKNOWN)
    }
    assert list(cluster.failed) == [b"a", b"b"]


def test_a_broker_that_ran_out_of_the_same_time_is_heard_and_keeps_its_connection() -> None:
    cluster = ScriptedCluster(linger_ms=0)
    cluster.send_alone(b"a")
    connections = list(cluster.connections)

    cluster.advance(30 * SECOND_US + 700)
    cluster.answer(code=Code.REQUEST_TIMED_OUT)
    cluster.advance(SECOND_US)

    assert len(cluster.waiting) == 1, "it is sent again"
    assert list(cluster.connections) == connections


def test_a_request_whose_connection_is_lost_ends_as_network_exception() -> None:
    cluster = ScriptedCluster(retries=0, linger_ms=0)
    cluster.send(b"a")
    cluster.send(b"b")

    cluster.disconnect(cluster.waiting[0].connection)

    assert {(error.code.name, error.outcome) for error in cluster.failed.values()} == {
        ("NETWORK_EXCEPTION", Outcome.UNKNOWN)
    }
    assert list(cluster.failed) == [b"a", b"b"]


def test_a_partition_that_the_answer_leaves_out_fails_with_an_unknown_outcome() -> None:
    cluster = ScriptedCluster()
    request = cluster.send_alone(b"a")
    request.request = request.request._replace(topic_data=())

    cluster.answer(request)

    error = cluster.failed[b"a"]
    assert (error.code.name, error.outcome) == ("UNKNOWN_SERVER_ERROR", Outcome.UNKNOWN)


def test_an_answer_that_comes_after_the_delivery_timeout_changes_nothing() -> None:
    cluster = ScriptedCluster(linger_ms=0, delivery_timeout_ms=30_000, request_timeout_ms=30_000)
    cluster.answer(cluster.send_alone(b"warm"))
    cluster.send(b"a")
    cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)
    cluster.advance(30 * SECOND_US)
    assert list(cluster.failed) == [b"a"]

    cluster.answer()

    assert cluster.delivered == [b"warm"]
    assert list(cluster.failed) == [b"a"]


def test_an_error_after_the_delivery_timeout_is_final_even_if_it_could_be_retried() -> None:
    """Bytes and deadline come in the same moment, and the answer is looked at first."""
    cluster = ScriptedCluster(linger_ms=0, delivery_timeout_ms=30_000, request_timeout_ms=30_000)
    cluster.answer(cluster.send_alone(b"warm"))
    cluster.send(b"a")
    cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)
    cluster.advance(29 * SECOND_US)
    cluster.now_us = 30 * SECOND_US

    cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)

    assert cluster.failed[b"a"].code.name == "NOT_ENOUGH_REPLICAS"
    assert isinstance(cluster.failed[b"a"], DeliveryTimeoutError)


# -- leaders named by an error (KIP-951) -------------------------------------------------------------------------------


def test_a_hint_is_followed_at_once_and_the_metadata_asked_for_all_the_same() -> None:
    cluster = ScriptedCluster(brokers=2)
    cluster.send_alone(b"a")
    cluster.advance(SECOND_US)
    asked = metadata_requests(cluster)

    cluster.leaders[0] = (2, 6)
    cluster.answer(code=Code.NOT_LEADER_OR_FOLLOWER, current_leader=(2, 6))

    assert [request.broker for request in cluster.waiting] == [2]
    assert metadata_requests(cluster) == asked + 2, "what the hint told, and what the metadata tells"


@pytest.mark.parametrize(
    "hint",
    [
        pytest.param((-1, -1), id="nobody"),
        pytest.param((2, -1), id="no epoch"),
        pytest.param((-1, 6), id="no leader"),
        pytest.param((2, 4), id="an older epoch"),
        pytest.param((2, 5), id="the epoch known"),
        pytest.param((9, 6), id="a broker that nobody knows"),
    ],
)
def test_a_hint_that_tells_nothing_new_is_passed_by(hint: tuple[int, int]) -> None:
    cluster = ScriptedCluster(brokers=2)
    cluster.send_alone(b"a")

    cluster.answer(code=Code.NOT_LEADER_OR_FOLLOWER, current_leader=hint)
    cluster.advance(SECOND_US)

    assert [request.broker for request in cluster.waiting] == [1]


def test_a_hint_may_name_a_broker_that_only_its_endpoint_tells_of() -> None:
    cluster = ScriptedCluster(brokers=1)
    cluster.send_alone(b"a")

    cluster.answer(code=Code.FENCED_LEADER_EPOCH, current_leader=(7, 6), node_endpoints=(NodeEndpoint(7, "b7", 9092),))

    assert [event.address for event in cluster.observed if isinstance(event, ConnectionRequested)][-1] == "b7:9092"
    assert [request.broker for request in cluster.waiting] == [7]


# -- records at fault (KIP-467) ----------------------------------------------------------------------------------------


def refused_together(*record_errors: tuple[int, str | None], message: str | None = None) -> list[tuple[str, str]]:
    """(code, detail) of three records whose batch was refused with these."""
    cluster = ScriptedCluster(linger_ms=1_000)
    for value in (b"a", b"b"):
        cluster.send(value)
    cluster.send_alone(b"c")
    cluster.answer(code=Code.INVALID_TIMESTAMP, record_errors=record_errors, error_message=message)
    return [(cluster.failed[value].code.name, cluster.failed[value].detail) for value in (b"a", b"b", b"c")]


NEIGHBOUR = ("INVALID_RECORD", "another record of its batch was refused")


def test_one_record_at_fault_has_the_batches_code_and_its_own_message() -> None:
    assert refused_together((1, "too old"), message="bad times") == [
        NEIGHBOUR,
        ("INVALID_TIMESTAMP", "too old"),
        NEIGHBOUR,
    ]


def test_a_record_without_a_message_of_its_own_has_the_batches() -> None:
    assert refused_together((2, None), message="bad times") == [
        NEIGHBOUR,
        NEIGHBOUR,
        ("INVALID_TIMESTAMP", "bad times"),
    ]


def test_of_several_records_at_fault_the_batches_code_may_not_be_true_of_each() -> None:
    assert refused_together((0, "too old"), (2, "no key")) == [
        ("INVALID_RECORD", "too old"),
        NEIGHBOUR,
        ("INVALID_RECORD", "no key"),
    ]


def test_a_record_that_the_batch_does_not_have_is_nobodys_fault() -> None:
    assert (
        refused_together((3, "too old"), (-1, "too old"), message="bad times")
        == [("INVALID_TIMESTAMP", "bad times")] * 3
    )


def test_without_records_at_fault_each_has_the_batches_code_and_message() -> None:
    assert refused_together(message="bad times") == [("INVALID_TIMESTAMP", "bad times")] * 3


# -- topic ids ---------------------------------------------------------------------------------------------------------


def test_a_topic_deleted_and_created_again_is_written_to_under_its_new_id() -> None:
    cluster = ScriptedCluster()
    cluster.send_alone(b"a")
    cluster.advance(SECOND_US)
    cluster.topic_id = bytes(reversed(cluster.topic_id))
    cluster.leaders[0] = (1, 0)

    cluster.answer(code=Code.UNKNOWN_TOPIC_ID)
    cluster.advance(SECOND_US)

    (request,) = cluster.waiting
    assert (request.header.api_version, request.request.topic_data[0].topic_id) == (13, cluster.topic_id)
    cluster.answer()
    assert cluster.delivered == [b"a"]


def test_an_answer_under_the_topics_old_id_still_finds_its_batch() -> None:
    cluster = ScriptedCluster(metadata_max_age_ms=100)
    request = cluster.send_alone(b"a")
    cluster.topic_id = bytes(reversed(cluster.topic_id))
    cluster.advance(SECOND_US)

    cluster.answer(request, base_offset=3)

    assert cluster.delivered == [b"a"]
