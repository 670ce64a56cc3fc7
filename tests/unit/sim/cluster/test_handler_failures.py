"""A broker that fails on one request: that connection ends, everybody else is served, and we hear of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from producer.errors import Code
from producer.wire import api
from producer.wire.api import ApiKey
from producer.wire.messages import fetch, metadata
from sim.cluster.broker.handlers import HANDLERS
from sim.cluster.broker.partition import Partition
from sim.cluster.cluster import Cluster
from sim.cluster.failures import BrokerFailedError
from sim.explore.search import Search
from sim.judges.verdict import State
from sim.mutants.planting import Mutant
from sim.stories.runner import run
from sim.stories.scenario import ClusterConfig, Scenario, TopicConfig, Workload
from sim.trace.events import HandlerFailed, RequestReceived
from tests.builds import pure_only
from tests.unit.sim.raw_client import ORDERS, Lab, part_of, send_batch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.cluster.broker.request import Handler

LONGEST_WAIT_MS = 30_000


def fail(_broker: object, request: Any) -> None:
    raise KeyError(request.correlation_id)


UNANSWERING = {**HANDLERS, ApiKey.METADATA: fail}
"""Fails on every Metadata request at once."""


def served(*, handlers: Mapping[int, Handler] = HANDLERS, partition_type: type[Partition] = Partition) -> Lab:
    """A lab in which every broker begins its next life with these."""
    lab = Lab(is_served=True)
    for number, broker in lab.cluster.brokers.items():
        broker.handlers, broker.partition_type = handlers, partition_type
        lab.cluster.crash(number)
    lab.run(10)
    for number in lab.cluster.brokers:
        lab.cluster.restart(number)
    assert lab.settle()
    return lab


def test_an_exception_in_a_handler_ends_its_connection_and_is_told_with_the_request() -> None:
    lab = served(handlers=UNANSWERING)
    connection = lab.client.connect(1)

    correlation_id = connection.send(ApiKey.METADATA, metadata.MetadataRequest(None), 9)
    lab.run(1)

    assert connection.closed == "closed by peer"
    (event,) = lab.events(HandlerFailed)
    assert event[1:7] == (1, "Metadata", 9, "c1", connection.number, correlation_id)
    assert event.error.startswith(f"KeyError: {correlation_id} (tests.unit.sim.cluster.test_handler_failures, line ")
    header, _ = api.decode_request_header(bytes.fromhex(event.request))
    assert header == (ApiKey.METADATA, 9, correlation_id, "raw")
    assert lab.cluster.handler_failures == 1


def test_others_and_the_same_client_on_another_connection_are_served_all_the_same() -> None:
    lab = served(handlers=UNANSWERING)
    leader = lab.cluster.leader_of(ORDERS)
    unharmed, failing = lab.client.connect(leader), lab.client.connect(leader)

    failing.call(ApiKey.METADATA, metadata.MetadataRequest(None))

    assert failing.closed is not None
    assert part_of(unharmed.wait(send_batch(unharmed, b"x"))).error_code == Code.NONE
    assert lab.client.produce(b"y").error_code == Code.NONE
    assert lab.client.read() == [b"x", b"y"]


def test_what_is_queued_behind_the_failure_is_not_worked_on() -> None:
    lab = served(handlers=UNANSWERING)
    connection = lab.client.connect(lab.cluster.leader_of(ORDERS))

    connection.send(ApiKey.METADATA, metadata.MetadataRequest(None), 9)
    send_batch(connection, b"behind")
    lab.run(1)

    assert [event.api for event in lab.events(RequestReceived, connection=connection.number)] == ["Metadata"]
    assert lab.client.read() == []


class FailsAfterAppend(Partition):
    """Fails where a leader tells its followers that there is something new: the batch is in the log by then."""

    def appended(self) -> None:
        raise ZeroDivisionError("appended")


@pure_only("it derives a class from one that is compiled")
def test_a_failure_in_a_later_step_of_the_work_ends_the_connection_too() -> None:
    lab = served(partition_type=FailsAfterAppend)
    connection = lab.client.connect(lab.cluster.leader_of(ORDERS))

    answer = connection.wait(send_batch(connection, b"x", acks=1))

    assert answer is None
    assert [event.api for event in lab.events(HandlerFailed)] == ["Produce"]
    assert lab.settle()


class FailsForWaitingFetches(Partition):
    """Serves a consumer's first look, and fails on the next."""

    __slots__ = ("looks",)

    def check_epoch(self, leader_epoch: int) -> Code:
        if self.is_leader and leader_epoch == -1:
            self.looks = getattr(self, "looks", 0) + 1
            assert self.looks < 2, "looked twice"
        return super().check_epoch(leader_epoch)


