"""Connections and metadata over time: set-up, pauses, idleness, age, throttling, a topic made anew."""

from typing import Any

from producer.commands import Connect, Disconnect
from producer.events import ConnectionLost, ConnectionRequested
from producer.records import Record
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster

MS_US = 1_000
MINUTE_US = 60 * SECOND_US


def pauses_us(cluster: ScriptedCluster, broker: int) -> list[int]:
    """From each loss of a connection to the broker until the next one is asked for."""
    found, lost_us = [], -1
    for event in cluster.observed:
        if isinstance(event, ConnectionLost) and event.broker == broker:
            lost_us = event.at_us
        elif isinstance(event, ConnectionRequested) and event.broker == broker and lost_us >= 0:
            found.append(event.at_us - lost_us)
    return found


def set_up_us(cluster: ScriptedCluster) -> list[int]:
    """How long each connection that did not come up was waited for."""
    begun = {event.connection: event.at_us for event in cluster.observed if isinstance(event, ConnectionRequested)}
    lost = [event for event in cluster.observed if isinstance(event, ConnectionLost) and "set-up" in event.reason]
    return [event.at_us - begun[event.connection] for event in lost]


def assert_near(found_us: list[int], nominal_us: list[int], *, longest_us: int) -> None:
    """Within a fifth, and never above the longest (ExponentialBackoff)."""
    for found, nominal in zip(found_us, nominal_us, strict=False):
        assert 0.8 * nominal <= found <= min(1.2 * nominal, longest_us)


def asking(cluster: ScriptedCluster) -> None:
    """Let a record for a topic that is not known ask for metadata."""
    assert cluster.engine.send(Record("orders", b"a"), 1, now_us=cluster.now_us) is not None
    cluster.settle()


def delivering(**properties: Any) -> ScriptedCluster:
    cluster = ScriptedCluster(**properties)
    cluster.send_alone(b"first")
    cluster.answer()
    return cluster


# -- the end -----------------------------------------------------------------------------------------------------------


def test_an_engine_that_is_aborted_takes_back_the_connections_that_nobody_has_begun_and_wants_no_other() -> None:
    engine = ScriptedCluster(enable_idempotence=False).engine
    assert engine.send(Record("orders", b"a"), 1, now_us=0) is not None
    engine.timer_fired(0)

    engine.abort(0)

    assert engine.take_commands() == []
    for now_us in range(0, MINUTE_US, SECOND_US):
        engine.timer_fired(now_us)
        assert engine.take_commands() == []


def test_an_engine_that_is_aborted_ends_the_connections_that_somebody_has_begun() -> None:
    engine = ScriptedCluster(enable_idempotence=False).engine
    assert engine.send(Record("orders", b"a"), 1, now_us=0) is not None
    engine.timer_fired(0)
    (begun,) = engine.take_commands()

    engine.abort(0)

    assert isinstance(begun, Connect)
    assert [(type(one), one.connection) for one in engine.take_commands()] == [(Disconnect, begun.connection)]


# -- connecting --------------------------------------------------------------------------------------------------------


def test_a_connection_that_does_not_come_up_is_given_twice_as_long_each_time() -> None:
    cluster = ScriptedCluster(enable_idempotence=False)
    cluster.silent = ["b1"]
    asking(cluster)

    cluster.advance(180 * SECOND_US)

    waited = set_up_us(cluster)
    assert len(waited) >= 5
    assert_near(waited, [10 * SECOND_US, 20 * SECOND_US] + [30 * SECOND_US] * 5, longest_us=30 * SECOND_US)
    assert len(set(waited)) > 2, "with jitter"


def test_only_connections_that_never_came_up_count() -> None:
    cluster = delivering()
    cluster.silent = ["b1"]
    cluster.disconnect_all()
    cluster.advance(40 * SECOND_US)
    assert_near(set_up_us(cluster), [10 * SECOND_US, 10 * SECOND_US], longest_us=12 * SECOND_US)

    cluster.silent = []
    cluster.advance(40 * SECOND_US)
    cluster.send_alone(b"second")
    cluster.answer()
    before = len(set_up_us(cluster))
    cluster.silent = ["b1"]
    cluster.disconnect_all()
    cluster.advance(30 * SECOND_US)

    assert_near(set_up_us(cluster)[before:], [10 * SECOND_US, 10 * SECOND_US], longest_us=12 * SECOND_US)
    assert len(set_up_us(cluster)) >= before + 2


