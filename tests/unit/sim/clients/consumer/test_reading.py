"""The consumer before scripted leaders: what it asks of whom, and what becomes of each answer."""

from __future__ import annotations

import pytest

from producer.errors import Code
from producer.wire.api import ApiKey, VersionRange
from producer.wire.messages.fetch import AbortedTransaction, FetchPartitionResponse
from producer.wire.messages.leaders import LeaderIdAndEpoch, NodeEndpoint
from producer.wire.record_batch import computed_crc, read_header
from sim.clients.consumer import EARLIEST, LATEST, Isolation
from tests.unit.sim.clients.consumer.reading_room import (
    BILLS,
    ORDERS,
    OTHER_ORDERS,
    ReadingRoom,
    batch,
    marker,
)

SECOND_US = 1_000_000


# -- partitions of several topics --------------------------------------------------------------------------------------


def test_partitions_of_several_topics_are_asked_of_their_leaders_in_one_request_each() -> None:
    room = ReadingRoom(begin_at={ORDERS: 0, OTHER_ORDERS: 3, BILLS: 7})

    assert [room.offsets_of(one) for one in room.fetches(1)] == [{ORDERS: 0, BILLS: 7}]
    assert [room.offsets_of(one) for one in room.fetches(2)] == [{OTHER_ORDERS: 3}]

    room.give({ORDERS: batch(0, b"a", b"b"), BILLS: batch(7, b"c")})
    assert room.read == [("orders", 0, 0, b"a"), ("orders", 0, 1, b"b"), ("bills", 0, 7, b"c")]
    assert [room.offsets_of(one) for one in room.fetches(1)] == [{ORDERS: 2, BILLS: 8}]


def test_whole_topics_are_read_as_soon_as_they_are_known_and_grow() -> None:
    room = ReadingRoom(topics=["orders", "bills"])
    room.give_offsets({ORDERS: 0, BILLS: 0})
    assert room.consumer.knows_topics
    room.brokers.topics["bills"].append((2, 5))
    assert [room.offsets_of(one) for one in room.fetches(1)] == [{ORDERS: 0, BILLS: 0}]

    room.give_offsets({OTHER_ORDERS: 0}, broker=2)
    room.brokers.disconnect(2)
    for _ in range(3):
        room.give({}, broker=1)
        room.brokers.advance(SECOND_US)
    room.give({}, broker=2)

    assert [
        (one.name, [part.partition_index for part in one.partitions]) for one in room.asked_offsets(broker=2).topics
    ] == [("bills", [1])]


def test_where_to_begin_is_asked_for_and_then_read_from() -> None:
    room = ReadingRoom(begin_at={ORDERS: LATEST})
    assert room.consumer.position(ORDERS) is None
    (topic,) = room.asked_offsets().topics
    assert (topic.name, topic.partitions[0].timestamp, topic.partitions[0].current_leader_epoch) == (
        "orders",
        LATEST,
        5,
    )

    room.give_offsets({ORDERS: 42})

    assert room.consumer.position(ORDERS) == 42
    assert [room.offsets_of(one) for one in room.fetches()] == [{ORDERS: 42}]


# -- assigned, revoked, sought -----------------------------------------------------------------------------------------


def test_a_partition_that_is_revoked_is_read_no_more_and_an_answer_on_its_way_is_dropped() -> None:
    room = ReadingRoom(begin_at={ORDERS: 0, BILLS: 0})

    room.consumer.revoke([ORDERS], room.brokers.now_us)
    room.give({ORDERS: batch(0, b"a"), BILLS: batch(0, b"b")})

    assert room.read == [("bills", 0, 0, b"b")]
    assert [room.offsets_of(one) for one in room.fetches()] == [{BILLS: 1}]


