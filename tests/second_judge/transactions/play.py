"""Small plays with transactions, by number: an application that makes records of records, its lives and zombies, faults, and a liar.

The application is a test's own, so that it can do what no sound one does: go past what it does not know the end of. Where nobody lies it
is a sound one, and goes on from its group's positions, which go with its transactions.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from producer.config.config import ProducerConfig
from producer.errors import (
    FatalTransactionError,
    ProducerFencedError,
    TransactionAbortableError,
    TransactionError,
    TransactionTimeoutError,
)
from producer.records import ConsumerGroupMetadata, OffsetAndMetadata, Record, TopicPartition
from sim.clients.consumer import EARLIEST, Isolation, ReadSettings
from sim.clients.drivers import SimProducer
from sim.clients.reader import SimReader
from sim.cluster.cluster import Cluster
from sim.cluster.config import ClusterConfig
from sim.cluster.internal_topics import CONSUMER_OFFSETS
from sim.cluster.topic_config import TopicConfig
from sim.mutants.planting import Mutant
from sim.trace.events import (
    OffsetsGiven,
    ReaderIsolated,
    RecordDerived,
    RecordRead,
    RunEnded,
    TransactionalIdTaken,
    TransactionBegan,
    TransactionEnded,
    TransactionEnding,
)
from sim.trace.trace import Trace
from sim.world.kernel import World
from sim.world.units import SECOND_US
from tests.second_judge.lies import named
from tests.second_judge.transactions.files import positions_at_leaders

ORDERS, INVOICES = "orders", "invoices"
ID, GROUP = "billing", "billing-group"
READER, AUDITOR = "reader", "auditor"
INPUTS = 16
INPUT_PARTITIONS, OUTPUT_PARTITIONS = 2, 3
WAIT_MAX_MS = 5_000
"""fetch.max.wait.ms of readers: a play with fewer empty answers is over sooner."""
TRIES_MAX = 200
HONEST = "honest"
IMPOSTOR = "another says that it has the id, and has not asked for it"
READS_ALL = "reads everything, says it is only what is committed, and hides what it aborts"
BEYOND = "gives a position beyond what it has read, and hides what it commits"
LIES = (
    HONEST,
    HONEST,
    "tells an abort as a commit",
    "tells a commit as an abort",
    "asks for a commit and does not say so",
    READS_ALL,
    IMPOSTOR,
    "takes its input for another",
    BEYOND,
)
"""What a client says that is not so, now and then; both judges hear it."""

Story = Generator[Any, Any, Any]


@dataclass(slots=True)
class Diary:
    """What the application knows over all its lives."""

    next_offsets: dict[TopicPartition, int]
    lives: int = 0


class Play:
    """One play. `perform` it, and look at `trace` and `cluster`."""

    def __init__(self, number: int, *, mutant: Mutant | None = None) -> None:
        """With a `mutant` its bug is in the brokers, and nobody lies."""
        self.lie = LIES[number % len(LIES)] if mutant is None else HONEST
        self.level = 1 + number // len(LIES) % 2
        self.chance = random.Random(number)
        self.world = World(seed=number)
        self.trace = Trace()
        topics = TopicConfig(ORDERS, partitions=INPUT_PARTITIONS), TopicConfig(INVOICES, partitions=OUTPUT_PARTITIONS)
        self.cluster = Cluster(self.world, self.trace, ClusterConfig(topics=topics, transaction_version=self.level))
        if mutant is not None:
            mutant.plant_in_cluster(self.cluster)
        places = [TopicPartition(ORDERS, partition) for partition in range(INPUT_PARTITIONS)]
        self.diary = Diary(dict.fromkeys(places, 0))
        self.inputs: dict[TopicPartition, list[int]] = {where: [] for where in places}
        self.readers: list[SimReader] = []

    def perform(self) -> None:
        """Play it to its end, and read everything back."""
        self.cluster.start()
        self.world.run_until(10 * SECOND_US)
        self.trace.watch(RecordRead, self._given)
        self._play(self._feed())
        self.readers.append(SimReader(self.cluster, ORDERS, name=READER, reading=_reading()))
        self.world.run_until(self.world.now_us + 2 * SECOND_US)
        lies = self.lie == READS_ALL
        isolation = Isolation.READ_UNCOMMITTED if lies else Isolation.READ_COMMITTED
        audits = SimReader(self.cluster, INVOICES, name=AUDITOR, begin="earliest", reading=_reading(isolation))
        self.readers.append(audits)
        if lies:
            self.trace.emit(ReaderIsolated(self.world.now_us, AUDITOR, INVOICES))
        self._play(self._application(), self._faults())
        self.cluster.heal()
        self._run_while(lambda: not self.cluster.is_settled())
        # Whatever is open runs out of time, is aborted, and read over.
        self.world.run_until(self.world.now_us + 60 * SECOND_US)
        self._run_while(lambda: not self.cluster.is_settled())
        topics = [topic for topic in (ORDERS, INVOICES, CONSUMER_OFFSETS) if self._has(topic)]
        self.readers += [SimReader(self.cluster, topic, host=f"back-{topic}", reading=_reading()) for topic in topics]
        self.world.run_until(self.world.now_us + 20 * SECOND_US)
        for reader in self.readers:
            reader.end()
        self.trace.emit(RunEnded(self.world.now_us, self.cluster.is_settled()))

    def _has(self, topic: str) -> bool:
        return any(tp.topic == topic for tp in self.cluster.controller.metadata.partitions)

    def _given(self, event: RecordRead) -> None:
        if event.client == READER:
            self.inputs[TopicPartition(event.topic, event.partition)].append(event.offset)

    def _play(self, *stories: Story) -> None:
        processes = [self.world.story(story) for story in stories]
        self._run_while(lambda: not all(one.triggered for one in processes))

    def _run_while(self, goes_on: Callable[[], bool]) -> None:
        until_us = self.world.now_us + 3_000 * SECOND_US
        self.world.run_while(goes_on, until_us=until_us, events_max=30_000_000)
        assert not goes_on()

    def producer(self, name: str, **more: Any) -> SimProducer:
        properties = {
            "bootstrap.servers": ",".join(f"{host}:{port}" for host, port in self.cluster.bootstrap),
            "request.timeout.ms": 3_000,
            "delivery.timeout.ms": self.chance.choice([6_000, 30_000]),
            **more,
        }
        return SimProducer(self.cluster, ProducerConfig.from_properties(properties), name=name)

    def lies_now(self, lie: str) -> bool:
        """Whether that is the play's lie, and told this time."""
        return self.lie == lie and self.chance.random() < 0.5

    # -- who plays ---------------------------------------------------------------------------------------------------

    def _feed(self) -> Story:
        source = self.producer("source")
        for number in range(INPUTS):
            record = Record(ORDERS, b"order-%d" % number, partition=number % INPUT_PARTITIONS)
            yield from source.send(named(record, "source", number), number)
        yield from source.close()

    def _application(self) -> Story:
        zombies = []
        for _ in range(self.chance.randrange(2, 5)):
            self.diary.lives += 1
            life = Life(self, f"{ID}.{self.diary.lives}")
            begun = self.world.story(life.live(units=self.chance.randrange(1, 5)))
            if self.chance.random() < 0.4:
                # It stands still, is taken for dead, and goes on when another has its id.
                yield self.world.timeout(self.chance.randrange(2 * SECOND_US))
                life.producer.host.pause()
                zombies.append(begun)
                self.world.call_in(self.chance.randrange(SECOND_US, 12 * SECOND_US), life.producer.host.resume)
            else:
                yield begun
        for zombie in zombies:
            if not zombie.triggered:
                yield zombie

    def _faults(self) -> Story:
        for _ in range(self.chance.randrange(6)):
            yield self.world.timeout(self.chance.randrange(4 * SECOND_US))
            broker = self.cluster.brokers[self.chance.randrange(1, 4)]
            lasts_us = self.chance.randrange(SECOND_US // 10, 12 * SECOND_US)
            kind = self.chance.randrange(3)
            if kind == 0:
                broker.crash()
                yield self.world.timeout(lasts_us)
                broker.start()
            elif kind == 1:
                broker.pause()
                yield self.world.timeout(lasts_us)
                broker.resume()
            else:
                # What a life has sent by then arrives late.
                life = f"{ID}.{self.diary.lives}"
                if life not in self.cluster.network.hosts:
                    continue
                self.cluster.network.hold(life, broker.host.name, one_way=True)
                yield self.world.timeout(lasts_us)
                if life in self.cluster.network.hosts:
                    self.cluster.network.open(life, broker.host.name)


def _reading(isolation: Isolation = Isolation.READ_UNCOMMITTED) -> ReadSettings:
    return ReadSettings(reset_to=EARLIEST, isolation=isolation, wait_max_ms=WAIT_MAX_MS)


class Life:
    """One life of the application. What it says of itself is in the trace."""

    def __init__(self, play: Play, name: str) -> None:
        timeout_ms = play.chance.choice([8_000, 60_000])
        self.producer = play.producer(
            name,
            **{
                "transactional.id": ID,
                "transaction.timeout.ms": timeout_ms,
                "max.block.ms": play.chance.choice([2_000, 20_000]),
            },
        )
        self._play = play
        self._name = name
        self._number = 0
        self._sends = 0
        self._is_hidden = False
        """Whether nobody is to hear that this transaction is aborted."""

    def live(self, units: int) -> Story:
        """Take the id, and work."""
        play = self._play
        try:
            yield from again(self.producer.transactions.init)
            self._emit(TransactionalIdTaken, ID)
            if play.lie == HONEST:
                yield from self._ask_group()
            for _ in range(units):
                yield from self._unit()
                yield from self.producer.sleep(play.chance.randrange(2 * SECOND_US))
        except TransactionError:
            pass
        self.producer.leave()

    def _unit(self) -> Story:
        play, calls = self._play, self.producer.transactions
        self._number += 1
        before = dict(play.diary.next_offsets)
        calls.begin()
        self._emit(TransactionBegan, ID, self._number)
        self._is_hidden = play.lies_now(READS_ALL)
        if self._is_hidden:
            self._emit(TransactionEnding, ID, self._number, True)
        try:
            positions = yield from self._make(before)
            if positions:
                yield from self._give(positions)
            if play.chance.random() < (0.4 if play.lie == READS_ALL else 0.8):
                yield from self._commit()
                play.diary.next_offsets |= positions
                return
        except TransactionAbortableError as error:
            self._ended("failed", error.code.code)
        except FatalTransactionError as error:
            self._ended("fenced" if isinstance(error, ProducerFencedError) else "unknown", error.code.code)
            if play.lie != HONEST and play.chance.random() < 0.5:
                # Nobody knows what became of it. A sound application would ask its group.
                play.diary.next_offsets |= {where: offset + 1 for where, offset in before.items()}
            raise
        yield from self._abort()

    def _ask_group(self) -> Story:
        """Go on from where the group has come, as a sound application does that has just taken its id over."""
        while (found := positions_at_leaders(self._play.cluster)) is None:
            yield from self.producer.sleep(SECOND_US)
        self._play.diary.next_offsets = {where: found.get(where, 0) for where in self._play.diary.next_offsets}

    def _make(self, begin: Mapping[TopicPartition, int]) -> Generator[Any, Any, dict[TopicPartition, int]]:
        """Make a record of each of some inputs. Gives where to go on behind them."""
        play, positions = self._play, {}
        for where, offset in begin.items():
            for given in self._some([one for one in play.inputs[where] if one >= offset]):
                self._sends += 1
                if play.lies_now(IMPOSTOR):
                    play.trace.emit(TransactionalIdTaken(play.world.now_us, "impostor", ID))
                said = max(given - 1, 0) if play.lies_now("takes its input for another") else given
                self._emit(RecordDerived, self._sends, READER, *where, said)
                record = Record(INVOICES, b"of %d" % given, partition=play.chance.randrange(OUTPUT_PARTITIONS))
                yield from self.producer.send(named(record, self._name, self._sends), self._sends)
                positions[where] = given + 1
                if play.chance.random() < 0.2:
                    yield from self.producer.sleep(play.chance.randrange(3 * SECOND_US))
        return positions

    def _some(self, offsets: Sequence[int]) -> Sequence[int]:
        return offsets[: self._play.chance.randrange(4)]

    def _give(self, positions: Mapping[TopicPartition, int]) -> Story:
        more = int(self._play.lies_now(BEYOND))
        given = {where: OffsetAndMetadata(offset + more) for where, offset in positions.items()}
        told = tuple([(*where, one.offset) for where, one in given.items()])
        self._emit(OffsetsGiven, self._number, GROUP, told)
        yield from again(lambda: self.producer.transactions.send_offsets(given, ConsumerGroupMetadata(GROUP)))

    def _commit(self) -> Story:
        while True:
            if not self._play.lies_now("asks for a commit and does not say so"):
                self._emit(TransactionEnding, ID, self._number, True)
            try:
                yield from self.producer.transactions.commit()
            except TransactionTimeoutError:
                self._ended("unknown", 13)
                continue
            outcome = "aborted" if self._play.lies_now("tells a commit as an abort") else "committed"
            self._ended("unknown" if self._play.lies_now(BEYOND) else outcome)
            return

    def _abort(self) -> Story:
        self._emit(TransactionEnding, ID, self._number, False)
        yield from again(self.producer.transactions.abort)
        outcome = "committed" if self._play.lies_now("tells an abort as a commit") else "aborted"
        self._ended("unknown" if self._is_hidden else outcome)

    def _ended(self, outcome: str, code: int = 0) -> None:
        self._emit(TransactionEnded, ID, self._number, outcome, code)

    def _emit(self, event: type[Any], *fields: Any) -> None:
        self._play.trace.emit(event(self._play.world.now_us, self._name, *fields))


def again(make: Callable[[], Story]) -> Story:
    """Make a call, and make it again as long as it only ran out of time."""
    for _ in range(TRIES_MAX):
        try:
            yield from make()
        except TransactionTimeoutError:
            continue
        return
    raise AssertionError(f"{TRIES_MAX} calls ran out of time")
