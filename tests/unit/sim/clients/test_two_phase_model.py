"""Two-phase commit against a model of lists, in virtual time: instance after instance of one job, ahead of Apache Kafka (KIP-939).

The model knows of one transaction at most that is open, and of what was decided. What is prepared never ends by time-out. A
completion commits if it names what is prepared, and aborts if not. A new instance keeps what is open, or aborts it; an instance that
another has followed ends nothing. Coordinators die in between. Readers of what is committed are given what the model committed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from producer.config.config import ProducerConfig
from producer.errors import ProducerError, TransactionError
from producer.records import Record, TopicPartition
from producer.transactions.prepared import PreparedTransaction
from sim.clients.consumer import EARLIEST, Isolation, ReadSettings
from sim.clients.drivers import SimProducer
from sim.clients.reader import SimReader
from sim.cluster.cluster import Cluster
from sim.cluster.config import ClusterConfig
from sim.cluster.coordinators.shard import Outcome
from sim.cluster.coordinators.transactions.metadata import NO_EPOCH, TransactionMetadata
from sim.cluster.coordinators.transactions.shard import TransactionShard
from sim.cluster.coordinators.transactions.states import TransactionState
from sim.cluster.coordinators.transactions.transactional_id import TransactionalId
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import RecordRead
from sim.trace.trace import Trace
from sim.world.kernel import World
from sim.world.units import SECOND_US
from tests.builds import pure_only

TOPIC = "orders"
HOME = TopicPartition("__transaction_state", 0)
MAX_TIMEOUT_US = 20 * SECOND_US
"""transaction.max.timeout.ms: whatever sleeps longer sleeps beyond every time-out."""

NOTHING = PreparedTransaction()

Story = Generator[Any, Any, Any]


@dataclass
class Instance:
    """One process of the job."""

    producer: SimProducer
    state: str = "ready"
    """`ready`, `open`, `prepared` or `over`."""
    has_written: bool = False
    """Whether there is anything at the coordinator that it believes to be its own."""
    found_nothing: bool = False
    token: PreparedTransaction = NOTHING


@dataclass
class Open:
    """The transaction that is open at the coordinator."""

    values: list[bytes]
    token: PreparedTransaction | None = None
    """What it was prepared as, or kept as."""


class TwoPhases(RuleBasedStateMachine):
    """One transactional id, three brokers, one instance of the job at a time, and the ones before it that do not know it."""

    shard: ClassVar[type[TransactionShard]] = TransactionShard
    """What coordinates: a bug may be planted here."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(seed=1)
        self.trace = Trace()
        config = ClusterConfig(
            topics=(TopicConfig(TOPIC, 2),),
            transaction_two_phase_commit=True,
            transaction_state_partitions=1,
            transaction_max_timeout_us=MAX_TIMEOUT_US,
        )
        self.cluster = Cluster(self.world, self.trace, config)
        for broker in self.cluster.brokers.values():
            broker.transaction_shard_type = self.shard
        self.cluster.start()
        self.settle()
        self.instances: list[Instance] = []
        self.open: Open | None = None
        self.committed: list[bytes] = []
        self.sent = 0

    # -- the world -----------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        until_us = self.world.now_us + 120 * SECOND_US
        self.world.run_while(lambda: not self.cluster.is_settled(), until_us=until_us, events_max=5_000_000)
        assert self.cluster.is_settled()

    def pass_time(self, seconds: float) -> None:
        self.world.run_until(self.world.now_us + int(seconds * SECOND_US))

    def play(self, story: Story) -> Any:
        """Play a call to its end; gives what it gives. Raises what it raises."""
        found: list[Any] = []

        def played() -> Story:
            try:
                found.append((yield from story))
            except ProducerError as error:
                found.append(error)

        self.world.story(played())
        self.world.run_while(lambda: not found, until_us=self.world.now_us + 300 * SECOND_US, events_max=5_000_000)
        assert found, "the call has not ended"
        if isinstance(found[0], ProducerError):
            raise found[0]
        return found[0]

    @property
    def now(self) -> Instance:
        """The newest instance."""
        return self.instances[-1]

    def is_now(self, *states: str) -> bool:
        return bool(self.instances) and self.now.state in states

    # -- what an instance does -----------------------------------------------------------------------------------------

    @initialize(keep=st.booleans())
    def first(self, keep: bool) -> None:
        self.start(keep)

    @rule(keep=st.booleans())
    def start(self, keep: bool) -> None:
        servers = ",".join(f"{host}:{port}" for host, port in self.cluster.bootstrap)
        properties = {
            "bootstrap.servers": servers,
            "transactional.id": "job",
            "transaction.two.phase.commit.enable": "true",
        }
        name = f"job-{len(self.instances) + 1}"
        made = Instance(SimProducer(self.cluster, ProducerConfig.from_properties(properties), name=name))
        found = self.play(made.producer.transactions.init(keep_prepared=keep))
        self.instances.append(made)
        if self.open is None:
            assert not found.has_transaction
            made.found_nothing = keep
        elif keep:
            assert found.has_transaction
            assert self.open.token in (None, found), "it is the transaction that was prepared"
            self.open.token = made.token = found
            made.state, made.has_written = "prepared", True
        else:
            assert not found.has_transaction
            self.open = None

    @precondition(lambda self: self.is_now("ready", "open"))
    @rule(count=st.integers(1, 3))
    def write(self, count: int) -> None:
        one = self.now
        if one.state == "ready":
            one.producer.transactions.begin()
            one.state, one.found_nothing = "open", False
        values = [b"%d" % (self.sent + index) for index in range(count)]
        for value in values:
            self.play(one.producer.send(Record(TOPIC, value, partition=self.sent % 2), self.sent))
            self.sent += 1
        assert self.play(one.producer.flush())
        one.has_written = True
        self.open = Open([*(self.open.values if self.open else ()), *values])

    @precondition(lambda self: self.is_now("ready", "open"))
    @rule()
    def prepare(self) -> None:
        one = self.now
        if one.state == "ready":
            one.producer.transactions.begin()
        one.token = self.play(one.producer.transactions.prepare())
        assert one.token.has_transaction
        one.state, one.found_nothing = "prepared", False
        if self.open is not None:
            self.open.token = one.token

    @precondition(lambda self: self.is_now("prepared"))
    @rule(off_by=st.integers(-1, 1), to_nothing=st.booleans())
    def complete(self, off_by: int, to_nothing: bool) -> None:
        token = self.now.token
        decided = PreparedTransaction(token.producer_id, token.producer_epoch + off_by)
        if to_nothing:
            decided = NOTHING
        self.play(self.now.producer.transactions.complete(decided))
        self.ended(is_commit=decided == token)

    @precondition(lambda self: self.is_now("ready") and self.now.found_nothing)
    @rule(epoch=st.integers(0, 5))
    def complete_nothing(self, epoch: int) -> None:
        self.play(self.now.producer.transactions.complete(PreparedTransaction(1_000, epoch)))

    @precondition(lambda self: self.is_now("open", "prepared"))
    @rule(is_commit=st.booleans())
    def end(self, is_commit: bool) -> None:
        calls = self.now.producer.transactions
        self.play(calls.commit() if is_commit else calls.abort())
        self.ended(is_commit=is_commit)

    def ended(self, *, is_commit: bool) -> None:
        if self.open is not None and is_commit:
            self.committed += self.open.values
        self.open = None
        self.now.state, self.now.has_written = "ready", False

    # -- what happens to it --------------------------------------------------------------------------------------------

    @rule(seconds=st.integers(1, 90))
    def sleep(self, seconds: int) -> None:
        self.pass_time(seconds)

    @precondition(lambda self: self.is_now("ready", "open", "prepared"))
    @rule()
    def kill(self) -> None:
        self.now.producer.kill()
        self.now.state = "over"

    @rule()
    def lose_coordinator(self) -> None:
        broker = self.cluster.leader_of(HOME)
        self.cluster.crash(broker)
        self.pass_time(12)
        self.cluster.restart(broker)
        self.settle()
        self.pass_time(5)

    @precondition(lambda self: any(one.has_written and one.state != "over" for one in self.instances[:-1]))
    @rule(is_commit=st.booleans())
    def zombie_ends(self, is_commit: bool) -> None:
        zombie = next(one for one in self.instances[:-1] if one.has_written and one.state != "over")
        calls = zombie.producer.transactions
        try:
            self.play(calls.commit() if is_commit else calls.abort())
        except TransactionError:
            zombie.state = "over"
        assert zombie.state == "over", "an instance that another has followed ended a transaction"

    # -- what holds ----------------------------------------------------------------------------------------------------

    @invariant()
    def what_is_open_is_what_the_coordinator_has_open(self) -> None:
        process = self.cluster.brokers[self.cluster.leader_of(HOME)].process
        assert process is not None
        found = [shard.find("job") for _, shard in process.transactions.runtime.active()]
        is_ongoing = [one.metadata.state for one in found if one is not None] == [TransactionState.ONGOING]
        assert is_ongoing is (self.open is not None)

    def teardown(self) -> None:
        self.pass_time(5)
        reading = ReadSettings(reset_to=EARLIEST, isolation=Isolation.READ_COMMITTED)
        reader = SimReader(self.cluster, TOPIC, reading=reading)
        self.pass_time(5)
        reader.end()
        given = Counter(event.value for event in self.trace if isinstance(event, RecordRead))
        assert given == Counter(self.committed)


