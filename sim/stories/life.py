"""One life of one application: a producer of its own, phase by phase, record by record, and what it does about bad news."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from producer.errors import Outcome
from sim.clients.virtual_driver import Gate
from sim.trace.events import (
    ApplicationKilled,
    ApplicationPaused,
    ApplicationResumed,
    ApplicationStarted,
    ApplicationStopped,
    ApplicationStopping,
    PhaseAwaited,
    PhaseBegan,
    PhaseEnded,
    PhaseSent,
    RecordSentAgain,
)
from sim.world.network import HostState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import simpy

    from producer.records import ConsumerGroupMetadata, OffsetAndMetadata, Record, TopicPartition
    from producer.transactions.prepared import PreparedTransaction
    from sim.clients.access import Access
    from sim.cluster.cluster import Cluster
    from sim.stories.applications import Application
    from sim.stories.checkpoints import Checkpoint
    from sim.stories.conditions import Waits
    from sim.stories.governing import LifeGovernor
    from sim.stories.serializing import LifeSerializer
    from sim.stories.workload import Phase
    from sim.world.network import Host

    Story = Generator[Any, Any, None]


class LifeTransactions(Protocol):
    """The transactional calls of a life's producer, as `SimTransactions` has them."""

    @property
    def is_two_phase(self) -> bool: ...

    @property
    def open_transaction(self) -> PreparedTransaction: ...

    def init(self, *, keep_prepared: bool = False) -> Generator[Any, Any, PreparedTransaction]: ...

    def begin(self) -> None: ...

    def send_offsets(
        self, offsets: Mapping[TopicPartition, OffsetAndMetadata], group: ConsumerGroupMetadata
    ) -> Story: ...

    def commit(self) -> Story: ...

    def abort(self) -> Story: ...

    def prepare(self) -> Generator[Any, Any, PreparedTransaction]: ...

    def complete(self, decided: PreparedTransaction) -> Story: ...


class LifeProducer(Protocol):
    """What a life sends with: SimProducer, or a client library of somebody else. Its verbs are parts of a story."""

    @property
    def host(self) -> Host: ...

    @property
    def access(self) -> Access | None:
        """How it logs in, and whoever reads in the same process; None: it need not."""
        ...

    @property
    def transactions(self) -> LifeTransactions:
        """Its transactional calls. Only who has a `transactional.id` is asked for them."""
        ...

    def send(self, record: Record, number: int, stands_for: bytes | None = None) -> Story: ...

    def sleep(self, duration_us: int) -> Story: ...

    def flush(self) -> Generator[Any, Any, bool]: ...

    def close(self) -> Story: ...

    def kill(self) -> None: ...


class Piece(NamedTuple):
    """One record of an application's work."""

    place: int
    """In the whole work, from 0: the same in every life."""
    record: Record


class Stretch(NamedTuple):
    """What one life sends in one phase."""

    number: int
    """Of the phase, from 1."""
    phase: Phase
    pieces: Sequence[Piece]


class Diary:
    """What an application knows of its own work, over all its lives: as if each word were on a disk at once."""

    def __init__(self) -> None:
        self.first_sends: dict[int, tuple[str, int]] = {}
        """Place of a piece -> the life that sent it first, and as which record."""
        self.acknowledged: set[int] = set()
        """Places of the pieces that some life was told are written."""
        self.checkpoint: Checkpoint | None = None
        """The latest, of an application that takes some."""
        self.keeper = 0
        """The life whose checkpoints count: the latest that was begun, as Flink heeds the latest attempt of a job alone."""


