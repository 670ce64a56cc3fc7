"""acks=0: nobody answers, so a request is under way until the operating system has taken it, as in Java's `NetworkClient`."""

from typing import Any

import pytest

from producer.errors import Code, DeliveryTimeoutError, Outcome, PurgedError
from producer.records import Record
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster


def unheeded(**properties: Any) -> ScriptedCluster:
    """A producer with acks=0 whose operating system takes nothing more until the test says so."""
    given: dict[str, Any] = {"acks": "0", "linger_ms": 0}
    cluster = ScriptedCluster(**given | properties)
    cluster.takes_bytes = False
    return cluster


def written(cluster: ScriptedCluster) -> list[list[bytes | None]]:
    return [request.values for request in cluster.seen]


def test_a_record_is_delivered_when_the_operating_system_has_taken_it_and_not_before() -> None:
    cluster = unheeded()
    cluster.send(b"a")
    assert (written(cluster), cluster.delivered) == ([[b"a"]], [])

    cluster.take_bytes()
    cluster.settle()

    assert cluster.delivered == [b"a"]


def test_nothing_more_is_written_to_a_connection_that_has_not_taken_everything() -> None:
    cluster = unheeded(brokers=2, partitions=2)
    for value in (b"a", b"b", b"c"):
        cluster.send(value, partition=0)
    cluster.send(b"other", partition=1)

    assert written(cluster) == [[b"a"], [b"other"]], "the other broker's connection is another one"
    cluster.take_bytes()
    cluster.settle()
    assert written(cluster)[2:] == [[b"b", b"c"]]
    assert cluster.delivered == [b"a", b"other"]


def test_what_was_not_taken_keeps_its_room_so_that_send_waits() -> None:
    cluster = unheeded(buffer_memory=2_000, batch_size=1_000)
    for value in (b"a", b"b"):
        cluster.send(value * 800)
    record = Record("orders", b"c" * 800)
    wait = cluster.engine.send(record, 1, now_us=cluster.now_us)
    assert wait is not None

    cluster.take_bytes()
    cluster.settle()

    assert cluster.engine.send(record, 1, now_us=cluster.now_us, wait=wait) is None


def test_a_broker_that_stops_reading_is_left_after_the_requests_time_and_the_record_goes_on() -> None:
    cluster = unheeded(request_timeout_ms=1_000)
    cluster.send(b"a")
    first = cluster.seen[0].connection
    cluster.advance(2 * SECOND_US)

    assert first not in cluster.connections
    assert written(cluster) == [[b"a"], [b"a"]]
    cluster.take_bytes()
    cluster.settle()
    assert cluster.delivered == [b"a"]


def test_a_broker_that_never_reads_again_costs_the_record_whose_outcome_is_unknown() -> None:
    cluster = unheeded(request_timeout_ms=1_000, delivery_timeout_ms=5_000)
    cluster.send(b"a")
    cluster.send(b"never written")

    cluster.advance(10 * SECOND_US)

    assert cluster.delivered == []
    assert {value: error.outcome for value, error in cluster.failed.items()} == {
        b"a": Outcome.UNKNOWN,
        b"never written": Outcome.FAILED,
    }
    assert all(isinstance(error, DeliveryTimeoutError) for error in cluster.failed.values())
    assert len(cluster.seen) > 2, "it was tried on several connections"
    assert cluster.engine._buffer.free_bytes == cluster.engine._buffer.total_bytes


def test_a_connection_that_is_lost_with_a_record_that_was_not_taken_costs_a_retry() -> None:
    cluster = unheeded()
    cluster.send(b"a")
    cluster.disconnect_all()
    cluster.advance(SECOND_US)
    cluster.take_bytes()
    cluster.settle()

    assert written(cluster) == [[b"a"], [b"a"]]
    assert cluster.delivered == [b"a"]


def test_with_no_retries_it_ends_with_an_unknown_outcome() -> None:
    cluster = unheeded(retries=0)
    cluster.send(b"a")

    cluster.disconnect_all()

    assert (cluster.failed[b"a"].code.code, cluster.failed[b"a"].outcome) == (Code.NETWORK_EXCEPTION, Outcome.UNKNOWN)


def test_a_report_for_a_connection_that_is_gone_says_nothing() -> None:
    cluster = unheeded()
    cluster.send(b"a")
    connection = cluster.seen[0].connection
    cluster.disconnect_all()

    cluster.engine.written(connection, cluster.now_us)
    cluster.settle()

    assert cluster.delivered == []


@pytest.mark.parametrize("is_muted", [True, False], ids=["one in flight", "five in flight"])
def test_order_is_kept_through_a_lost_connection(is_muted: bool) -> None:
    cluster = unheeded(max_in_flight_requests_per_connection=1 if is_muted else 5)
    for value in (b"a", b"b", b"c"):
        cluster.send(value)
    cluster.disconnect_all()
    cluster.takes_bytes = True

    cluster.advance(SECOND_US)

    assert [value for request in cluster.seen[1:] for value in request.values] == [b"a", b"b", b"c"]
    assert cluster.delivered == [b"a", b"b", b"c"]


def test_metadata_is_asked_on_a_connection_that_has_taken_everything() -> None:
    cluster = unheeded(metadata_max_age_ms=1_000)
    cluster.advance(SECOND_US)
    cluster.send(b"a")
    asked = len(cluster.asked)

    cluster.advance(2 * SECOND_US)
    assert len(cluster.asked) == asked, "its only connection is full"
    cluster.take_bytes()
    cluster.advance(SECOND_US)

    assert len(cluster.asked) > asked
    assert cluster.delivered == [b"a"]


def test_a_flush_and_a_close_wait_for_what_was_not_taken() -> None:
    cluster = unheeded()
    cluster.send(b"a")
    mark = cluster.engine.flush(cluster.now_us)
    cluster.engine.close(cluster.now_us)
    cluster.settle()
    assert not cluster.engine.is_flushed(mark)
    assert not cluster.engine.is_idle

    cluster.take_bytes()

    assert cluster.engine.is_flushed(mark)
    assert cluster.engine.is_idle


def test_given_up_before_it_was_taken_its_outcome_is_unknown_and_a_report_changes_nothing() -> None:
    cluster = unheeded()
    cluster.send(b"a")

    cluster.engine.purge(cluster.now_us)
    cluster.settle()
    cluster.take_bytes()
    cluster.settle()

    assert isinstance(cluster.failed[b"a"], PurgedError)
    assert cluster.failed[b"a"].outcome is Outcome.UNKNOWN
    assert cluster.delivered == []


def test_it_counts_as_in_flight() -> None:
    cluster = unheeded()
    cluster.send(b"a")

    def in_flight() -> float:
        return cluster.engine.metrics.measure(cluster.now_us).value("requests-in-flight")

    assert in_flight() == 1
    cluster.take_bytes()
    assert in_flight() == 0
