"""What the engine does when no known broker can be reached, or none has metadata for it (KIP-899, KIP-1102)."""

from typing import Any

import pytest

from producer.errors import Code
from producer.events import ConnectionLost, Rebootstrapped
from producer.records import Record
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster

MS_US = 1_000
BOOTSTRAP = "b9"
"""A host that no broker has: whoever asks there begins again."""


def running(**properties: Any) -> ScriptedCluster:
    """Two brokers beside the bootstrap server; one record is delivered."""
    cluster = ScriptedCluster(brokers=2, bootstrap_servers=f"{BOOTSTRAP}:9092", **properties)
    cluster.send_alone(b"first", partition=0)
    cluster.answer()
    cluster.advance(SECOND_US)
    return cluster


def lose_all(cluster: ScriptedCluster, *, down: list[str]) -> None:
    cluster.down = down
    cluster.disconnect_all()


def begun_again(cluster: ScriptedCluster) -> list[Rebootstrapped]:
    return [event for event in cluster.observed if isinstance(event, Rebootstrapped)]


def hosts_asked(cluster: ScriptedCluster, since_us: int) -> list[str]:
    return [asked.host for asked in cluster.asked if asked.at_us >= since_us]


# -- no broker can be reached (KIP-899) --------------------------------------------------------------------------------


def test_brokers_that_moved_away_are_found_again_through_the_bootstrap_server() -> None:
    cluster = running()
    cluster.send(b"waits")
    cluster.hosts = {1: "b3", 2: "b4"}

    lose_all(cluster, down=["b1", "b2"])
    cluster.advance(3 * SECOND_US)

    assert [event.reason for event in begun_again(cluster)] == ["no known broker can be reached"]
    (request,) = cluster.waiting
    assert (request.broker, request.values) == (3, [b"waits"])
    cluster.answer()
    assert cluster.delivered == [b"first", b"waits"]


def test_while_brokers_may_not_be_connected_to_yet_they_are_found_again_once() -> None:
    cluster = running(reconnect_backoff_ms=10_000, enable_idempotence=False, linger_ms=0)
    lost_us = cluster.now_us
    brokers = [number for number, connected in cluster.connections.items() if connected.broker in cluster.hosts]

    cluster.send(b"waits", partition=0)
    cluster.down = ["b1", "b2"]
    cluster.disconnect(*brokers)
    cluster.advance(5 * SECOND_US)

    assert len(begun_again(cluster)) == 1
    assert hosts_asked(cluster, lost_us) == [BOOTSTRAP]
    cluster.down = []
    cluster.advance(8 * SECOND_US)
    cluster.answer()
    assert cluster.delivered == [b"first", b"waits"]


def test_without_the_strategy_only_known_brokers_are_tried() -> None:
    cluster = running(metadata_recovery_strategy="none")
    cluster.send(b"waits")
    lost_us = cluster.now_us

    lose_all(cluster, down=["b1", "b2"])
    cluster.advance(60 * SECOND_US)

    assert begun_again(cluster) == []
    assert hosts_asked(cluster, lost_us) == []
    assert cluster.engine.partition_count("orders") == 1
    cluster.down = [BOOTSTRAP]
    cluster.advance(2 * SECOND_US)
    cluster.answer()
    assert cluster.delivered == [b"first", b"waits"]


def test_as_long_as_one_broker_can_be_reached_nothing_is_forgotten() -> None:
    cluster = running()
    lost_us = cluster.now_us

    lose_all(cluster, down=["b1"])
    cluster.send(b"waits")
    cluster.advance(10 * SECOND_US)

    assert begun_again(cluster) == []
    assert set(hosts_asked(cluster, lost_us)) == {"b2"}


def test_a_broker_that_is_throttled_or_busy_can_be_reached() -> None:
    cluster = ScriptedCluster(linger_ms=0, max_in_flight_requests_per_connection=1, bootstrap_servers="b9:9092")
    cluster.send_alone(b"busy")
    cluster.want_metadata()
    cluster.advance(SECOND_US)

    assert begun_again(cluster) == []
    cluster.answer(throttle_time_ms=5_000)
    cluster.want_metadata()
    cluster.advance(SECOND_US)
    assert begun_again(cluster) == []