@pure_only("it derives a class from one that is compiled")
@pytest.mark.parametrize("is_woken", [True, False])
def test_a_fetch_that_fails_when_it_is_woken_or_late_ends_alone(is_woken: bool) -> None:
    lab = served(partition_type=FailsForWaitingFetches)
    leader = lab.cluster.leader_of(ORDERS)
    reader, writer = lab.client.connect(leader), lab.client.connect(leader)
    topic = fetch.FetchTopic("orders", partitions=(fetch.FetchPartition(0, partition_max_bytes=1 << 20),))
    reader.send(ApiKey.FETCH, fetch.FetchRequest(max_wait_ms=500, min_bytes=1, topics=(topic,)), 12)
    lab.run(0.1)

    if is_woken:
        assert part_of(writer.wait(send_batch(writer, b"x"))).error_code == Code.NONE
    lab.run(1)

    assert reader.closed == "closed by peer"
    assert writer.is_open
    assert [event[2:6] for event in lab.events(HandlerFailed)] == [("Fetch", 12, "c1", reader.number)]


class FailsOnExpiry(Partition):
    def forget_await(self, ended: Any) -> None:
        raise RuntimeError("forgotten")


@pure_only("it derives a class from one that is compiled")
def test_a_produce_that_fails_when_its_time_is_over_ends_alone() -> None:
    lab = served(partition_type=FailsOnExpiry)
    leader = lab.cluster.leader_of(ORDERS)
    lab.cluster.network.cut(f"b{leader}", one_way=True)
    lab.cluster.network.open(f"b{leader}", "c1")
    connection = lab.client.connect(leader)

    send_batch(connection, b"x", timeout_ms=100)
    lab.run(1)

    assert connection.closed == "closed by peer"
    assert [event.api for event in lab.events(HandlerFailed)] == ["Produce"]


class PlantedFailure:
    """As a planted bug: every life of every broker fails on Metadata."""

    name = "planted_failure"

    def plant_in_cluster(self, cluster: Cluster) -> None:
        for broker in cluster.brokers.values():
            broker.handlers = UNANSWERING

    def plant_in_producer(self, producer: object) -> None:
        pass


STORY = Scenario(
    name="failing",
    question="Does a failing broker end the run?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    workload=Workload(records=3),
)


def test_a_run_ends_with_the_failure_as_a_bug_of_ours_and_the_request_is_its_note(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(HANDLERS, ApiKey.METADATA, fail)

    with pytest.raises(BrokerFailedError, match=r"failed at .* us on Metadata 13 of producer-1, connection") as raised:
        run(STORY)

    (note,) = raised.value.__notes__
    header, _ = api.decode_request_header(bytes.fromhex(note.removeprefix("the request: ")))
    assert header.api_key == ApiKey.METADATA


def test_what_a_planted_bug_fails_on_is_a_finding_and_the_run_is_cut_short_there() -> None:
    report = run(STORY, mutant=PlantedFailure())

    assert re.search(r"failed at .* us on Metadata 13 of producer-1, connection", report.stopped)
    assert not any(verdict.state is State.HOLDS for verdict in report.verdicts)
    assert report.exit_code == 3


def test_a_search_hands_the_request_on(monkeypatch: pytest.MonkeyPatch) -> None:
    search = Search()
    search.schedule(0)
    monkeypatch.setitem(HANDLERS, ApiKey.METADATA, fail)

    with pytest.raises(AssertionError, match="schedule 0 of seed 0 raised BrokerFailedError") as raised:
        search.look(0)

    (note,) = raised.value.__notes__
    assert note.startswith("the request: 0003000d")


def test_a_bug_that_was_planted_without_failing_ends_no_run() -> None:
    assert run(STORY, mutant=Mutant("harmless", "changes nothing", partition=Partition)).exit_code == 0
