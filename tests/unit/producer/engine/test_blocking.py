"""Who waits for metadata or for room, in which order, and what they are told in the end."""

import random
from typing import Any

import pytest

from producer.engine.buffer import Wait
from producer.errors import (
    BufferExhaustedError,
    Code,
    MetadataTimeoutError,
    ProducerClosedError,
    RecordTooLargeError,
    UsageError,
)
from producer.events import RoomMade
from producer.records import Record
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster


def test_a_record_for_an_unknown_topic_waits_for_metadata() -> None:
    cluster = ScriptedCluster()
    record = Record("orders", b"a")

    wait = cluster.engine.send(record, 1, now_us=0)
    assert wait is not None
    cluster.settle()

    assert any(isinstance(answer, RoomMade) for answer in cluster.answers)
    assert cluster.engine.send(record, 1, now_us=0, wait=wait) is None


def test_waiting_in_vain_for_metadata_names_topic_and_servers() -> None:
    cluster = ScriptedCluster()
    cluster.topic_error = Code.UNKNOWN_TOPIC_OR_PARTITION
    record = Record("orders", b"a")
    wait = cluster.engine.send(record, 1, now_us=0)
    assert wait is not None
    cluster.advance(60 * SECOND_US)

    error = cluster.engine.give_up(wait, record, now_us=cluster.now_us)

    assert isinstance(error, MetadataTimeoutError)
    assert "'orders'" in str(error)
    assert "UNKNOWN_TOPIC_OR_PARTITION" in str(error)


def test_a_full_buffer_blocks_in_the_order_of_arrival_until_an_answer_makes_room() -> None:
    cluster = ScriptedCluster(buffer_memory=1_000, batch_size=1_000, linger_ms=0)
    cluster.send(b"a")
    first = Record("orders", b"b")
    second = Record("orders", b"c")
    waits = [cluster.engine.send(record, record.value, now_us=0) for record in (first, second)]
    assert None not in waits

    cluster.answer()
    assert any(isinstance(answer, RoomMade) for answer in cluster.answers)
    assert cluster.engine.send(second, b"c", now_us=0, wait=waits[1]) is waits[1], "first come, first served"
    assert cluster.engine.send(first, b"b", now_us=0, wait=waits[0]) is None


def test_waiting_in_vain_for_room_names_the_limit() -> None:
    cluster = ScriptedCluster(buffer_memory=1_000, batch_size=1_000, linger_ms=0)
    cluster.send(b"a")
    record = Record("orders", b"b")
    wait = cluster.engine.send(record, 1, now_us=0)
    assert wait is not None

    error = cluster.engine.give_up(wait, record, now_us=cluster.now_us)

    assert isinstance(error, BufferExhaustedError)
    assert "buffer.memory of 1000" in str(error)


def test_every_byte_of_the_buffer_comes_back() -> None:
    cluster = ScriptedCluster(linger_ms=0, retries=1)
    for index in range(4):
        cluster.send(b"%d" % index)
    cluster.answer()
    cluster.answer(code=Code.TOPIC_AUTHORIZATION_FAILED)
    cluster.engine.abort(cluster.now_us)
    cluster.settle()

    assert cluster.engine._buffer.free_bytes == cluster.engine._buffer.total_bytes
    assert len(cluster.delivered) + len(cluster.failed) == 4


def served_again(cluster: ScriptedCluster) -> bool:
    """Let everything be answered, and see whether a record finds room, with all bytes free."""
    while cluster.waiting:
        cluster.answer()
    assert cluster.engine._buffer.free_bytes == cluster.engine._buffer.total_bytes
    assert cluster.engine._buffer.waiters == 0
    return cluster.engine.send(Record("orders", b"next"), 0, now_us=cluster.now_us) is None


def full(**properties: Any) -> ScriptedCluster:
    """A producer whose buffer holds one batch, which is on its way."""
    cluster = ScriptedCluster(buffer_memory=1_000, batch_size=1_000, linger_ms=0, **properties)
    cluster.send(b"a")
    return cluster


def test_a_record_whose_topic_is_refused_while_it_waits_for_room_leaves_no_place_behind() -> None:
    cluster = full()
    record = Record("orders", b"b")
    wait = cluster.engine.send(record, 1, now_us=0)
    assert wait is not None
    cluster.topic_error = Code.TOPIC_AUTHORIZATION_FAILED
    # Nobody can be reached for a while: the producer begins again, and is told anew of the topic.
    cluster.refuses_connections = True
    cluster.disconnect_all()
    cluster.want_metadata()
    cluster.advance(SECOND_US)
    cluster.refuses_connections = False
    cluster.advance(SECOND_US)

    with pytest.raises(UsageError, match="TOPIC_AUTHORIZATION_FAILED"):
        cluster.engine.send(record, 1, now_us=cluster.now_us, wait=wait)

    cluster.topic_error = Code.NONE
    cluster.want_metadata()
    cluster.advance(2 * SECOND_US)
    assert served_again(cluster)


