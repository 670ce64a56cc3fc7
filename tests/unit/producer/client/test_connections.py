"""Connections and metadata over time: set-up, pauses, idleness, age, throttling, a topic made anew."""

import itertools
from typing import Any

import pytest

from producer.errors import Code
from producer.events import BatchSent, ConnectionLost, ConnectionRequested, IdentityAssigned, MetadataLearned
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


# -- metadata ----------------------------------------------------------------------------------------------------------


def test_metadata_is_asked_for_again_when_it_is_old() -> None:
    cluster = ScriptedCluster(metadata_max_age_ms=20_000)
    cluster.send_alone(b"first")
    cluster.answer()

    for _ in range(6):
        cluster.advance(10 * SECOND_US)
        cluster.send_alone(b"in use")
        cluster.answer()

    assert [asked.at_us // SECOND_US for asked in cluster.asked] == [0, 20, 40, 60]


def test_an_age_of_zero_asks_again_after_each_back_off() -> None:
    cluster = delivering(metadata_max_age_ms=0)

    cluster.advance(2 * SECOND_US)

    assert 15 <= len(cluster.asked) <= 26


def test_a_topic_that_nobody_sends_to_is_forgotten() -> None:
    cluster = delivering(metadata_max_age_ms=60_000, metadata_max_idle_ms=150_000)
    cluster.advance(130 * SECOND_US)
    assert cluster.engine.partition_count("orders") == 1
    assert len(cluster.asked) == 3

    cluster.advance(60 * SECOND_US)
    assert cluster.engine.partition_count("orders") == 0

    cluster.advance(10 * MINUTE_US)
    assert len(cluster.asked) == 4, "there is nothing more to ask about"
    cluster.send_alone(b"second")
    cluster.answer()
    assert len(cluster.asked) == 5
    assert cluster.delivered == [b"first", b"second"]


def test_a_topic_in_use_is_not_forgotten() -> None:
    cluster = delivering(metadata_max_age_ms=60_000, metadata_max_idle_ms=90_000)

    for _ in range(10):
        cluster.advance(MINUTE_US)
        cluster.send_alone(b"in use")
        cluster.answer()

    learned = [event for event in cluster.observed if isinstance(event, MetadataLearned)]
    assert all(event.leaders for event in learned)
    assert len(learned) == 11


def test_a_batch_that_waits_longer_than_its_topic_is_remembered_goes_on() -> None:
    cluster = delivering(metadata_max_age_ms=10_000, metadata_max_idle_ms=20_000, delivery_timeout_ms=300_000)
    cluster.send_alone(b"second")
    for _ in range(8):
        cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)
        cluster.advance(10 * SECOND_US)

    cluster.answer()

    assert cluster.delivered == [b"first", b"second"]


def test_answers_that_tell_nothing_new_are_asked_for_with_growing_pauses() -> None:
    cluster = ScriptedCluster(enable_idempotence=False)
    cluster.leaders[0] = (-1, 5)
    cluster.send(b"a", partition=0)

    cluster.advance(10 * SECOND_US)

    times = [asked.at_us for asked in cluster.asked]
    found = [after - before for before, after in itertools.pairwise(times)]
    nominal = [100, 100, 200, 400, 800] + [1_000] * 4
    assert_near(found, [pause * MS_US for pause in nominal], longest_us=SECOND_US)
    before = len(cluster.asked)
    cluster.leaders[0] = (1, 6)
    cluster.advance(2 * SECOND_US)
    assert len(cluster.asked) == before + 1
    assert cluster.waiting


def test_a_topic_that_is_new_is_asked_for_as_if_nothing_had_been_asked_before() -> None:
    cluster = ScriptedCluster(enable_idempotence=False)
    cluster.leaders[0] = (-1, 5)
    cluster.send(b"a", partition=0)
    cluster.advance(10 * SECOND_US)
    before = len(cluster.asked)

    cluster.engine.send(Record("other", b"a"), 1, now_us=cluster.now_us)
    cluster.advance(350 * MS_US)

    assert [asked.topics for asked in cluster.asked[before:]] == [("orders", "other")] * 3


# -- throttling (KIP-219) ----------------------------------------------------------------------------------------------


def test_nothing_is_sent_to_a_broker_for_as_long_as_its_answer_asks() -> None:
    cluster = delivering(linger_ms=0)
    cluster.send(b"second")
    cluster.answer(throttle_time_ms=700)
    cluster.send(b"third")

    cluster.advance(699 * MS_US)
    assert cluster.waiting == []
    cluster.advance(MS_US)

    assert [request.values for request in cluster.waiting] == [[b"third"]]


