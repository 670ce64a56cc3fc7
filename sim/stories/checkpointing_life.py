"""One life of a job that takes checkpoints: what it makes is committed once a checkpoint holds how far it had read (as Flink's sink)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import (
    Code,
    FatalTransactionError,
    ProducerFencedError,
    TransactionAbortableError,
    TransactionTimeoutError,
)
from sim.clients.polled_reader import PolledReader
from sim.stories.checkpoints import Checkpoint
from sim.stories.processing_life import ProcessingLife
from sim.stories.reading import read_settings
from sim.stories.units import COMMITTED, FAILED, FENCED, UNKNOWN, Units
from sim.trace.events import (
    CheckpointTaken,
    TransactionalIdTaken,
    TransactionBegan,
    TransactionRecovered,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from typing import Any

    from producer.errors import Outcome
    from producer.records import TopicPartition
    from producer.transactions.prepared import PreparedTransaction
    from sim.stories.checkpoints import Checkpoints
    from sim.stories.life import LifeProducer, Story, Stretch


class CheckpointedUnits(Units):
    """The transactions of a life that takes checkpoints: pre-committed with one, and committed when it is complete."""

    has_taken_over = False
    """Whether the transactional id was its own."""

    def recover(self, checkpoint: Checkpoint | None) -> Generator[Any, Any, None]:
        """Take over the transactional id; commit what the checkpoint names, abort what came after it.

        Raises FatalTransactionError.
        """
        calls = self._producer.transactions
        found = yield from _until_told(lambda: calls.init(keep_prepared=checkpoint is not None))
        self.has_taken_over = True
        self._emit(TransactionalIdTaken(self._world.now_us, self._client, self._id))
        if checkpoint is None:
            return
        self._number += 1
        self._emit(
            TransactionRecovered(
                self._world.now_us, self._client, self._id, self._number, checkpoint.client, checkpoint.transaction
            )
        )
        self._ending(is_commit=True)
        yield from _until_told(lambda: calls.complete(checkpoint.prepared))
        # If another one was open, this one was over before. If none was, it was committed, provided that it had no time-out (KIP-939).
        is_known = found.has_transaction or calls.is_two_phase
        self._ended(COMMITTED if is_known else UNKNOWN, Code.NONE)

    def begin(self) -> int:
        """Begin a transaction; gives its number."""
        self._number += 1
        self._producer.transactions.begin()
        self._emit(TransactionBegan(self._world.now_us, self._client, self._id, self._number))
        return self._number

    def pre_commit(self) -> Generator[Any, Any, PreparedTransaction]:
        """Have everything written, so that it can be committed. Raises TransactionError."""
        calls = self._producer.transactions
        if calls.is_two_phase:
            prepared: PreparedTransaction = yield from _until_told(calls.prepare)
            return prepared
        # Without two phases its identity is all that there is to write down, and its time-out goes on.
        yield from self._producer.flush()
        if not calls.open_transaction.has_transaction:
            # A record was not delivered, and the commit that cannot be says why.
            yield from calls.commit()
        return calls.open_transaction

    def commit(self) -> Story:
        """Commit. Raises TransactionError."""
        try:
            yield from self._commit()
        except FatalTransactionError as error:
            self._ended(FENCED if isinstance(error, ProducerFencedError) else UNKNOWN, error.code.code)
            raise

    def give_up(self, error: TransactionAbortableError) -> Story:
        """Abort. Raises FatalTransactionError."""
        self._ended(FAILED, error.code.code)
        yield from self._abort()


class CheckpointingLife(ProcessingLife):
    """A life that makes records of records, and keeps how far it has read itself."""

    has_failed = False
    """Whether it ended unasked, and not because its producer could not begin: who looks after the job begins it again."""
    _reader: PolledReader | None = None
    _is_asked_to_stop = False

    def _new_units(self, producer: LifeProducer) -> Units:
        return CheckpointedUnits(self._world, self._trace, self.client, producer, self._transactional_id)

    @property
    def _mine(self) -> CheckpointedUnits:
        assert isinstance(self._units, CheckpointedUnits)
        return self._units

    @property
    def _checkpoints(self) -> Checkpoints:
        assert self._processing.checkpoints is not None
        return self._processing.checkpoints

    @property
    def group(self) -> str:
        """It is in no group: of a job's lives the latest reads."""
        return f"job {self._application.name}"

    @property
    def is_idle(self) -> bool:
        """Whether it has all that there is, and all that it made is committed."""
        reader = self._reader
        return not self._is_working and reader is not None and (reader.is_settled or reader.has_failed)

    @property
    def positions(self) -> Mapping[TopicPartition, int]:
        """The offset that it is given next, by partition."""
        return {} if self._reader is None else self._reader.positions

    def told(self, number: int, outcome: Outcome) -> None:
        """Hear how one of its records ended: it counts only with its transaction."""

    def kill(self) -> None:
        """End the process. Raises ValueError if it is over."""
        super().kill()
        if self._reader is not None:
            self._reader.abandon()

    def end(self) -> None:
        """The run is over."""
        if self._reader is not None:
            self._reader.end()

    # -- what it does --------------------------------------------------------------------------------------------------

    def _heed_stop(self) -> None:
        """What was begun is brought to its end first."""
        self._is_asked_to_stop = True
        if self._reader is not None:
            self._reader.wake()

    def _take_over(self) -> Story:
        # From here on no older life's checkpoint counts: what is read now is what it goes on from.
        self._diary.keeper = self.life
        yield from self._mine.recover(self._diary.checkpoint)

    def _work_through(self, _stretches: Sequence[Stretch]) -> Story:
        while self._may_send():
            checkpoint = self._diary.checkpoint
            reader = self._reader = PolledReader(
                self._cluster,
                self.topic,
                name=self.client,
                host=self._producer.host,
                positions={} if checkpoint is None else checkpoint.positions,
                reading=read_settings("earliest", self._processing.isolation),
                access=self._producer.access,
            )
            try:
                yield from self._go_on(reader)
            except TransactionAbortableError as error:
                # What was made since the checkpoint came to nothing, and is made again.
                yield from self._mine.give_up(error)
                reader.end()
        self._is_working = False

    def _go_on(self, reader: PolledReader) -> Story:
        """Checkpoint after checkpoint. Raises TransactionError."""
        words = self._processing
        while self._may_send():
            given = reader.poll(words.records_max)
            if not given:
                yield from reader.wait()
                # A process that stands still hears of it when it goes on.
                yield from self._producer.sleep(0)
                continue
            self._is_working = True
            number = self._mine.begin()
            due_us = self._world.now_us + self._checkpoints.every_us
            while given or self._world.now_us < due_us:
                yield from self._derive(given)
                if not given:
                    yield from reader.wait(due_us)
                    yield from self._producer.sleep(0)
                given = reader.poll(words.records_max) if self._world.now_us < due_us else []
            if not (yield from self._take_checkpoint(reader, number)):
                self._is_stopping = True
                return
            yield from self._producer.sleep(self._checkpoints.commits_after_us)
            yield from self._mine.commit()
            self._is_working = False

    def _take_checkpoint(self, reader: PolledReader, number: int) -> Generator[Any, Any, bool]:
        """Gives whether it counts: who was replaced is told of no checkpoint that is complete, and commits nothing."""
        positions = {where: offset for where, offset in reader.positions.items() if offset >= 0}
        prepared = yield from self._mine.pre_commit()
        if self._diary.keeper != self.life:
            return False
        self._diary.checkpoint = Checkpoint(self.client, number, prepared, positions)
        told = tuple([(*where, offset) for where, offset in positions.items()])
        self._trace.emit(CheckpointTaken(self._world.now_us, self.client, number, told))
        return True

    def _close(self) -> Story:
        self._is_working = False
        self.has_failed = self._mine.has_taken_over and not self._is_asked_to_stop
        if self._reader is not None:
            self._reader.end()
        yield from super()._close()


def _until_told(make: Callable[[], Generator[Any, Any, Any]]) -> Generator[Any, Any, Any]:
    """Make a call, again whenever it runs out of time."""
    while True:
        try:
            return (yield from make())
        except TransactionTimeoutError:
            continue