def test_what_was_read_and_not_taken_is_forgotten_with_its_partition() -> None:
    room = ReadingRoom(begin_at={ORDERS: 0, BILLS: 0})
    room.give({ORDERS: batch(0, b"a"), BILLS: batch(0, b"b")})

    room.consumer.revoke([ORDERS], room.brokers.now_us)

    assert room.read == [("bills", 0, 0, b"b")]


def test_a_topic_of_which_nothing_is_read_any_more_is_not_asked_about() -> None:
    room = ReadingRoom(begin_at={BILLS: 0})
    asked = room.brokers.metadata_asked

    room.consumer.revoke([BILLS], room.brokers.now_us)
    room.give({BILLS: batch(0, b"b")})
    room.brokers.advance(3_600 * SECOND_US)

    assert room.brokers.metadata_asked == asked
    assert room.brokers.connections == {}, "nobody uses it"


def test_a_partition_assigned_later_joins_the_others() -> None:
    room = ReadingRoom(begin_at={ORDERS: 0})

    room.consumer.assign({BILLS: 4}, room.brokers.now_us)
    room.brokers.settle()
    assert len(room.fetches()) == 1, "one request a broker at a time"
    room.give({ORDERS: batch(0, b"a")})
    room.give({ORDERS: batch(1, b"b")})

    assert [room.offsets_of(one) for one in room.fetches()] == [{ORDERS: 2, BILLS: 4}]


@pytest.mark.parametrize("place", [0, 17])
def test_who_seeks_reads_from_there_and_not_what_was_on_its_way(place: int) -> None:
    room = ReadingRoom(begin_at={ORDERS: 5})

    room.consumer.seek(ORDERS, place, room.brokers.now_us)
    assert room.consumer.position(ORDERS) == place
    room.give({ORDERS: batch(5, b"old")})

    assert room.read == []
    assert [room.offsets_of(one) for one in room.fetches()] == [{ORDERS: place}]


def test_one_can_seek_to_an_end() -> None:
    room = ReadingRoom(begin_at={ORDERS: 5})

    room.consumer.seek(ORDERS, EARLIEST, room.brokers.now_us)
    room.give({ORDERS: batch(5, b"old")})
    room.give_offsets({ORDERS: 2})

    assert [room.offsets_of(one) for one in room.fetches()] == [{ORDERS: 2}]


def test_nobody_can_seek_what_is_not_read() -> None:
    with pytest.raises(KeyError):
        ReadingRoom().consumer.seek(ORDERS, 0, 0)


# -- errors of one partition -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reset_to", [EARLIEST, LATEST])
def test_an_offset_out_of_range_begins_again_where_that_is_wanted(reset_to: int) -> None:
    room = ReadingRoom(begin_at={ORDERS: 50}, reset_to=reset_to)

    room.give({ORDERS: Code.OFFSET_OUT_OF_RANGE})
    assert room.asked_offsets().topics[0].partitions[0].timestamp == reset_to
    room.give_offsets({ORDERS: 12})

    assert [room.offsets_of(one) for one in room.fetches()] == [{ORDERS: 12}]


def test_by_default_an_offset_out_of_range_goes_on_at_the_end_of_the_log_as_auto_offset_reset_has_it() -> None:
    room = ReadingRoom(begin_at={ORDERS: 50})

    room.give({ORDERS: Code.OFFSET_OUT_OF_RANGE})

    assert room.asked_offsets().topics[0].partitions[0].timestamp == LATEST


def test_an_offset_out_of_range_is_an_error_where_nothing_else_is_wanted() -> None:
    room = ReadingRoom(begin_at={ORDERS: 50}, reset_to=None)

    room.give({ORDERS: Code.OFFSET_OUT_OF_RANGE})

    assert "offset 50 is out of range" in str(room.consumer.error)