def test_the_broker_that_was_not_tried_for_longest_is_tried_next() -> None:
    cluster = delivering(brokers=3, metadata_recovery_strategy="none", socket_connection_setup_timeout_max_ms=2_000)
    cluster.silent = ["b1", "b2", "b3"]
    cluster.disconnect_all()
    cluster.advance(30 * SECOND_US)

    tried = [event.broker for event in cluster.observed if isinstance(event, ConnectionRequested) and event.at_us]

    assert len(tried) > 9
    assert all(set(tried[index : index + 3]) == {1, 2, 3} for index in range(len(tried) - 2))


def test_the_longest_set_up_time_below_the_first_is_the_only_one() -> None:
    cluster = ScriptedCluster(enable_idempotence=False, socket_connection_setup_timeout_max_ms=3_000)
    cluster.silent = ["b1"]
    asking(cluster)

    cluster.advance(20 * SECOND_US)

    assert set(set_up_us(cluster)) == {3 * SECOND_US}


def test_pauses_between_connections_double_until_one_is_agreed() -> None:
    cluster = delivering(metadata_recovery_strategy="none")
    cluster.refuses_connections = True
    cluster.disconnect_all()
    cluster.send(b"second")

    cluster.advance(20 * SECOND_US)

    found = pauses_us(cluster, 1)
    nominal = [50, 100, 200, 400, 800] + [1_000] * 5
    assert_near(found, [pause * MS_US for pause in nominal], longest_us=1_000 * MS_US)
    assert len(found) > len(nominal)

    cluster.refuses_connections = False
    cluster.advance(2 * SECOND_US)
    cluster.answer()
    before = len(pauses_us(cluster, 1))
    cluster.disconnect_all()
    cluster.send(b"third")
    cluster.advance(SECOND_US)
    assert_near(pauses_us(cluster, 1)[before:], [50 * MS_US], longest_us=60 * MS_US)
    cluster.answer()
    assert cluster.delivered == [b"first", b"second", b"third"]


def test_a_pause_given_alone_is_the_only_one() -> None:
    cluster = ScriptedCluster(enable_idempotence=False, reconnect_backoff_ms=70)
    cluster.refuses_connections = True
    asking(cluster)

    cluster.advance(5 * SECOND_US)

    assert set(pauses_us(cluster, -2)) == {70 * MS_US}


def test_a_broker_that_comes_back_under_another_address_is_found_there() -> None:
    cluster = delivering(brokers=2)
    cluster.advance(SECOND_US)
    cluster.hosts[1] = "b7"
    cluster.want_metadata()
    before = len(cluster.observed)
    assert cluster.send_alone(b"second").broker == 1, "the connection is still good"

    cluster.disconnect(*(number for number, one in cluster.connections.items() if one.broker == 1))
    cluster.advance(SECOND_US)

    assert [request.broker for request in cluster.waiting] == [7]
    asked = [event.address for event in cluster.observed[before:] if isinstance(event, ConnectionRequested)]
    assert "b1:9092" not in asked


def test_metadata_is_asked_of_another_broker_while_the_one_connected_to_is_busy() -> None:
    cluster = delivering(brokers=2, linger_ms=0, max_in_flight_requests_per_connection=1)
    cluster.advance(SECOND_US)
    cluster.disconnect(*(number for number, one in cluster.connections.items() if one.broker == 2))
    cluster.send(b"stuck")
    before = len(cluster.asked)

    cluster.want_metadata()
    cluster.advance(SECOND_US)

    assert [asked.host for asked in cluster.asked[before:]] == ["b2"]


# -- idleness ----------------------------------------------------------------------------------------------------------


def test_a_connection_that_nobody_uses_is_ended_and_begun_again_when_it_is_needed() -> None:
    cluster = delivering(connections_max_idle_ms=10_000)
    cluster.advance(10 * SECOND_US - 1)
    assert len(cluster.connections) == 2
    asked = len(cluster.asked)

    cluster.advance(1)

    assert cluster.connections == {}
    assert {event.reason for event in cluster.observed if isinstance(event, ConnectionLost)} == {"idle"}
    cluster.advance(SECOND_US)
    assert (cluster.connections, len(cluster.asked)) == ({}, asked), "what we end ourselves raises no question"
    cluster.send_alone(b"second")
    cluster.answer()
    assert cluster.delivered == [b"first", b"second"]


def test_a_connection_with_an_answer_outstanding_is_not_idle() -> None:
    cluster = ScriptedCluster(connections_max_idle_ms=5_000)
    request = cluster.send_alone(b"slow")

    cluster.advance(20 * SECOND_US)

    assert request.connection in cluster.connections
    cluster.answer(request)
    assert cluster.delivered == [b"slow"]


def test_below_zero_connections_are_kept_for_ever() -> None:
    cluster = delivering(connections_max_idle_ms=-1)

    cluster.advance(600 * MINUTE_US)

    assert len(cluster.connections) == 2
