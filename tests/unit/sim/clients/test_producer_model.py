"""The producer's public calls against a model of dicts, in virtual time, while brokers crash, links hold and answers get lost.

Two application threads send, flush, ask for partitions and purge; faults strike in between; sooner or later somebody closes the
producer. The model knows what was sent, what was told, and what the healed cluster's logs hold at the end. Each record
ends exactly once; acknowledged means once in the log, at the offset told; failed for certain means not there; each thread's
records are in order in each partition; metrics say what the model says; buffer.memory bounds what waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from typing import Any, ClassVar

import pytest
import simpy
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from producer.config.config import ProducerConfig
from producer.errors import MetadataTimeoutError, ProducerClosedError
from producer.events import BatchSent, RecordAccepted
from producer.records import Record, TopicPartition
from sim.clients.drivers import CODE_NOT_SENT, SimProducer
from sim.cluster.cluster import Cluster
from sim.cluster.config import ClusterConfig
from sim.cluster.topic_config import TopicConfig
from sim.faults import Crash, Fault, HoldLink, NotInjectedError
from sim.mutants import MUTANTS, Mutant
from sim.trace.events import RecordAcknowledged, RecordFailed, RecordRead
from sim.trace.trace import Trace
from sim.world.kernel import World
from sim.world.units import SECOND_US
from tests.unit.sim.clients.drawn_faults import PARTITIONS, TOPIC, faults
from tests.unit.sim.clients.reading_back import reading_back

SENDERS = (0, 1)
OTHER = 2
"""Threads of the application."""
BUFFER_BYTES = 4_000
MAX_BLOCK_US = 8 * SECOND_US
PROPERTIES = {
    "buffer.memory": BUFFER_BYTES,
    "batch.size": 800,
    "max.block.ms": MAX_BLOCK_US // 1_000,
    "request.timeout.ms": 4_000,
    "delivery.timeout.ms": 15_000,
}
"""The default configuration otherwise: acks=all, idempotent, five in flight. Little time and room, so that both run out."""

Call = Callable[[], Generator[Any, Any, Any]]


class PublicCalls(RuleBasedStateMachine):
    """One producer, three brokers, two threads of one application."""

    planted: ClassVar[Mutant | None] = None
    """A bug that the model must find."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(seed=1)
        self.trace = Trace()
        self.cluster = Cluster(self.world, self.trace, ClusterConfig(topics=(TopicConfig(TOPIC, len(PARTITIONS)),)))
        if self.planted is not None:
            self.planted.plant_in_cluster(self.cluster)
        self.cluster.start()
        self.run(lambda: not self.cluster.is_settled(), "the cluster settles")
        servers = ",".join(f"{host}:{port}" for host, port in self.cluster.bootstrap)
        self.producer = SimProducer(
            self.cluster, ProducerConfig.from_properties(PROPERTIES | {"bootstrap.servers": servers})
        )
        if self.planted is not None:
            self.planted.plant_in_producer(self.producer)
        self.calls: dict[int, deque[Call]] = {thread: deque() for thread in (*SENDERS, OTHER)}
        """What each thread still has to do; the first one is under way."""
        self.thread_of: dict[int, int] = {}
        self.acknowledged: dict[int, tuple[int, int]] = {}
        self.failed: dict[int, str] = {}
        self.uncounted = 0
        """Records that a closed producer refused: Kafka counts no error for those."""
        self.is_closed = False
        self.closing: simpy.Process | None = None
        self.queued: list[int] = []
        self.records_sent = 0
        """In Produce requests, each attempt anew."""
        self.trace.watch(RecordAccepted, self.note_queued)
        self.trace.watch(BatchSent, self.note_batch)
        self.trace.watch(RecordAcknowledged, self.note_acknowledged)
        self.trace.watch(RecordFailed, self.note_failed)
        # The promise is for an id that the partitions know: see scenarios/fresh_producer_hole.py.
        for partition in PARTITIONS:
            self.queue(0, TOPIC, partition=partition)
            self.call(0, self.flush)
        self.finish_calls()
        assert len(self.acknowledged) == len(PARTITIONS)

    # -- the model hears -----------------------------------------------------------------------------------------------

    def note_queued(self, event: RecordAccepted) -> None:
        self.queued.append(event.token)

    def note_batch(self, event: BatchSent) -> None:
        self.records_sent += event.record_count

    def note_acknowledged(self, event: RecordAcknowledged) -> None:
        self.note_end(event.record)
        self.acknowledged[event.record] = (event.partition, event.offset)

    def note_failed(self, event: RecordFailed) -> None:
        self.note_end(event.record)
        self.failed[event.record] = event.outcome
        if self.is_closed and event.code == CODE_NOT_SENT:
            self.uncounted += 1

    def note_end(self, number: int) -> None:
        assert number in self.thread_of
        assert number not in self.acknowledged, f"record {number} ended twice"
        assert number not in self.failed, f"record {number} ended twice"

    def has_ended(self, number: int) -> bool:
        return number in self.acknowledged or number in self.failed

    # -- threads -------------------------------------------------------------------------------------------------------

    def call(self, thread: int, call: Call) -> None:
        self.calls[thread].append(call)
        if len(self.calls[thread]) == 1:
            self.world.story(self.work(thread))

    def work(self, thread: int) -> Generator[Any, Any, None]:
        calls = self.calls[thread]
        while calls:
            yield from calls[0]()
            calls.popleft()

    def run(self, wanted: Callable[[], bool], what: str, lasts_us: int = 600 * SECOND_US) -> None:
        # In steps, for `wanted` may look at the whole cluster.
        until_us = self.world.now_us + lasts_us
        while wanted():
            assert self.world.now_us < until_us, f"{what}: not within {lasts_us // SECOND_US} s"
            self.world.run_until(self.world.now_us + 50_000)

    def finish_calls(self) -> None:
        self.run(lambda: any(self.calls.values()), "every call returns")

    # -- the application -----------------------------------------------------------------------------------------------

    @initialize(timeout_us=st.sampled_from([None, 0, SECOND_US, 30 * SECOND_US]))
    def choose_how_it_ends(self, timeout_us: int | None) -> None:
        self.close_timeout_us = timeout_us

    @rule(
        thread=st.sampled_from(SENDERS),
        partition=st.sampled_from([None, *PARTITIONS]),
        size=st.sampled_from([0, 0, 0, 100, 700, 900, BUFFER_BYTES]),
        count=st.integers(1, 6),
        us=st.sampled_from([0, 300, 2_000, 6_000]),
    )
    def send(self, thread: int, partition: int | None, size: int, count: int, us: int) -> None:
        for _ in range(count):
            self.queue(thread, TOPIC, size, partition)
        self.world.run_until(self.world.now_us + us)

    def queue(self, thread: int, topic: str, size: int = 0, partition: int | None = None) -> None:
        number = len(self.thread_of)
        self.thread_of[number] = thread
        record = Record(topic, b"%d " % number + bytes(size), b"%d" % thread, partition)
        self.call(thread, lambda: self.producer.send(record, number))

    @rule(
        what=st.sampled_from(
            ["flush", "flush a while", "ask", "ask in vain", "send in vain", "purge", "purge in flight"]
        )
    )
    def call_something_else(self, what: str) -> None:
        """On a thread of its own, for most of it waits."""
        match what:
            case "flush":
                self.call(OTHER, self.flush)
            case "flush a while":
                self.call(OTHER, self.flush_a_while)
            case "ask":
                self.call(OTHER, self.ask)
            case "ask in vain":
                self.call(OTHER, self.ask_in_vain)
            case "send in vain":
                self.queue(OTHER, "mistyped")
            case _:
                self.producer.purge(queued=what == "purge")

    def flush(self) -> Generator[Any, Any, None]:
        queued = list(self.queued)
        assert (yield from self.producer.flush())
        assert all(self.has_ended(number) for number in queued)

    def flush_a_while(self) -> Generator[Any, Any, None]:
        began_us = self.world.now_us
        yield from self.producer.flush(20_000)
        assert self.world.now_us <= began_us + 20_000

    def ask(self) -> Generator[Any, Any, None]:
        began_us = self.world.now_us
        try:
            told = yield from self.producer.partitions_for(TOPIC)
        except ProducerClosedError:
            assert self.is_closed
        except MetadataTimeoutError:
            # Whoever is rejected by every broker begins again at the bootstrap servers, and knows no topic (KIP-899).
            assert self.world.now_us == began_us + MAX_BLOCK_US
        else:
            assert [one.partition for one in told] == list(PARTITIONS)

    def ask_in_vain(self) -> Generator[Any, Any, None]:
        began_us = self.world.now_us
        try:
            yield from self.producer.partitions_for("mistyped")
            raise AssertionError("it is there")
        except ProducerClosedError:
            assert self.is_closed
        except MetadataTimeoutError:
            assert self.world.now_us == began_us + MAX_BLOCK_US

    @precondition(lambda self: self.closing is None and len(self.thread_of) > 30)
    @rule()
    def close(self) -> None:
        def close() -> Generator[Any, Any, None]:
            began_us, self.is_closed = self.world.now_us, True
            yield from self.producer.close(self.close_timeout_us)
            assert self.close_timeout_us is None or self.world.now_us <= began_us + self.close_timeout_us

        self.closing = self.world.story(close())

    # -- the world -----------------------------------------------------------------------------------------------------

    @rule(fault=faults)
    def strike(self, fault: Fault) -> None:
        try:
            fault.inject(self.cluster)
        except (NotInjectedError, ValueError):
            """It makes no sense just now: who is down cannot crash."""

    @rule(us=st.sampled_from([500, 6_000, 300_000, 2 * SECOND_US, 11 * SECOND_US]))
    def let_time_pass(self, us: int) -> None:
        self.world.run_until(self.world.now_us + us)

    # -- what must hold ------------------------------------------------------------------------------------------------

    @invariant()
    def metrics_agree(self) -> None:
        measured = self.producer.metrics()
        assert 0 <= measured.value("buffer-available-bytes") <= BUFFER_BYTES
        assert measured.value("record-send-total") == self.records_sent
        assert measured.value("record-error-total") == len(self.failed) - self.uncounted

    def teardown(self) -> None:
        if self.closing is None:
            self.close()
        closing = self.closing
        assert closing is not None
        self.run(lambda: not closing.triggered, "close returns")
        self.finish_calls()
        self.cluster.heal()
        self.run(lambda: not all(map(self.has_ended, self.thread_of)), "every record ends")
        self.run(lambda: not self.cluster.is_settled(), "the cluster settles")
        reading = self.world.story(reading_back(self.cluster, TOPIC))
        self.run(lambda: not reading.triggered, "everything is read")
        self.metrics_agree()
        assert self.producer.metrics().value("buffer-available-bytes") == BUFFER_BYTES
        self.judge()

    def judge(self) -> None:
        read = [event for event in self.trace if isinstance(event, RecordRead)]
        places: dict[int, list[tuple[int, int]]] = {}
        last: dict[tuple[int, int], int] = {}
        for event in read:
            number = int((event.value or b"").split()[0])
            places.setdefault(number, []).append((event.partition, event.offset))
            thread = self.thread_of[number]
            before = last.get((thread, event.partition), -1)
            assert before < number, f"record {number} lies behind {before} in {event.partition}"
            last[thread, event.partition] = number
        for number in self.thread_of:
            found = places.get(number, [])
            if number in self.acknowledged:
                assert found == [self.acknowledged[number]], (
                    f"record {number}: told {self.acknowledged[number]}, {found}"
                )
            elif self.failed[number] == "failed":
                assert found == [], f"record {number} failed for certain, yet lies in {found}"
            else:
                assert len(found) <= 1, f"record {number} lies in {found}"


TestPublicCalls = PublicCalls.TestCase
TestPublicCalls.settings = settings(max_examples=60, stateful_step_count=30)


@pytest.mark.parametrize(
    "planted", [None, MUTANTS["acks_before_replication"]], ids=lambda one: one.name if one else "none"
)
def test_the_model_finds_a_planted_bug_and_nothing_without_one(planted: Mutant | None) -> None:
    class Machine(PublicCalls):
        pass

    Machine.planted = planted
    machine = Machine()
    machine.choose_how_it_ends(None)
    leader = machine.cluster.leader_of(TopicPartition(TOPIC, 0))

    # The followers cannot hear of the record before its leader is gone, so nobody may be told that it is there to stay.
    for broker in (1, 2, 3):
        if broker != leader:
            machine.strike(HoldLink(leader, broker))
    machine.send(0, 0, 0, 1, 6_000)
    machine.strike(Crash(leader))
    machine.let_time_pass(11 * SECOND_US)

    if planted is None:
        machine.teardown()
    else:
        with pytest.raises(AssertionError, match=r"record 2: told \(0, 1\), \[\]"):
            machine.teardown()
