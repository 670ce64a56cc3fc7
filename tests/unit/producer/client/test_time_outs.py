"""Everything received is handled before anything times out: a process that slept is not a broker that did not answer."""

from __future__ import annotations

from typing import Any

from producer.errors import Code
from producer.events import BatchRetried, ConnectionLost
from producer.wire.api import ApiKey, encode_response
from producer.wire.codec import encode
from producer.wire.messages import produce
from tests.unit.producer.scripted_cluster import SECOND_US, TOPIC_ID, Produced, ScriptedCluster


def answer_bytes(request: Produced, code: int = Code.NONE) -> bytes:
    """What a broker says to a Produce request of one partition."""
    (partition,) = request.batches
    told = produce.ProducePartitionResponse(partition.partition, code, 0)
    response = produce.ProduceResponse((produce.ProduceTopicResponse("orders", TOPIC_ID, (told,)),))
    version = request.header.api_version
    body = encode(response, version)
    return encode_response(ApiKey.PRODUCE, version, request.header.correlation_id, body)


def in_flight_at_two(**properties: Any) -> tuple[ScriptedCluster, Produced, Produced]:
    """One batch in flight at each of two brokers."""
    cluster = ScriptedCluster(brokers=2, partitions=2, request_timeout_ms=1_000, **properties)
    return cluster, cluster.send_alone(b"a", partition=0), cluster.send_alone(b"b", partition=1)


def test_an_answer_that_was_received_is_no_time_out_however_late_it_is_read() -> None:
    cluster, first, second = in_flight_at_two()

    cluster.now_us += 20 * SECOND_US
    cluster.engine.bytes_received(first.connection, answer_bytes(first), cluster.now_us)
    cluster.engine.bytes_received(second.connection, answer_bytes(second), cluster.now_us)
    cluster.engine.timer_fired(cluster.now_us)
    cluster.settle()

    assert cluster.delivered == [b"a", b"b"]
    assert not any(isinstance(event, BatchRetried | ConnectionLost) for event in cluster.observed)


def test_a_batch_past_its_delivery_time_is_delivered_by_an_answer_that_was_received() -> None:
    cluster, first, second = in_flight_at_two(delivery_timeout_ms=1_100, linger_ms=0)

    cluster.now_us += 20 * SECOND_US
    cluster.engine.bytes_received(first.connection, answer_bytes(first), cluster.now_us)
    cluster.engine.bytes_received(second.connection, answer_bytes(second), cluster.now_us)
    cluster.settle()

    assert cluster.delivered == [b"a", b"b"]


def test_what_was_not_received_times_out_when_the_timer_fires_and_not_before() -> None:
    cluster, first, second = in_flight_at_two()

    cluster.now_us += 20 * SECOND_US
    cluster.engine.bytes_received(first.connection, answer_bytes(first), cluster.now_us)
    assert not any(isinstance(event, ConnectionLost) for event in cluster.observed)
    assert cluster.engine.deadline_us <= cluster.now_us, "the timer is due at once"
    cluster.engine.timer_fired(cluster.now_us)

    assert [event.connection for event in cluster.observed if isinstance(event, ConnectionLost)] == [second.connection]
