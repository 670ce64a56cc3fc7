"""Which batch may leave, and when: readiness, turns, back-off, muting, and the order in which retries come back."""

from itertools import permutations
from typing import Any

import pytest

from producer.errors import Code
from producer.records import Record
from tests.unit.producer.scripted_cluster import SECOND_US, Produced, ScriptedCluster

REFRESH_US = 200_000
"""Enough for metadata that may be 100 ms old to be asked for again."""


def strict(**properties: Any) -> ScriptedCluster:
    """One request in flight to a broker, and metadata that is soon out of date."""
    return ScriptedCluster(
        linger_ms=0, max_in_flight_requests_per_connection=1, metadata_max_age_ms=100, **({"brokers": 2} | properties)
    )


def lead(cluster: ScriptedCluster, partition: int, broker: int) -> None:
    """Let another broker lead the partition, and the producer know."""
    _, epoch = cluster.leaders[partition]
    cluster.leaders[partition] = (broker, epoch + 1)
    cluster.advance(REFRESH_US)


def of_broker(cluster: ScriptedCluster, broker: int) -> list[Produced]:
    return [request for request in cluster.waiting if request.broker == broker]


# -- ready -------------------------------------------------------------------------------------------------------------


def test_a_batch_that_one_record_fills_does_not_linger() -> None:
    cluster = ScriptedCluster(linger_ms=1_000, batch_size=200)

    cluster.send(b"x" * 300)

    assert [request.values for request in cluster.waiting] == [[b"x" * 300]]


def test_who_waits_for_room_ends_every_linger() -> None:
    cluster = ScriptedCluster(linger_ms=10_000, buffer_memory=2_000, batch_size=1_000, partitions=3)
    cluster.send(b"a", partition=0)
    cluster.send(b"b", partition=1)
    cluster.advance(SECOND_US)
    assert cluster.waiting == []

    wait = cluster.engine.send(Record("orders", b"c", None, 2), b"c", now_us=cluster.now_us)
    cluster.settle()

    assert wait is not None
    assert [request.values for request in cluster.waiting] == [[b"a", b"b"]]


def test_a_due_batch_takes_along_what_lingers_for_its_broker_and_for_no_other() -> None:
    cluster = ScriptedCluster(linger_ms=1_000, batch_size=200, brokers=2, partitions=4)
    cluster.send(b"same broker", partition=2)
    cluster.send(b"other broker", partition=1)
    assert cluster.waiting == []

    cluster.send(b"x" * 300, partition=0)

    (request,) = cluster.waiting
    assert sorted(map(bytes, request.values)) == [b"same broker", b"x" * 300]  # type: ignore[arg-type]


# -- turns -------------------------------------------------------------------------------------------------------------


def test_partitions_take_turns_at_each_broker_when_a_request_cannot_hold_them_all() -> None:
    # Of each batch only one fits into a request, and only one request may be under way: 0, 2, 4 at one broker.
    cluster = strict(partitions=6, batch_size=300, max_request_size=400)
    for _ in range(4):
        for partition in range(6):
            cluster.send(b"x" * 230, partition=partition)

    order: dict[int, list[int]] = {1: [], 2: []}
    while cluster.waiting:
        request = cluster.waiting[0]
        order[request.broker] += [partition.partition for partition in request.batches]
        cluster.answer(request)

    # As long as all of them wait; in the last round some have nothing left.
    assert order[1][:9] == [0, 2, 4] * 3
    assert order[2][:9] == [1, 3, 5] * 3
    assert sorted(order[1][9:]) == [0, 2, 4]
    assert sorted(order[2][9:]) == [1, 3, 5]


@pytest.mark.parametrize("fits", [1, 2, 3, 4, 7, 19])
def test_every_partition_is_served_within_one_round_of_requests_however_many_of_them_fit_into_one(fits: int) -> None:
    count = 20
    cluster = strict(brokers=1, partitions=count, batch_size=300, max_request_size=300 * fits + 100)
    for _ in range(8):
        for partition in range(count):
            cluster.send(b"x" * 230, partition=partition)

    served: list[int] = []
    for _ in range(3 * count):
        request = cluster.waiting[0]
        taken = [partition.partition for partition in request.batches]
        served += taken
        cluster.answer(request)
        # Some more for whom it was: nobody's queue gets empty, and nobody else may have to wait longer for it.
        for again in taken:
            cluster.send(b"x" * 230, partition=again)

    assert len(served) >= 2 * count
    for begin in range(len(served) - count + 1):
        assert len(set(served[begin : begin + count])) == count


# -- back-off ----------------------------------------------------------------------------------------------------------


def test_a_retry_that_backs_off_holds_up_its_own_partition_only() -> None:
    cluster = ScriptedCluster(linger_ms=0, partitions=2)
    cluster.send(b"a", partition=0)
    cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)

    cluster.send(b"b", partition=0)
    cluster.send(b"other", partition=1)

    assert [request.values for request in cluster.waiting] == [[b"other"]]
    cluster.advance(SECOND_US)
    assert [request.values for request in cluster.waiting[1:]] == [[b"a"], [b"b"]]


