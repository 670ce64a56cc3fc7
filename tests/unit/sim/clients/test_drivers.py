"""Clients in virtual time: they block as real ones do, read back what is there, and repeat themselves exactly."""

from collections.abc import Generator
from typing import Any

from producer.config.config import ProducerConfig
from producer.events import BatchSent, BatchSplit, ConnectionLost
from producer.records import Record
from sim.clients.drivers import CODE_NOT_SENT, SimProducer
from sim.cluster.cluster import Cluster
from sim.cluster.config import ClusterConfig
from sim.cluster.topic_config import TopicConfig
from sim.stories.runner import run
from sim.stories.scenario import Phase, Scenario, Workload
from sim.trace.events import RecordAcknowledged, RecordFailed, RecordRead, RecordSent
from sim.trace.trace import Trace
from sim.world.kernel import World
from sim.world.units import SECOND_US
from tests.unit.sim.clients.reading_back import reading_back

HOUR_US = 3_600 * SECOND_US


class Stage:
    """A settled cluster of three with one topic, and a producer."""

    def __init__(self, *, seed: int = 1, partitions: int = 2, **properties: Any) -> None:
        self.world = World(seed=seed)
        self.trace = Trace()
        topic = TopicConfig("orders", partitions=partitions)
        self.cluster = Cluster(self.world, self.trace, ClusterConfig(topics=(topic,)))
        self.cluster.start()
        self.world.run_until(10 * SECOND_US)
        servers = ",".join(f"{host}:{port}" for host, port in self.cluster.bootstrap)
        given = {"bootstrap.servers": servers} | {name.replace("_", "."): value for name, value in properties.items()}
        self.producer = SimProducer(self.cluster, ProducerConfig.from_properties(given))

    def play(self, story: Generator[Any, Any, Any], *, lasts_us: int = 300 * SECOND_US) -> Any:
        process = self.world.story(story)
        self.world.run_while(
            lambda: not process.triggered, until_us=self.world.now_us + lasts_us, events_max=10_000_000
        )
        assert process.triggered, "the story did not end"
        return process.value

    def events(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.trace if isinstance(event, kind)]

    def send(self, count: int, *, topic: str = "orders", value: bytes = b"v") -> Generator[Any, Any, None]:
        for number in range(count):
            yield from self.producer.send(Record(topic, value, b"k%d" % (number % 5)), number)
        yield from self.producer.flush()


def test_every_record_is_acknowledged_and_read_back() -> None:
    stage = Stage()

    stage.play(stage.send(50))
    at_end = stage.play(reading_back(stage.cluster, "orders"))

    assert at_end
    told = {(event.partition, event.offset) for event in stage.events(RecordAcknowledged)}
    assert told == {(event.partition, event.offset) for event in stage.events(RecordRead)}
    assert len(told) == 50


def test_an_unknown_topic_blocks_for_max_block_ms_and_then_fails_the_record() -> None:
    stage = Stage(max_block_ms=7_000)

    stage.play(stage.send(1, topic="mistyped"))

    (sent,), (failed,) = stage.events(RecordSent), stage.events(RecordFailed)
    assert failed.at_us - sent.at_us == 7_000_000
    assert (failed.code, failed.outcome, failed.partition) == (CODE_NOT_SENT, "failed", -1)


def test_a_full_buffer_slows_the_application_down_and_loses_nothing() -> None:
    stage = Stage(buffer_memory=2_000, batch_size=1_000)

    stage.play(stage.send(100, value=b"x" * 300))

    assert len(stage.events(RecordAcknowledged)) == 100
    sent = stage.events(RecordSent)
    assert sent[-1].at_us > sent[0].at_us, "the application waited"


def test_an_idle_producer_costs_next_to_nothing() -> None:
    idle, without = Stage(), Stage()
    idle.play(idle.send(1))
    began = idle.world.events_processed
    idle.world.run_until(HOUR_US)
    with_producer = idle.world.events_processed - began

    began = without.world.events_processed
    without.world.run_until(HOUR_US)

    assert with_producer - (without.world.events_processed - began) < 1_000


def test_equal_seeds_give_equal_traces_and_other_seeds_other_ones() -> None:
    digests = []
    for seed in (1, 1, 2):
        stage = Stage(seed=seed)
        stage.play(stage.send(20))
        digests.append(stage.trace.digest())

    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


def test_a_record_is_followed_from_send_to_batch_to_offset_by_the_trace_alone() -> None:
    stage = Stage(partitions=1, linger_ms=50)

    stage.play(stage.send(3))

    names = [type(event).__name__ for event in stage.trace if getattr(event, "client", "") == "producer-1"]
    assert names.count("RecordAccepted") == 3
    assert names.count("BatchSent") == names.count("BatchAppended") == names.count("BatchAcknowledged") == 1


def test_a_batch_too_large_for_the_topic_arrives_in_parts_and_every_promise_holds() -> None:
    scenario = Scenario(
        name="split",
        question="A topic takes only small batches: does the producer find that out without loss?",
        cluster=ClusterConfig(topics=(TopicConfig("orders", max_message_bytes=600),)),
        workload=Workload(records=60, phases=(Phase(every_us=100),), value_bytes=100),
    )

    report = run(scenario, 1)

    assert report.exit_code == 0
    assert report.counts.read == report.counts.acknowledged == 60
    assert any(isinstance(event, BatchSplit) for event in report.trace)


def test_a_producer_that_stood_still_handles_what_it_received_before_anything_times_out() -> None:
    stage = Stage(partitions=1, request_timeout_ms=1_000, delivery_timeout_ms=2_000, linger_ms=0)
    stage.play(stage.send(1))
    host = stage.cluster.network.host("producer-1")
    stage.play(stage.producer.send(Record("orders", b"v"), 1))
    stage.world.run_until(stage.world.now_us + 10)

    host.pause()
    stage.world.run_until(stage.world.now_us + 20 * SECOND_US)
    host.resume()
    stage.world.run_until(stage.world.now_us + SECOND_US)

    assert len(stage.events(BatchSent)) == 2, "nothing was sent again"
    assert [event.record for event in stage.events(RecordAcknowledged)] == [0, 1]
    assert not stage.events(ConnectionLost)
