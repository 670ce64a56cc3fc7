"""The queue of control requests: by priority, one in flight, and each told exactly once how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from producer.client.control import Abortable, Again, Done, Ending, Fatal, Ruling
from producer.errors import Code, error_code
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.messages import init_producer_id
from producer.wire.messages.init_producer_id import InitProducerIdResponse
from tests.unit.producer.client.bare_client import SECOND_US, BareClient
from tests.unit.producer.scripted_brokers import ScriptedBrokers

MS_US = 1_000
DENIED = error_code(Code.CLUSTER_AUTHORIZATION_FAILED)


class Question:
    """A requester that rules as the test says, and notes what it is told."""

    api = ApiKey.INIT_PRODUCER_ID

    def __init__(
        self, name: str, *, priority: int = 1, rulings: Iterable[Ruling] = (), at_most: int | None = None
    ) -> None:
        self.name = name
        self.priority = priority
        self.at_most: int | None = at_most
        self.rulings = list(rulings)
        self.endings: list[Ending] = []

    def encode(self, version: int) -> bytes:
        asked = init_producer_id.InitProducerIdRequest(transactional_id=self.name)
        return encode(asked, version)

    def decode(self, body: bytes, version: int) -> InitProducerIdResponse:
        return decode(init_producer_id.InitProducerIdResponse, body, version)

    def take(self, told: InitProducerIdResponse) -> Ruling:
        return self.rulings.pop(0) if self.rulings else Done()

    def ended(self, ending: Ending, now_us: int) -> None:
        self.endings.append(ending)


class Desk:
    """A client, brokers, and what reached them."""

    def __init__(self, *questions: Question, brokers: int = 1) -> None:
        self.brokers = ScriptedBrokers(brokers=brokers)
        self.bare = BareClient()
        for question in questions:
            self.bare.client.control.ask(question)
        self.brokers.drive(self.bare)

    def ask(self, question: Question) -> None:
        self.bare.client.control.ask(question)
        self.bare.advance(self.brokers.now_us)
        self.brokers.settle()

    @property
    def waiting(self) -> list[str | None]:
        return [
            decode(init_producer_id.InitProducerIdRequest, one.body, one.version).transactional_id
            for one in self.brokers.waiting
        ]

    def answer(self, throttle_time_ms: int = 0) -> None:
        request = self.brokers.next()
        told = InitProducerIdResponse(throttle_time_ms, 0, 1, 0)
        self.brokers.answer(request, encode(told, request.version))


def test_the_lower_priority_number_goes_first_and_equals_go_in_turn() -> None:
    desk = Desk(Question("c", priority=2), Question("a", priority=1), Question("b", priority=1))

    order = []
    while desk.waiting:
        order += desk.waiting
        desk.answer()

    assert order == ["a", "b", "c"]


def test_one_is_in_flight_at_a_time_whatever_comes_in_between() -> None:
    desk = Desk(Question("first", priority=2))
    desk.ask(Question("urgent", priority=0))

    assert desk.waiting == ["first"]
    desk.answer()
    assert desk.waiting == ["urgent"]


@pytest.mark.parametrize("ending", [Done(), Abortable(DENIED), Fatal(DENIED)], ids=["Done", "Abortable", "Fatal"])
def test_who_asked_hears_once_how_it_ended(ending: Ending) -> None:
    question = Question("a", rulings=[ending])
    desk = Desk(question)

    desk.answer()
    desk.brokers.advance(20 * SECOND_US)

    assert question.endings == [ending]
    assert desk.waiting == []


def loses_the_connection(desk: Desk) -> None:
    desk.brokers.disconnect()


def times_out(desk: Desk) -> None:
    desk.brokers.advance(5 * SECOND_US)


def answers_nonsense(desk: Desk) -> None:
    desk.brokers.answer(desk.brokers.next(), b"\x00")


def rules_again(desk: Desk) -> None:
    desk.answer()


@pytest.mark.parametrize("fails", [loses_the_connection, times_out, answers_nonsense, rules_again])
def test_what_failed_is_asked_again_after_a_back_off_and_holds_back_the_others(fails: Callable[[Desk], None]) -> None:
    first, second = Question("first", rulings=[Again()] if fails is rules_again else []), Question("second")
    desk = Desk(first, second)

    fails(desk)
    assert desk.waiting == []
    desk.brokers.advance(79 * MS_US)
    assert desk.waiting == []
    desk.brokers.advance(200 * MS_US)
    assert desk.waiting == ["first"]

    desk.answer()
    desk.answer()
    assert (first.endings, second.endings) == ([Done()], [Done()])


def test_back_offs_grow_and_each_request_has_its_own() -> None:
    first, second = Question("first", rulings=[Again()] * 5), Question("second", rulings=[Again()])
    desk = Desk(first, second)
    for nominal_ms in (100, 200, 400, 800, 1_000):
        desk.answer()
        desk.brokers.advance(int(nominal_ms * 0.79) * MS_US)
        assert desk.waiting == []
        desk.brokers.advance(int(nominal_ms * 0.42) * MS_US)
        assert desk.waiting == ["first"]

    desk.answer()
    desk.answer()
    desk.brokers.advance(121 * MS_US)

    assert desk.waiting == ["second"], "its first back-off"


def test_nonsense_costs_the_broker_its_connection() -> None:
    desk = Desk(Question("a"))
    (connection,) = desk.brokers.connections

    answers_nonsense(desk)

    assert connection not in desk.brokers.connections


def test_a_request_that_no_broker_speaks_ends_fatally_and_the_next_one_goes_on_over_the_same_connection() -> None:
    old, new = Question("old", at_most=1), Question("new")
    desk = Desk()
    desk.brokers.spoken[ApiKey.INIT_PRODUCER_ID] = desk.brokers.spoken[ApiKey.INIT_PRODUCER_ID]._replace(lowest=2)
    desk.ask(old)
    desk.ask(new)

    assert old.endings == [Fatal(error_code(Code.UNSUPPORTED_VERSION))]
    assert desk.waiting == ["new"]
    assert desk.brokers.connected_to == [1]


@pytest.mark.parametrize(("at_most", "spoken"), [(None, 5), (3, 3), (9, 5)])
def test_a_cap_is_kept_to(at_most: int | None, spoken: int) -> None:
    desk = Desk(Question("a", at_most=at_most))

    assert desk.brokers.next().version == spoken


def test_a_broker_that_asks_for_a_pause_gets_it() -> None:
    desk = Desk(Question("first"), Question("second"))

    desk.answer(throttle_time_ms=700)
    desk.brokers.advance(699 * MS_US)
    assert desk.waiting == []
    desk.brokers.advance(MS_US)

    assert desk.waiting == ["second"]


def test_a_closed_client_asks_nothing_more() -> None:
    desk = Desk(Question("first"), Question("second"))

    desk.bare.client.close(desk.brokers.now_us)
    desk.brokers.advance(20 * SECOND_US)

    assert (desk.brokers.connections, desk.waiting) == ({}, [])