@pytest.mark.parametrize("code", [Code.NOT_LEADER_OR_FOLLOWER, Code.FENCED_LEADER_EPOCH])
def test_a_leader_that_is_named_is_asked_at_once(code: Code) -> None:
    room = ReadingRoom(begin_at={ORDERS: 4})
    now_us = room.brokers.now_us

    told = FetchPartitionResponse(0, code, current_leader=LeaderIdAndEpoch(2, 6))
    room.give({ORDERS: told}, node_endpoints=(NodeEndpoint(2, "b2", 9092),))

    (fetched,) = room.fetches(2)
    assert room.offsets_of(fetched) == {ORDERS: 4}
    assert fetched.topics[0].partitions[0].current_leader_epoch == 6
    assert room.brokers.now_us == now_us


@pytest.mark.parametrize(
    "code",
    [
        Code.NOT_LEADER_OR_FOLLOWER,
        Code.FENCED_LEADER_EPOCH,
        Code.UNKNOWN_LEADER_EPOCH,
        Code.UNKNOWN_TOPIC_OR_PARTITION,
        Code.UNKNOWN_TOPIC_ID,
        Code.REPLICA_NOT_AVAILABLE,
        Code.KAFKA_STORAGE_ERROR,
        Code.OFFSET_NOT_AVAILABLE,
        Code.UNKNOWN_SERVER_ERROR,
    ],
)
def test_what_may_pass_is_waited_for_and_metadata_is_asked(code: Code) -> None:
    room = ReadingRoom(begin_at={ORDERS: 4})
    asked = room.brokers.metadata_asked
    room.brokers.topics["orders"][0] = (2, 6)

    room.give({ORDERS: code})
    assert room.fetches() == []
    room.brokers.advance(SECOND_US)

    assert room.brokers.metadata_asked > asked
    (fetched,) = room.fetches(2)
    assert (room.offsets_of(fetched), fetched.topics[0].partitions[0].current_leader_epoch) == ({ORDERS: 4}, 6)
    assert room.consumer.error is None


@pytest.mark.parametrize("code", [Code.TOPIC_AUTHORIZATION_FAILED, Code.CORRUPT_MESSAGE])
def test_what_no_patience_mends_is_an_error(code: Code) -> None:
    room = ReadingRoom(begin_at={ORDERS: 4})

    room.give({ORDERS: code})

    assert code.name in str(room.consumer.error)


def flipped(data: bytes) -> bytes:
    """The same with another last bit."""
    return data[:-1] + bytes([data[-1] ^ 1])


def test_nobody_gets_past_a_batch_that_does_not_match_its_crc() -> None:
    room = ReadingRoom(begin_at={ORDERS: 4, BILLS: 0})

    room.give({ORDERS: batch(4, b"a") + flipped(batch(5, b"b")) + batch(6, b"c")})

    # What stands before it is given first (CompletedFetch.fetchRecords), and nothing behind it ever.
    assert room.read == [("orders", 0, 4, b"a")]
    assert str(room.consumer.error) == (
        f"orders-0: the batch at offset 5 is corrupt: CRC {read_header(batch(5, b'b')).crc:#010x} is stored, "
        f"{computed_crc(flipped(batch(5, b'b'))):#010x} computed"
    )
    assert room.consumer.position(ORDERS) == 5
    room.brokers.advance(10 * SECOND_US)
    assert [room.offsets_of(one) for one in room.fetches()] == [{BILLS: 0}]


def test_who_seeks_past_a_bad_batch_reads_on() -> None:
    room = ReadingRoom(begin_at={ORDERS: 5})
    room.give({ORDERS: flipped(batch(5, b"b")) + batch(6, b"c")})

    room.consumer.seek(ORDERS, 6, room.brokers.now_us)
    room.brokers.advance(SECOND_US)
    room.give({ORDERS: batch(6, b"c")})

    assert room.read == [("orders", 0, 6, b"c")]


def test_an_error_of_one_partition_holds_back_no_other() -> None:
    room = ReadingRoom(begin_at={ORDERS: 0, BILLS: 0})

    room.give({ORDERS: Code.KAFKA_STORAGE_ERROR, BILLS: batch(0, b"b")})

    assert room.read == [("bills", 0, 0, b"b")]
    assert [room.offsets_of(one) for one in room.fetches()] == [{BILLS: 1}]


