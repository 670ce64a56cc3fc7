"""The queue of control requests: by priority, one in flight, and each told exactly once how it ended."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from producer.client.ruling import Abortable, Again, Done, Ending, Fatal
from producer.errors import Code, error_code
from producer.wire.api import ApiKey
from tests.unit.producer.client.desk import Desk, Question
from tests.unit.producer.scripted_brokers import SECOND_US

MS_US = 1_000
DENIED = error_code(Code.CLUSTER_AUTHORIZATION_FAILED)


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
    desk.brokers.advance(5 * SECOND_US + MS_US)


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


@pytest.mark.parametrize(("at_most", "spoken"), [(None, 6), (3, 3), (9, 6)])
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
