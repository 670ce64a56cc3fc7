"""A coordinator is found before it is asked, kept as long as it answers, and looked for anew when it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from producer.client.coordinators import CoordinatorKey, CoordinatorType
from producer.client.ruling import Abortable, Again, Done, Fatal, Refind
from producer.errors import Code, error_code
from producer.wire import codec
from producer.wire.api import ApiKey, VersionRange
from producer.wire.messages.find_coordinator import Coordinator, FindCoordinatorRequest, FindCoordinatorResponse
from tests.unit.producer.client.desk import Desk, Question
from tests.unit.producer.scripted_brokers import SECOND_US

MS_US = 1_000
MINE = CoordinatorKey(CoordinatorType.TRANSACTION, "mine")
GROUP = CoordinatorKey(CoordinatorType.GROUP, "readers")


class Hall(Desk):
    """A desk whose brokers coordinate; FindCoordinator waits for the test as everything else does."""

    def __init__(self, *questions: Question, version: int = 6) -> None:
        self.version = version
        super().__init__(brokers=3)
        self.brokers.spoken[ApiKey.FIND_COORDINATOR] = VersionRange(0, version)
        for question in questions:
            self.ask(question)

    @property
    def sought(self) -> list[Any]:
        return [
            codec.decode(FindCoordinatorRequest, one.body, one.version)
            for one in self.brokers.waiting
            if one.api is ApiKey.FIND_COORDINATOR
        ]

    def find(self, key: str = "mine", broker: int = 2, code: int = Code.NONE, **wrong: Any) -> None:
        """Answer the FindCoordinator that waits."""
        request = self.brokers.next(ApiKey.FIND_COORDINATOR)
        one = Coordinator(key, -1, "", -1, code, None) if code else Coordinator(key, broker, f"b{broker}", 9092)
        one = one._replace(**wrong)
        if request.version >= 4:
            told = FindCoordinatorResponse(coordinators=(one,))
        else:
            told = FindCoordinatorResponse(error_code=one.error_code, node_id=one.node_id, host=one.host, port=one.port)
        self.brokers.answer(request, codec.encode(told, request.version))


def test_the_coordinator_is_found_first_and_then_asked() -> None:
    question = Question("a", target=MINE)
    hall = Hall(question)
    assert [(one.key_type, one.coordinator_keys) for one in hall.sought] == [(1, ("mine",))]
    assert hall.asked == []

    hall.find(broker=3)
    assert hall.asked == [(3, "a")]
    hall.answer()

    assert question.endings == [Done()]


def test_who_was_found_is_not_looked_for_again() -> None:
    hall = Hall(Question("a", target=MINE), Question("b", target=MINE, rulings=[Again()]))
    hall.find(broker=3)
    hall.answer()
    hall.answer()

    hall.brokers.advance(SECOND_US)

    assert (hall.sought, hall.asked) == ([], [(3, "b")])


def test_each_key_has_its_own_coordinator() -> None:
    other = CoordinatorKey(CoordinatorType.TRANSACTION, "other")
    hall = Hall(Question("a", target=MINE), Question("b", target=other))
    hall.find(broker=3)
    hall.answer()

    hall.find(key="other", broker=2)

    assert hall.asked == [(2, "b")]


@pytest.mark.parametrize("version", range(7))
def test_every_version_finds_the_coordinator_of_a_group(version: int) -> None:
    hall = Hall(Question("a", target=GROUP), version=version)
    (sought,) = hall.sought
    assert sought.key_type == 0
    assert (sought.key or sought.coordinator_keys[0]) == "readers"

    hall.find(key="readers", broker=2)

    assert hall.asked == [(2, "a")]


def test_a_version_that_knows_no_transactions_is_fatal_to_who_wants_one() -> None:
    mine, group = Question("a", target=MINE), Question("b", target=GROUP)
    hall = Hall(mine, group, version=0)

    assert mine.endings == [Fatal(error_code(Code.UNSUPPORTED_VERSION))]
    hall.find(key="readers")
    assert hall.asked == [(2, "b")]


def loses_the_connection(hall: Hall) -> None:
    hall.brokers.disconnect(2)


def says_that_it_is_not(hall: Hall) -> None:
    hall.answer()


def times_out(hall: Hall) -> None:
    hall.brokers.advance(5 * SECOND_US)


@pytest.mark.parametrize("fails", [loses_the_connection, says_that_it_is_not, times_out])
def test_a_coordinator_that_fails_is_looked_for_anew_after_a_back_off(fails: Callable[[Hall], None]) -> None:
    question = Question("a", target=MINE, rulings=[Refind()] if fails is says_that_it_is_not else [])
    hall = Hall(question)
    hall.find(broker=2)

    fails(hall)
    assert hall.sought == []
    hall.brokers.advance(121 * MS_US)
    hall.find(broker=3)

    assert hall.asked == [(3, "a")]
    hall.answer()
    assert question.endings == [Done()]


def test_a_coordinator_that_cannot_be_reached_is_looked_for_at_the_pace_of_the_back_off() -> None:
    hall = Hall(Question("a", target=MINE))
    hall.brokers.down = ["b2"]

    searches = 0
    for _ in range(50):
        while hall.sought:
            hall.find(broker=2)
            searches += 1
        hall.brokers.advance(100 * MS_US)
    assert 5 <= searches <= 12, "in five seconds"

    hall.brokers.down = []
    hall.brokers.advance(2 * SECOND_US)
    hall.find(broker=2)
    hall.brokers.advance(2 * SECOND_US)
    assert hall.asked == [(2, "a")]


@pytest.mark.parametrize("code", [Code.COORDINATOR_NOT_AVAILABLE, Code.COORDINATOR_LOAD_IN_PROGRESS])
def test_a_coordinator_that_is_not_there_yet_is_asked_for_again_after_a_back_off(code: Code) -> None:
    hall = Hall(Question("a", target=MINE))

    hall.find(code=code)
    assert hall.sought == []
    hall.brokers.advance(121 * MS_US)
    hall.find()

    assert hall.asked == [(2, "a")]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, Fatal),
        (Code.GROUP_AUTHORIZATION_FAILED, Abortable),
        (Code.TRANSACTION_ABORTABLE, Abortable),
        (Code.INVALID_REQUEST, Fatal),
        (Code.UNKNOWN_SERVER_ERROR, Fatal),
    ],
)
def test_whoever_waits_for_a_coordinator_that_cannot_be_had_hears_why_and_nobody_else(
    code: Code, kind: type[Fatal | Abortable]
) -> None:
    first, second = Question("a", target=MINE), Question("b", target=MINE)
    other, plain = Question("c", target=GROUP), Question("d")
    hall = Hall(first, second, other, plain)

    hall.find(code=code)

    assert first.endings == second.endings == [kind(error_code(code))]
    assert (other.endings, plain.endings) == ([], [])
    assert [one.coordinator_keys for one in hall.sought] == [("readers",)]


def test_after_a_failure_the_next_one_looks_anew() -> None:
    hall = Hall(Question("a", target=MINE))
    hall.find(code=Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)

    hall.ask(Question("b", target=MINE))
    hall.find(broker=3)

    assert hall.asked == [(3, "b")]


@pytest.mark.parametrize("wrong", [{"node_id": -1}, {"port": 0}, {"port": 70_000}])
def test_a_coordinator_that_none_can_be_is_asked_for_again_and_costs_no_connection(wrong: dict[str, Any]) -> None:
    hall = Hall(Question("a", target=MINE))
    before = len(hall.brokers.connected_to)

    hall.find(**wrong)
    hall.brokers.advance(SECOND_US)

    assert len(hall.brokers.connected_to) == before
    hall.find()
    assert hall.asked == [(2, "a")]


def test_an_answer_about_somebody_else_is_no_answer() -> None:
    hall = Hall(Question("a", target=MINE))

    hall.find(key="yours")
    hall.brokers.advance(121 * MS_US)
    hall.find()

    assert hall.asked == [(2, "a")]


def test_a_group_has_a_connection_to_its_coordinator_of_its_own() -> None:
    hall = Hall(Question("a", target=MINE), Question("b", target=GROUP))
    hall.find(broker=2)
    hall.answer()

    hall.find(key="readers", broker=2)

    assert hall.asked == [(2, "b")]
    assert [one.broker for one in hall.brokers.connections.values()].count(2) == 2