def test_the_backoff_is_skipped_for_a_new_leader_once_and_not_for_a_second_refusal_of_the_same() -> None:
    cluster = ScriptedCluster(brokers=2)
    cluster.send_alone(b"a")
    cluster.leaders[0] = (2, 6)
    cluster.answer(code=Code.NOT_LEADER_OR_FOLLOWER, current_leader=(2, 6))
    assert [request.broker for request in cluster.waiting] == [2]

    cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)

    cluster.advance(150_000)
    assert cluster.waiting == [], "the second pause is 160 ms at the least"
    cluster.advance(100_000)
    assert [request.broker for request in cluster.waiting] == [2]


# -- one in flight: muting ---------------------------------------------------------------------------------------------


def test_a_partition_with_a_batch_in_flight_waits_although_another_broker_leads_it_now() -> None:
    cluster = strict()
    cluster.send(b"a")
    cluster.send(b"b")

    lead(cluster, 0, broker=2)
    assert of_broker(cluster, 2) == []
    cluster.answer()

    assert [request.values for request in of_broker(cluster, 2)] == [[b"b"]]


def test_a_muted_partition_holds_up_no_other() -> None:
    cluster = strict(partitions=2)
    cluster.send(b"a", partition=0)
    cluster.send(b"b", partition=0)

    cluster.send(b"other", partition=1)

    assert [request.values for request in of_broker(cluster, 2)] == [[b"other"]]


@pytest.mark.parametrize("which", ["queued", "in flight"])
def test_what_is_given_up_does_not_let_the_next_batch_overtake_a_request_under_way(which: str) -> None:
    cluster = strict()
    cluster.send(b"a")
    cluster.send(b"b")
    lead(cluster, 0, broker=2)

    cluster.engine.purge(cluster.now_us, queued=which == "queued", in_flight=which == "in flight")
    cluster.send(b"c")

    assert of_broker(cluster, 2) == [], "the request to the old leader is not over"
    cluster.answer()
    cluster.advance(SECOND_US)
    left = [b"c"] if which == "queued" else [b"b", b"c"]
    assert [value for request in of_broker(cluster, 2) for value in request.values] == left


def test_a_batch_that_expires_in_flight_keeps_its_partition_muted_until_its_request_ends() -> None:
    cluster = strict(enable_idempotence=False, delivery_timeout_ms=30_000, request_timeout_ms=30_000)
    cluster.send(b"warm")
    cluster.answer()
    cluster.refuses_connections = True
    cluster.disconnect_all()
    cluster.send(b"a")
    cluster.advance(5 * SECOND_US)
    cluster.refuses_connections = False
    cluster.advance(2 * SECOND_US)
    (old,) = cluster.waiting

    lead(cluster, 0, broker=2)
    cluster.advance(23 * SECOND_US)
    assert b"a" in cluster.failed
    cluster.send(b"b")
    assert of_broker(cluster, 2) == []
    cluster.answer(old)

    assert [request.values for request in of_broker(cluster, 2)] == [[b"b"]]


def test_without_acks_one_request_in_flight_is_over_as_soon_as_it_is_written() -> None:
    cluster = ScriptedCluster(acks="0", max_in_flight_requests_per_connection=1, linger_ms=0)

    for value in (b"a", b"b", b"c"):
        cluster.send(value)

    assert cluster.delivered == [b"a", b"b", b"c"]
    assert [request.values for request in cluster.seen] == [[b"a"], [b"b"], [b"c"]]


# -- retries -----------------------------------------------------------------------------------------------------------


def test_a_partition_that_must_wait_for_an_older_retry_holds_up_no_other_of_its_broker() -> None:
    cluster = ScriptedCluster(linger_ms=0, partitions=2)
    # Used first, partition 1 is the last in the broker's turn by the time that counts.
    cluster.send(b"warm", partition=1)
    cluster.answer()
    cluster.send(b"a", partition=0)
    cluster.send(b"b", partition=0)
    cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)
    cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)
    cluster.advance(SECOND_US)
    assert [request.values for request in cluster.waiting] == [[b"a"]], "b waits for a"

    cluster.send(b"other", partition=1)

    assert [request.values for request in cluster.waiting] == [[b"a"], [b"other"]]


@pytest.mark.parametrize(
    "order", list(permutations(range(3))), ids=lambda order: "".join("abc"[index] for index in order)
)
def test_retries_stand_in_the_order_of_their_sequences_whichever_fails_first(order: tuple[int, ...]) -> None:
    """Three batches of one partition under way to three brokers, for its leader moved twice."""
    cluster = ScriptedCluster(linger_ms=0, brokers=3, partitions=3, metadata_max_age_ms=100)
    for partition in (1, 2):
        # So that there is a connection to every broker: one that is busy answers no question about leaders.
        cluster.send(b"warm", partition=partition)
        cluster.answer()
    for broker, value in enumerate((b"a", b"b", b"c"), start=1):
        if broker > 1:
            lead(cluster, 0, broker)
        cluster.send(value, partition=0)
    under_way = list(cluster.waiting)
    assert [request.broker for request in under_way] == [1, 2, 3]

    for index in order:
        cluster.answer(under_way[index], Code.NOT_ENOUGH_REPLICAS)

    arrived: list[bytes | None] = []
    for _ in range(10):
        cluster.advance(SECOND_US)
        for request in list(cluster.waiting):
            arrived += request.values
            cluster.answer(request, base_offset=len(arrived))
    assert arrived == [b"a", b"b", b"c"]
    assert cluster.engine._idempotence is not None
    assert cluster.engine._idempotence.identity.current.producer_epoch == 0, "no gap was left"
