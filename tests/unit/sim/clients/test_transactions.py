"""A transactional producer in virtual time, before simulated coordinators: both kinds, and what a coordinator's crash costs."""

import io
from collections.abc import Generator
from typing import Any

import pytest

from producer.config.config import ProducerConfig
from producer.errors import ProducerFencedError, TransactionError, TransactionStateError, TransactionTimeoutError
from producer.events import ProducerTransactionMoved
from producer.records import ConsumerGroupMetadata, OffsetAndMetadata, Record, TopicPartition
from sim.clients.drivers import SimProducer
from sim.cluster.cluster import Cluster
from sim.cluster.config import ClusterConfig
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import RecordAcknowledged, RecordFailed
from sim.trace.trace import Trace, TraceHeader
from sim.world.kernel import World
from sim.world.units import SECOND_US

KINDS = pytest.mark.parametrize("level", [1, 2], ids=["V1", "V2"])
Story = Generator[Any, Any, Any]


class Stage:
    """A settled cluster of three with one topic, and a producer with a transactional id."""

    def __init__(self, level: int = 2, **properties: Any) -> None:
        self.world = World(seed=1)
        self.trace = Trace()
        topic = TopicConfig("orders", partitions=2)
        self.cluster = Cluster(self.world, self.trace, ClusterConfig(topics=(topic,), transaction_version=level))
        self.cluster.start()
        self.world.run_until(10 * SECOND_US)
        self.properties = properties
        self.producer = self.another("billing")

    def another(self, name: str) -> SimProducer:
        servers = ",".join(f"{host}:{port}" for host, port in self.cluster.bootstrap)
        given = {"bootstrap.servers": servers, "transactional.id": "t"}
        given |= {key.replace("_", "."): value for key, value in self.properties.items()}
        return SimProducer(self.cluster, ProducerConfig.from_properties(given), name=name)

    def play(self, story: Story) -> Any:
        process = self.world.story(story)
        self.world.run_while(
            lambda: not process.triggered, until_us=self.world.now_us + 600 * SECOND_US, events_max=10_000_000
        )
        assert process.triggered, "the story did not end"
        return process.value

    def events(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.trace if isinstance(event, kind)]


def read_back(trace: Trace) -> list[Any]:
    """The events as they come out of the file of a trace."""
    out = io.StringIO()
    trace.write(out, TraceHeader("stage", 1, {}))
    out.seek(0)
    return Trace.read(out)[1].events


@KINDS
def test_transactions_are_committed_and_aborted_one_behind_the_other(level: int) -> None:
    stage = Stage(level)
    producer, calls = stage.producer, stage.producer.transactions

    def story() -> Story:
        yield from calls.init()
        for number in range(6):
            calls.begin()
            for part in range(2):
                yield from producer.send(Record("orders", b"v", partition=part), 2 * number + part)
            if number % 3 == 2:
                yield from producer.flush()
                yield from calls.abort()
            else:
                yield from calls.commit()

    stage.play(story())

    assert len(stage.events(RecordAcknowledged)) == 12
    states = [event.state for event in stage.events(ProducerTransactionMoved)]
    assert states.count("committing transaction") == 4
    assert states.count("aborting transaction") == 2
    assert states[-1] == "ready"
    assert read_back(stage.trace) == stage.trace.events
    assert {event.is_v2 for event in stage.events(ProducerTransactionMoved)[1:]} == {level == 2}


@KINDS
def test_a_coordinator_s_crash_costs_a_transaction_time_and_nothing_else(level: int) -> None:
    stage = Stage(level)
    producer, calls = stage.producer, stage.producer.transactions

    def story() -> Story:
        yield from calls.init()
        calls.begin()
        yield from producer.send(Record("orders", b"a", partition=0), 0)
        yield from producer.flush()
        for broker in list(stage.cluster.brokers.values())[:1]:
            broker.crash()
        yield from producer.send(Record("orders", b"b", partition=1), 1)
        yield from calls.commit()
        calls.begin()
        yield from producer.send(Record("orders", b"c", partition=0), 2)
        yield from calls.commit()

    stage.play(story())

    assert [event.record for event in stage.events(RecordAcknowledged)] == [0, 1, 2]


@KINDS
def test_whoever_takes_the_id_next_fences_the_one_before(level: int) -> None:
    stage = Stage(level)
    zombie, successor = stage.producer, stage.another("successor")

    def story() -> Story:
        yield from zombie.transactions.init()
        zombie.transactions.begin()
        yield from zombie.send(Record("orders", b"a", partition=0), 0)
        yield from zombie.flush()
        yield from successor.transactions.init()
        with pytest.raises(TransactionError):
            yield from zombie.transactions.commit()
        with pytest.raises(ProducerFencedError):
            zombie.transactions.begin()
        successor.transactions.begin()
        yield from successor.send(Record("orders", b"b", partition=0), 1)
        yield from successor.transactions.commit()

    stage.play(story())


@KINDS
def test_a_group_s_offsets_are_taken_with_the_transaction(level: int) -> None:
    stage = Stage(level)
    calls = stage.producer.transactions

    def story() -> Story:
        yield from calls.init()
        calls.begin()
        yield from stage.producer.send(Record("orders", b"a", partition=0), 0)
        yield from calls.send_offsets({TopicPartition("orders", 1): OffsetAndMetadata(4)}, ConsumerGroupMetadata("g"))
        yield from calls.commit()

    stage.play(story())

    assert stage.events(ProducerTransactionMoved)[-1].state == "ready"


def test_a_record_outside_of_a_transaction_is_refused_and_no_broker_asked() -> None:
    stage = Stage()

    def story() -> Story:
        yield from stage.producer.transactions.init()
        yield from stage.producer.send(Record("orders", b"a"), 0)
        with pytest.raises(TransactionStateError):
            yield from stage.producer.transactions.commit()

    stage.play(story())

    assert [event.record for event in stage.events(RecordFailed)] == [0]


def test_a_call_that_runs_out_of_time_goes_on_and_can_be_made_again() -> None:
    stage = Stage(max_block_ms=1_000)
    calls = stage.producer.transactions

    def story() -> Story:
        for broker in stage.cluster.brokers.values():
            broker.pause()
        with pytest.raises(TransactionTimeoutError):
            yield from calls.init()
        for broker in stage.cluster.brokers.values():
            broker.resume()
        for _ in range(60):
            try:
                yield from calls.init()
            except TransactionTimeoutError:
                continue
            break
        calls.begin()
        yield from stage.producer.sleep(SECOND_US)

    stage.play(story())

    assert stage.events(ProducerTransactionMoved)[-1].state == "in transaction"