class Life:
    """One life under way: `begin` it, and it ends by itself, or is killed. `is_over` then."""

    def __init__(
        self,
        cluster: Cluster,
        application: Application,
        diary: Diary,
        waits: Waits,
        *,
        client: str,
        life: int,
    ) -> None:
        """`client` is its name in the trace; `life` counts from 1."""
        self._cluster = cluster
        self._world = cluster.world
        self._trace = cluster.trace
        self._application = application
        self._diary = diary
        self._waits = waits
        self._sends = 0
        self._tries: dict[int, tuple[Piece, int]] = {}
        """Record without an answer -> which piece it is, and how often that was sent again."""
        self._again = 0
        """How many records wait to be sent again."""
        self._nothing_waits = Gate(cluster.world)
        self._stories: list[simpy.Process] = []
        self.client = client
        self.life = life
        self._is_stopping = False
        self.is_over = False
        self.serializer: LifeSerializer | None = None
        """What makes bytes of its values; None where they are bytes already. Given before it begins, if at all."""
        self.governor: LifeGovernor | None = None
        """What rules on its records before they are sent. Given before it begins, if at all."""

    def begin(
        self,
        producer: LifeProducer,
        stretches: Sequence[Stretch],
        tell_story: Callable[[Story], simpy.Process],
        *,
        is_told: bool,
    ) -> None:
        """Begin. `is_told`: with a word in the trace."""
        self._producer = producer
        self._tell_story = tell_story
        if is_told:
            self._trace.emit(ApplicationStarted(self._world.now_us, self.client, self._application.name, self.life))
        if self.serializer is not None:
            self.serializer.begin()
        self._stories.append(tell_story(self._work(stretches)))

    # -- what faults do to it ------------------------------------------------------------------------------------------

    @property
    def is_paused(self) -> bool:
        """Whether its process stands still."""
        return not self.is_over and self._producer.host.state is HostState.PAUSED

    def stop(self) -> None:
        """Ask the process to end in good order. Raises ValueError if it is over, was asked already, or stands still."""
        self._check_lives()
        if self._is_stopping or self.is_paused:
            raise ValueError(
                f"{self.client} {'stops already' if self._is_stopping else 'stands still and hears nothing'}"
            )
        self._is_stopping = True
        self._trace.emit(ApplicationStopping(self._world.now_us, self.client))
        self._heed_stop()

    def _heed_stop(self) -> None:
        self._stories.append(self._tell_story(self._close()))

    def kill(self) -> None:
        """End the process. Raises ValueError if it is over."""
        self._check_lives()
        self.is_over = True
        self._trace.emit(ApplicationKilled(self._world.now_us, self.client))
        for story in self._stories:
            self._world.end_story(story)
        if self.serializer is not None:
            self.serializer.leave()
        self._producer.kill()

    def pause(self) -> None:
        """Stop the process. Raises ValueError if it is over, or stands still already."""
        self._check_lives()
        if self.is_paused:
            raise ValueError(f"{self.client} stands still already")
        self._trace.emit(ApplicationPaused(self._world.now_us, self.client))
        self._producer.host.pause()

    def resume(self) -> None:
        """Let the process go on. Raises ValueError if it does not stand still."""
        self._check_lives()
        if not self.is_paused:
            raise ValueError(f"{self.client} does not stand still")
        self._trace.emit(ApplicationResumed(self._world.now_us, self.client))
        self._producer.host.resume()

    def _check_lives(self) -> None:
        if self.is_over:
            raise ValueError(f"{self.client} is over")

    # -- what it does --------------------------------------------------------------------------------------------------

    def _work(self, stretches: Sequence[Stretch]) -> Story:
        """Send phase by phase, record by record; every answer is awaited before the next phase."""
        world, trace, producer = self._world, self._trace, self._producer
        for nth, (number, phase, pieces) in enumerate(stretches):
            if phase.waits_for is not None:
                trace.emit(PhaseAwaited(world.now_us, self.client, number, str(phase.waits_for)))
                yield from self._waits.until(phase.waits_for)
                # A process that stands still hears of it when it goes on.
                yield from producer.sleep(0)
            # A process that begins again is not silent once more.
            if phase.quiet_us and (nth or self.life == 1):
                yield from producer.sleep(phase.quiet_us)
            if not self._may_send():
                return
            trace.emit(PhaseBegan(world.now_us, self.client, number))
            if not (yield from self._send_all(phase, pieces)):
                return
            trace.emit(PhaseSent(world.now_us, self.client, number))
            yield from producer.flush()
            # What failed meanwhile may be sent again, and has no answer yet.
            while self._again or self._tries:
                if self._again:
                    yield from self._nothing_waits.wait()
                yield from producer.flush()
            trace.emit(PhaseEnded(world.now_us, self.client, number))
        if self._may_send():
            # Whoever closes already need not be asked to.
            self._is_stopping = True
            yield from producer.close()
            self.is_over = True

    def _send_all(self, phase: Phase, pieces: Sequence[Piece]) -> Generator[Any, Any, bool]:
        """Send what belongs to a phase. Gives False if it was to stop before."""
        for index, piece in enumerate(pieces):
            if index and phase.every_us:
                yield from self._producer.sleep(phase.every_us)
            if not self._may_send():
                return False
            yield from self._send(piece, 0)
        return True

    def _may_send(self) -> bool:
        """Whether nobody has asked it to stop, nor killed it before it began; it is asked after every wait."""
        return not self._is_stopping and not self.is_over

    def _close(self) -> Story:
        yield from self._producer.close()
        self.is_over = True
        self._trace.emit(ApplicationStopped(self._world.now_us, self.client))

    def _send(self, piece: Piece, tries: int) -> Story:
        self._sends += 1
        number = self._sends
        first = self._diary.first_sends.setdefault(piece.place, (self.client, number))
        if first != (self.client, number):
            self._trace.emit(RecordSentAgain(self._world.now_us, self.client, number, *first))
        record = piece.record
        if self.serializer is not None:
            serialized = yield from self.serializer.serialized(record, number, piece.place)
            # It was told why not; or asked to stop while a registry was asked.
            if serialized is None or not self._may_send():
                return
            record = serialized.record
            self._trace.emit(serialized.event)
        if self.governor is not None:
            governed = yield from self.governor.governed(record, number)
            if governed is None or not self._may_send():
                return
            record = governed.record
        self._tries[number] = (piece, tries)
        yield from self._producer.send(record, number, self._application.workload.business_of(record))

    def told(self, number: int, outcome: Outcome) -> None:
        """Hear how one of its records ended."""
        piece, tries = self._tries.pop(number)
        if outcome is Outcome.ACKNOWLEDGED:
            self._diary.acknowledged.add(piece.place)
            return
        resends = self._application.resends
        if (
            resends is not None
            and self._may_send()
            and tries < resends.times_max
            and outcome.name.lower() in resends.on
        ):
            self._again += 1
            self._stories.append(self._tell_story(self._send_again(piece, tries + 1, resends.wait_us)))

    def _send_again(self, piece: Piece, tries: int, wait_us: int) -> Story:
        if wait_us:
            yield from self._producer.sleep(wait_us)
        if self._may_send():
            yield from self._send(piece, tries)
        self._again -= 1
        if not self._again:
            self._nothing_waits.open()