def test_all_is_forgotten_so_that_a_send_waits_for_what_is_true_now() -> None:
    cluster = running()
    lose_all(cluster, down=["b1", "b2", BOOTSTRAP])
    cluster.advance(SECOND_US)
    assert cluster.engine.partition_count("orders") == 0
    record = Record("orders", b"late")

    wait = cluster.engine.send(record, b"late", now_us=cluster.now_us)

    assert wait is not None
    cluster.down, cluster.partitions = [], 3
    cluster.leaders = dict.fromkeys(range(3), (1, 0))
    cluster.advance(2 * SECOND_US)
    assert cluster.engine.partition_count("orders") == 3
    assert cluster.engine.send(record, b"late", now_us=cluster.now_us, wait=wait) is None


@pytest.mark.parametrize(
    ("is_made_anew", "hosts"), [(False, []), (True, [2])], ids=["the same topic", "a topic made anew"]
)
def test_a_broker_that_slept_through_an_election_is_not_believed(is_made_anew: bool, hosts: list[int]) -> None:
    cluster = running()
    lose_all(cluster, down=["b1", "b2", BOOTSTRAP])
    cluster.advance(SECOND_US)
    assert len(begun_again(cluster)) == 1
    # The deposed leader is back, and still takes itself for one, in the epoch before.
    cluster.leaders[0] = (2, 4)
    cluster.down = ["b1"]
    if is_made_anew:
        cluster.topic_id = bytes(reversed(cluster.topic_id))

    record = Record("orders", b"late")
    wait = cluster.engine.send(record, b"late", now_us=cluster.now_us)
    cluster.advance(2 * SECOND_US)
    cluster.engine.send(record, b"late", now_us=cluster.now_us, wait=wait)
    cluster.advance(2 * SECOND_US)

    assert [request.broker for request in cluster.waiting] == hosts
    cluster.leaders[0] = (2, 6)
    cluster.advance(5 * SECOND_US)
    assert [request.broker for request in cluster.waiting] == [2], "the next leader is"


def test_a_bootstrap_server_that_is_gone_as_well_is_tried_with_growing_pauses() -> None:
    cluster = running()

    lose_all(cluster, down=["b1", "b2", BOOTSTRAP])
    cluster.advance(30 * SECOND_US)

    assert len(begun_again(cluster)) == 1, "there is nothing to forget twice"
    tries = [event for event in cluster.observed if isinstance(event, ConnectionLost) and event.broker == -2]
    assert 25 <= len(tries) <= 50


def test_waiting_in_vain_afterwards_names_the_bootstrap_servers_and_the_last_loss() -> None:
    cluster = running()
    lose_all(cluster, down=["b1", "b2", BOOTSTRAP])
    cluster.advance(SECOND_US)
    record = Record("orders", b"late")
    wait = cluster.engine.send(record, 1, now_us=cluster.now_us)
    assert wait is not None
    cluster.advance(60 * SECOND_US)

    error = cluster.engine.give_up(wait, record, now_us=cluster.now_us)

    assert str(error) == (
        "topic 'orders' not in metadata: no answer from b9:9092 after 60000 ms; the latest connection: connection refused"
    )


# -- brokers are there, but have no metadata (KIP-1102) ----------------------------------------------------------------


def without_metadata(**properties: Any) -> ScriptedCluster:
    """Brokers answer all but the question for metadata, which is due now."""
    cluster = running(
        metadata_max_age_ms=2_000,
        metadata_recovery_rebootstrap_trigger_ms=10_000,
        delivery_timeout_ms=200_000,
        **properties,
    )
    cluster.keeps_metadata = True
    asked = len(cluster.asked)
    while len(cluster.asked) == asked:
        cluster.advance(MS_US)
    return cluster


