"""A new leader is asked whether its log still holds what was read, before anything is fetched from it (KIP-320)."""

from __future__ import annotations

from typing import Any

import pytest

from producer.errors import Code
from producer.wire import codec
from producer.wire.api import ApiKey
from producer.wire.messages.offset_for_leader_epoch import (
    EpochEndOffset,
    OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse,
    OffsetForLeaderTopicResult,
)
from sim.clients.consumer import EARLIEST
from tests.unit.sim.clients.consumer.reading_room import ORDERS, ReadingRoom, batch

SECOND_US = 1_000_000


class Election(ReadingRoom):
    """Broker 1 gave two records in leader epoch 5; then broker 2 leads in epoch 6."""

    def __init__(self, *, speaks: bool = True, **reading: Any) -> None:
        super().__init__(begin_at={ORDERS: 10}, **reading)
        if not speaks:
            del self.brokers.spoken[ApiKey.OFFSET_FOR_LEADER_EPOCH]
            self.brokers.disconnect()
            self.brokers.advance(SECOND_US)
        self.give({ORDERS: batch(10, b"a", b"b", leader_epoch=5)})
        self.brokers.topics["orders"][0] = (2, 6)
        self.give({ORDERS: Code.NOT_LEADER_OR_FOLLOWER})
        self.brokers.advance(SECOND_US)

    @property
    def asked(self) -> list[tuple[int, int, int]]:
        """Partition, leader epoch believed in, epoch asked about."""
        return [
            (one.partition, one.current_leader_epoch, one.leader_epoch)
            for request in self.brokers.waiting
            if request.api is ApiKey.OFFSET_FOR_LEADER_EPOCH
            for topic in codec.decode(OffsetForLeaderEpochRequest, request.body, request.version).topics
            for one in topic.partitions
        ]

    def tell_end(self, end_offset: int, *, leader_epoch: int = 5, code: int = Code.NONE) -> None:
        request = self.waiting(ApiKey.OFFSET_FOR_LEADER_EPOCH, broker=2)
        told = EpochEndOffset(code, 0, leader_epoch, end_offset)
        response = OffsetForLeaderEpochResponse(0, (OffsetForLeaderTopicResult("orders", (told,)),))
        self.brokers.answer(request, codec.encode(response, request.version))


def test_the_end_of_the_epoch_that_was_read_is_asked_for_before_anything_is_fetched() -> None:
    room = Election()

    assert room.asked == [(0, 6, 5)]
    assert room.fetches() == []


@pytest.mark.parametrize("end_offset", [12, 40])
def test_a_log_that_holds_what_was_read_is_read_on(end_offset: int) -> None:
    room = Election()

    room.tell_end(end_offset)

    assert [room.offsets_of(one) for one in room.fetches(2)] == [{ORDERS: 12}]
    room.give({ORDERS: batch(12, b"c", leader_epoch=6)}, broker=2)
    assert room.asked == [], "once"
    assert [record[2] for record in room.read] == [10, 11, 12]


def test_a_log_that_was_cut_is_read_from_where_it_was_cut() -> None:
    room = Election()

    room.tell_end(11)

    assert [room.offsets_of(one) for one in room.fetches(2)] == [{ORDERS: 11}]
    room.give({ORDERS: batch(11, b"other", leader_epoch=6)}, broker=2)
    assert room.read[-1] == ("orders", 0, 11, b"other")


def test_a_log_that_was_cut_is_an_error_where_nothing_may_be_lost() -> None:
    room = Election(reset_to=None)

    room.tell_end(11)

    assert "read in leader epoch 5 and are gone: the log was cut at 11" in str(room.consumer.error)


def test_an_epoch_that_the_leader_never_heard_of_begins_again() -> None:
    room = Election(reset_to=EARLIEST)

    room.tell_end(-1, leader_epoch=-1)
    assert room.asked_offsets(broker=2).topics[0].partitions[0].timestamp == EARLIEST
    room.give_offsets({ORDERS: 3}, broker=2)

    assert [room.offsets_of(one) for one in room.fetches(2)] == [{ORDERS: 3}]


@pytest.mark.parametrize(
    "code",
    [
        Code.NOT_LEADER_OR_FOLLOWER,
        Code.FENCED_LEADER_EPOCH,
        Code.UNKNOWN_LEADER_EPOCH,
        Code.OFFSET_NOT_AVAILABLE,
        Code.KAFKA_STORAGE_ERROR,
        Code.UNKNOWN_SERVER_ERROR,
    ],
)
def test_a_leader_that_cannot_say_is_asked_again(code: Code) -> None:
    room = Election()

    room.tell_end(-1, code=code)
    assert room.asked == []
    room.brokers.advance(SECOND_US)

    assert room.asked == [(0, 6, 5)]
    assert room.consumer.error is None


def test_a_lost_question_is_asked_again() -> None:
    room = Election()

    room.brokers.disconnect(2)
    room.brokers.advance(2 * SECOND_US)

    assert room.asked == [(0, 6, 5)]


def test_a_refusal_is_an_error() -> None:
    room = Election()

    room.tell_end(-1, code=Code.TOPIC_AUTHORIZATION_FAILED)

    assert "TOPIC_AUTHORIZATION_FAILED" in str(room.consumer.error)


def test_a_broker_that_cannot_be_asked_is_believed() -> None:
    room = Election(speaks=False)

    assert room.asked == []
    assert [room.offsets_of(one) for one in room.fetches(2)] == [{ORDERS: 12}]


def test_where_nothing_was_read_there_is_nothing_to_ask() -> None:
    room = ReadingRoom(begin_at={ORDERS: 10})
    room.brokers.topics["orders"][0] = (2, 6)

    room.give({ORDERS: Code.NOT_LEADER_OR_FOLLOWER})
    room.brokers.advance(SECOND_US)

    assert [room.offsets_of(one) for one in room.fetches(2)] == [{ORDERS: 10}]


def test_who_seeks_meanwhile_does_not_wait_for_the_answer_about_the_old_place() -> None:
    room = Election()

    room.consumer.seek(ORDERS, 4, room.brokers.now_us)
    room.tell_end(11)

    assert room.consumer.position(ORDERS) == 4
    assert [room.offsets_of(one) for one in room.fetches(2)] == [{ORDERS: 4}]
