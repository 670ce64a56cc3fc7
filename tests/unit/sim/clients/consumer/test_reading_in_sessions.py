"""A consumer before scripted leaders that keep fetch sessions: what is said again, and what ends a session (KIP-227)."""

from __future__ import annotations

import pytest

from producer.errors import Code
from tests.unit.sim.clients.consumer.reading_room import BILLS, ORDERS, ReadingRoom, batch

SECOND_US = 1_000_000


def test_in_a_session_only_what_changed_is_said() -> None:
    room = ReadingRoom(begin_at={ORDERS: 0, BILLS: 0})
    (first,) = room.fetches()
    assert (first.session_id, first.session_epoch) == (0, 0)

    room.give({ORDERS: batch(0, b"a"), BILLS: b""}, session_id=77)

    (second,) = room.fetches()
    assert (second.session_id, second.session_epoch, room.offsets_of(second)) == (77, 1, {ORDERS: 1})
    room.give({BILLS: batch(0, b"b")}, session_id=77)
    (third,) = room.fetches()
    assert (third.session_epoch, room.offsets_of(third)) == (2, {BILLS: 1})
    assert [record[3] for record in room.read] == [b"a", b"b"]


def test_a_session_forgets_what_was_revoked() -> None:
    room = ReadingRoom(begin_at={ORDERS: 0, BILLS: 0})
    room.consumer.revoke([ORDERS], room.brokers.now_us)

    room.give({ORDERS: batch(0, b"a"), BILLS: batch(0, b"b")}, session_id=77)

    (fetched,) = room.fetches()
    assert [(one.topic_id, one.partitions) for one in fetched.forgotten_topics_data] == [
        (room.brokers.topic_ids["orders"], (0,))
    ]


@pytest.mark.parametrize(
    ("code", "session_id"), [(Code.FETCH_SESSION_ID_NOT_FOUND, 0), (Code.INVALID_FETCH_SESSION_EPOCH, 77)]
)
def test_a_session_that_broke_is_replaced_at_once(code: Code, session_id: int) -> None:
    room = ReadingRoom(begin_at={ORDERS: 0, BILLS: 0})
    room.give({ORDERS: batch(0, b"a"), BILLS: b""}, session_id=77)

    room.give({}, error_code=code)

    (fetched,) = room.fetches()
    assert (fetched.session_id, fetched.session_epoch) == (session_id, 0)
    assert room.offsets_of(fetched) == {ORDERS: 1, BILLS: 0}, "everything"


def test_a_broker_that_refuses_the_first_request_of_a_session_is_not_asked_in_a_busy_loop() -> None:
    room = ReadingRoom(begin_at={ORDERS: 0})

    room.give({}, error_code=Code.INVALID_FETCH_SESSION_EPOCH)

    assert room.fetches() == []
    room.brokers.advance(SECOND_US)
    assert len(room.fetches()) == 1


def test_a_lost_answer_ends_the_session() -> None:
    room = ReadingRoom(begin_at={ORDERS: 0})
    room.give({ORDERS: batch(0, b"a")}, session_id=77)

    room.brokers.disconnect(1)
    room.brokers.advance(2 * SECOND_US)

    (fetched,) = room.fetches()
    assert (fetched.session_id, fetched.session_epoch, room.offsets_of(fetched)) == (77, 0, {ORDERS: 1})


def test_without_sessions_none_is_asked_for() -> None:
    room = ReadingRoom(begin_at={ORDERS: 0}, uses_sessions=False)

    for offset in range(2):
        (fetched,) = room.fetches()
        assert (fetched.session_id, fetched.session_epoch) == (0, -1)
        room.give({ORDERS: batch(offset, b"a")})