TEST_SETTINGS = settings(max_examples=12, stateful_step_count=14, deadline=None)
TestTwoPhases = TwoPhases.TestCase
TestTwoPhases.settings = TEST_SETTINGS


# -- the model finds what is wrong -------------------------------------------------------------------------------------


def impatient() -> type[TransactionShard]:
    """Two phases or not, every transaction has the longest time-out that there is."""

    class Impatient(TransactionShard):
        def timed_out(self) -> tuple[TransactionalId, ...]:
            oldest_ms = self.now_ms - MAX_TIMEOUT_US // 1_000
            return tuple(
                one
                for one in self.all()
                if one.pending is None
                and one.metadata.state is TransactionState.ONGOING
                and one.metadata.start_ms < oldest_ms
            )

    return Impatient


def forgetful() -> type[TransactionShard]:
    """For whom a transaction is kept is told, and not written down."""

    class Forgetful(TransactionShard):
        def change(self, known: TransactionalId, following: TransactionMetadata, **how: Any) -> Outcome:
            return super().change(known, following._replace(next_producer_epoch=NO_EPOCH), **how)

    return Forgetful


# Found is enough: what the shortest way to it is, nobody asks here.
HUNT = settings(
    TEST_SETTINGS, max_examples=100, phases=(Phase.generate,), derandomize=True, print_blob=False, database=None
)


@pure_only("a coordinator of its own derives from the brokers'")
@pytest.mark.parametrize("bug", [impatient, forgetful])
def test_the_model_finds_a_coordinator_that_is_impatient_or_forgetful(
    bug: Callable[[], type[TransactionShard]],
) -> None:
    planted = type("Planted", (TwoPhases,), {"shard": bug()})

    with pytest.raises((AssertionError, TransactionError)):
        run_state_machine_as_test(planted, settings=HUNT)