def test_who_waits_behind_a_record_that_is_refused_in_the_queue_for_room_is_told_to_try() -> None:
    cluster = full()
    refused, behind = Record("orders", b"b"), Record("orders", b"c")
    wait, wait_behind = (cluster.engine.send(one, 1, now_us=0) for one in (refused, behind))
    assert wait is not None
    cluster.answer()
    cluster.answers.clear()
    cluster.engine.close(0)

    with pytest.raises(ProducerClosedError):
        cluster.engine.send(refused, 1, now_us=0, wait=wait)

    assert any(isinstance(answer, RoomMade) for answer in cluster.engine.take_answers())
    with pytest.raises(ProducerClosedError):
        cluster.engine.send(behind, 1, now_us=0, wait=wait_behind)
    assert cluster.engine._buffer.waiters == 0


def test_who_waits_for_metadata_of_a_closed_producer_leaves_no_place_behind() -> None:
    engine = ScriptedCluster().engine
    record = Record("orders", b"a")
    wait, wait_to_learn = engine.send(record, 1, now_us=0), engine.learn("orders", now_us=0)
    engine.close(0)

    with pytest.raises(ProducerClosedError):
        engine.send(record, 1, now_us=0, wait=wait)
    with pytest.raises(ProducerClosedError):
        engine.learn("orders", now_us=0, wait=wait_to_learn)

    assert engine._metadata_waits == {}


def test_a_batch_size_that_the_buffer_can_never_hold_is_refused_at_once() -> None:
    cluster = ScriptedCluster(buffer_memory=1_000, batch_size=1_001)
    cluster.want_metadata()
    cluster.engine.learn("orders", now_us=0)
    cluster.settle()

    with pytest.raises(UsageError, match=r"batch\.size of 1001 does not fit buffer\.memory of 1000"):
        cluster.engine.send(Record("orders", b"a"), 1, now_us=0)

    assert cluster.engine._buffer.waiters == 0


def test_a_record_that_is_too_large_does_not_end_the_batch_that_others_are_in() -> None:
    cluster = ScriptedCluster(batch_size=4_000, max_request_size=5_000, linger_ms=1_000)
    cluster.send(b"a")

    with pytest.raises(RecordTooLargeError):
        cluster.send(bytes(6_000))
    cluster.advance(500_000)

    assert cluster.waiting == []
    assert cluster.send_alone(b"b").values == [b"a", b"b"]


@pytest.mark.parametrize("seed", range(60))
def test_however_those_who_wait_end_no_place_is_kept_and_the_next_record_is_served(seed: int) -> None:
    """Drawn: sends, tries, giving up, answers, brokers that cannot be reached, and a topic that is refused meanwhile."""
    chance = random.Random(seed)
    cluster = ScriptedCluster(buffer_memory=2_000, batch_size=1_000, linger_ms=0, max_block_ms=5_000)
    engine = cluster.engine
    waiting: dict[int, Wait] = {}

    def attempt(number: int, wait: Wait | None) -> None:
        waiting.pop(number, None)
        try:
            blocked = engine.send(Record("orders", b"%03d" % number), number, now_us=cluster.now_us, wait=wait)
        except UsageError:
            return
        if blocked is not None:
            waiting[number] = blocked

    for number in range(60):
        match chance.randrange(8):
            case 0 | 1 | 2:
                attempt(number, None)
            case 3 if waiting:
                one = chance.choice(list(waiting))
                attempt(one, waiting[one])
            case 4 if waiting:
                one = chance.choice(list(waiting))
                engine.give_up(waiting.pop(one), Record("orders", b""), now_us=cluster.now_us)
            case 5 if cluster.waiting:
                cluster.answer()
            case 6:
                cluster.refuses_connections = not cluster.refuses_connections
                cluster.disconnect_all()
                cluster.want_metadata()
            case _:
                cluster.topic_error = chance.choice((Code.NONE, Code.TOPIC_AUTHORIZATION_FAILED))
                cluster.want_metadata()
        cluster.advance(chance.choice((0, 200_000, SECOND_US)))

    cluster.refuses_connections, cluster.topic_error = False, Code.NONE
    cluster.want_metadata()
    cluster.advance(3 * SECOND_US)
    for one in list(waiting):
        engine.give_up(waiting.pop(one), Record("orders", b""), now_us=cluster.now_us)
    assert engine._metadata_waits == {}
    assert served_again(cluster)