@pytest.mark.parametrize("code", [Code.UNKNOWN_LEADER_EPOCH, Code.FENCED_LEADER_EPOCH, Code.NOT_LEADER_OR_FOLLOWER])
def test_where_to_begin_is_asked_again_of_a_leader_that_knows_its_epoch(code: Code) -> None:
    room = ReadingRoom(begin_at={ORDERS: LATEST})
    room.brokers.topics["orders"][0] = (2, 6)

    room.give_offsets({ORDERS: -1}, error_code=code)
    room.brokers.advance(SECOND_US)

    assert room.asked_offsets(broker=2).topics[0].partitions[0].current_leader_epoch == 6


def test_a_batch_that_nobody_can_read_costs_the_connection_and_the_others_nothing() -> None:
    room = ReadingRoom(begin_at={ORDERS: 0, BILLS: 0})
    before = room.brokers.connected_to.count(1)
    unreadable = bytearray(batch(0, b"b")[:-1] + b"\x7f")
    unreadable[17:21] = computed_crc(unreadable).to_bytes(4)

    room.give({ORDERS: batch(0, b"a"), BILLS: bytes(unreadable)})
    room.brokers.advance(SECOND_US)

    assert room.read == [("orders", 0, 0, b"a")]
    assert room.brokers.connected_to.count(1) == before + 1
    room.give({ORDERS: b""})
    assert [room.offsets_of(one) for one in room.fetches()] == [{ORDERS: 1, BILLS: 0}]


def test_a_lost_connection_is_begun_again_and_nothing_read_twice() -> None:
    room = ReadingRoom(begin_at={ORDERS: 0})
    room.give({ORDERS: batch(0, b"a")})

    room.brokers.disconnect()
    room.brokers.advance(2 * SECOND_US)
    room.give({ORDERS: batch(0, b"a") + batch(1, b"b")})

    assert room.read == [("orders", 0, 0, b"a"), ("orders", 0, 1, b"b")]


def test_an_answer_that_arrived_is_read_however_late() -> None:
    room = ReadingRoom(begin_at={ORDERS: 0})

    room.brokers.now_us += 120 * SECOND_US
    room.give({ORDERS: batch(0, b"a")})

    assert room.read == [("orders", 0, 0, b"a")]


def test_a_broker_that_does_not_speak_fetch_is_an_error_and_keeps_its_connection() -> None:
    room = ReadingRoom()
    room.brokers.spoken[ApiKey.FETCH] = VersionRange(0, 3)

    room.consumer.assign({ORDERS: 0}, room.brokers.now_us)
    room.brokers.advance(1_000)

    assert "FETCH" in str(room.consumer.error)
    assert len(room.brokers.connections) >= 1


# -- read_committed ----------------------------------------------------------------------------------------------------


def test_read_committed_asks_for_it_and_ends_at_the_last_stable_offset() -> None:
    room = ReadingRoom(begin_at={ORDERS: 0}, isolation=Isolation.READ_COMMITTED, stops_at_end=True)
    assert room.asked_offsets().isolation_level == 1
    room.give_offsets({ORDERS: 4})
    (fetched,) = room.fetches()
    assert fetched.isolation_level == 1

    how = {"producer_id": 9, "producer_epoch": 0, "is_transactional": True}
    log = batch(0, b"gone", **how) + batch(1, b"plain") + marker(2, 9, commits=False) + batch(3, b"kept")
    room.give({ORDERS: FetchPartitionResponse(0, 0, 9, 4, 0, aborted_transactions=(AbortedTransaction(9, 0),),
                                              records=log)})  # fmt: skip

    assert [record[3] for record in room.read] == [b"plain", b"kept"]
    assert room.consumer.is_at_end