def test_a_shorter_wish_does_not_end_a_longer_one() -> None:
    cluster = delivering(linger_ms=0)
    cluster.send(b"second")
    cluster.send(b"third")
    cluster.answer(throttle_time_ms=700)
    cluster.answer(throttle_time_ms=10)
    cluster.send(b"fourth")

    cluster.advance(699 * MS_US)

    assert cluster.waiting == []


def test_other_brokers_are_not_throttled() -> None:
    cluster = ScriptedCluster(brokers=2, partitions=2, linger_ms=0)
    cluster.send_alone(b"first", partition=0)
    cluster.answer(throttle_time_ms=60_000)

    cluster.send(b"second", partition=1)
    cluster.advance(SECOND_US)

    assert [request.broker for request in cluster.waiting] == [2]


@pytest.mark.parametrize(("highest", "waits"), [(5, False), (6, True)])
def test_before_version_six_the_broker_has_waited_itself(highest: int, waits: bool) -> None:
    cluster = ScriptedCluster(linger_ms=0, enable_idempotence=False)
    cluster.produce_max = highest
    cluster.send(b"first")
    cluster.advance(SECOND_US)
    cluster.answer(throttle_time_ms=700)

    cluster.send(b"second")
    cluster.advance(699 * MS_US)

    assert (cluster.waiting == []) == waits


def test_the_answers_of_the_set_up_throttle_as_well() -> None:
    cluster = ScriptedCluster(linger_ms=0, throttles_ms=500)
    cluster.send(b"first")
    cluster.advance(2 * SECOND_US)

    (sent,) = [event.at_us for event in cluster.observed if isinstance(event, BatchSent)]
    assert cluster.asked[0].at_us == 500 * MS_US, "after the versions"
    assert sent == 1_000 * MS_US, "after the versions of the next broker"


def test_a_broker_that_gives_no_producer_id_yet_is_asked_again_when_it_lets_itself_be_asked() -> None:
    cluster = ScriptedCluster(throttles_ms=500, identity_codes=[Code.COORDINATOR_LOAD_IN_PROGRESS])

    cluster.advance(2 * SECOND_US)

    assert [event.at_us for event in cluster.observed if isinstance(event, IdentityAssigned)] == [1_000 * MS_US]


# -- a topic deleted and made anew -------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [Code.UNKNOWN_TOPIC_ID, Code.INCONSISTENT_TOPIC_ID, Code.UNKNOWN_TOPIC_OR_PARTITION])
def test_records_go_on_to_a_topic_that_was_deleted_and_made_anew(code: Code) -> None:
    cluster = delivering()
    request = cluster.send_alone(b"second")
    assert request.request.topics[0].topic_id == cluster.topic_id
    cluster.topic_id, cluster.leaders[0] = bytes(16)[:-1] + b"\x07", (1, 0)

    cluster.answer(request, code)
    cluster.advance(SECOND_US)

    (again,) = cluster.waiting
    assert again.request.topics[0].topic_id == cluster.topic_id
    assert again.batches == request.batches, "under the same sequence"
    cluster.answer(again)
    assert cluster.delivered == [b"first", b"second"]


def test_a_topic_that_is_gone_for_a_while_is_waited_for() -> None:
    cluster = delivering(linger_ms=0)
    cluster.topic_error = Code.UNKNOWN_TOPIC_OR_PARTITION
    cluster.send(b"second")
    for _ in range(5):
        cluster.answer(code=Code.UNKNOWN_TOPIC_ID)
        cluster.advance(2 * SECOND_US)
    cluster.topic_error, cluster.topic_id = Code.NONE, bytes(15) + b"\x08"
    cluster.answer(code=Code.UNKNOWN_TOPIC_ID)
    cluster.advance(2 * SECOND_US)

    assert cluster.waiting[0].request.topics[0].topic_id == cluster.topic_id
    cluster.answer()
    assert cluster.delivered == [b"first", b"second"]


def test_an_answer_under_the_old_id_is_still_understood() -> None:
    cluster = delivering(linger_ms=0)
    request = cluster.send_alone(b"second")
    cluster.topic_id = bytes(15) + b"\x09"
    cluster.want_metadata()
    cluster.advance(SECOND_US)

    cluster.answer(request)

    assert cluster.delivered == [b"first", b"second"]
