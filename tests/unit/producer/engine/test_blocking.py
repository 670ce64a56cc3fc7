"""Who waits for metadata or for room, in which order, and what they are told in the end."""

from producer.errors import (
    BufferExhaustedError,
    Code,
    MetadataTimeoutError,
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