def test_metadata_that_does_not_come_for_too_long_begins_all_again() -> None:
    cluster = without_metadata(partitions=2)
    cluster.send_alone(b"in flight", partition=1)
    began_us = cluster.asked[-1].at_us

    cluster.advance(began_us + 10_000 * MS_US - cluster.now_us)
    assert begun_again(cluster) == []
    cluster.advance(MS_US)

    (event,) = begun_again(cluster)
    assert (event.at_us, event.reason) == (began_us + 10_001 * MS_US, "no metadata for too long")
    lost = [
        event.broker
        for event in cluster.observed
        if isinstance(event, ConnectionLost) and event.at_us == cluster.now_us
    ]
    assert sorted(lost) == [1, 2], "connections to those we knew are ended"
    assert cluster.waiting == []

    cluster.keeps_metadata = False
    cluster.advance(3 * SECOND_US)
    assert hosts_asked(cluster, event.at_us)[0] == BOOTSTRAP
    cluster.answer()
    assert cluster.delivered == [b"first", b"in flight"]


def test_metadata_that_comes_in_time_begins_nothing_again() -> None:
    cluster = without_metadata(request_timeout_ms=3_000)
    cluster.advance(9 * SECOND_US)
    cluster.keeps_metadata = False

    cluster.advance(60 * SECOND_US)

    assert begun_again(cluster) == []


def test_one_who_gets_none_from_the_bootstrap_servers_either_begins_again_each_time() -> None:
    cluster = without_metadata()
    cluster.keeps_metadata = True

    cluster.advance(35 * SECOND_US)

    hung_up = [event for event in cluster.observed if isinstance(event, ConnectionLost) and "too long" in event.reason]
    assert len(begun_again(cluster)) == 1
    assert len({event.at_us for event in hung_up}) == 3


def test_without_the_strategy_the_trigger_has_no_effect() -> None:
    cluster = without_metadata(metadata_recovery_strategy="none")

    cluster.advance(29 * SECOND_US)

    assert begun_again(cluster) == []
    assert not [event for event in cluster.observed if isinstance(event, ConnectionLost)]


def test_a_closed_engine_begins_nothing_again() -> None:
    cluster = without_metadata()

    cluster.engine.abort(cluster.now_us)
    cluster.settle()
    cluster.advance(600 * SECOND_US)

    assert begun_again(cluster) == []
    assert cluster.connections == {}


# -- a broker asks for it (error 129) ----------------------------------------------------------------------------------


def test_a_broker_that_asks_for_it_is_left_at_once() -> None:
    cluster = running(metadata_max_age_ms=2_000)
    cluster.metadata_error = Code.REBOOTSTRAP_REQUIRED
    while not begun_again(cluster):
        cluster.advance(MS_US)
    began_us = cluster.now_us
    assert begun_again(cluster)[0].reason == "a broker asks for it"
    assert {connected.broker for connected in cluster.connections.values()} == {9}

    cluster.metadata_error = Code.NONE
    cluster.hosts = {1: "b3", 2: "b4"}
    cluster.advance(SECOND_US)

    (asked, *_) = [asked for asked in cluster.asked if asked.at_us > began_us]
    assert asked.host == BOOTSTRAP
    assert 80 * MS_US <= asked.at_us - began_us <= 121 * MS_US, "after the back-off"
    assert cluster.send_alone(b"second").broker == 3


def test_without_the_strategy_the_error_means_nothing() -> None:
    cluster = running(metadata_max_age_ms=2_000, metadata_recovery_strategy="none")
    cluster.metadata_error = Code.REBOOTSTRAP_REQUIRED

    cluster.advance(10 * SECOND_US)

    assert begun_again(cluster) == []
    assert cluster.send_alone(b"second").broker == 1


def test_a_server_that_asks_for_it_again_and_again_is_not_asked_without_pause() -> None:
    cluster = running(metadata_max_age_ms=2_000)
    cluster.metadata_error = Code.REBOOTSTRAP_REQUIRED

    cluster.advance(30 * SECOND_US)

    assert 20 <= len(hosts_asked(cluster, 2 * SECOND_US)) <= 45


def test_the_producer_id_outlives_it() -> None:
    cluster = running(metadata_max_age_ms=2_000)
    first = cluster.seen[0].only
    cluster.metadata_error = Code.REBOOTSTRAP_REQUIRED
    while not begun_again(cluster):
        cluster.advance(MS_US)
    cluster.metadata_error = Code.NONE
    cluster.advance(SECOND_US)

    second = cluster.send_alone(b"second").only

    assert (second.producer_id, second.producer_epoch, second.base_sequence) == (first.producer_id, 0, 1)
