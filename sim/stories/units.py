"""What an application means to happen as a whole, one after another: transactions of its producer, and what it says of them.

Without a `transactional.id` nobody but the application knows what belongs together. It says so in the same words, waits for every
answer, and can take nothing back.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any

from producer.errors import (
    Code,
    Outcome,
    ProducerFencedError,
    TransactionAbortableError,
    TransactionError,
    TransactionTimeoutError,
)
from sim.trace.events import OffsetsGiven, TransactionalIdTaken, TransactionBegan, TransactionEnded, TransactionEnding

if TYPE_CHECKING:
    from producer.records import ConsumerGroupMetadata, OffsetAndMetadata, TopicPartition
    from sim.stories.life import LifeProducer
    from sim.trace.trace import Trace
    from sim.world.kernel import World

    Story = Generator[Any, Any, None]

FENCED, FAILED, UNKNOWN, COMMITTED, ABORTED = "fenced", "failed", "unknown", "committed", "aborted"


class Units:
    """The units of one life of an application. Its methods but `told` are parts of a story.

    A call that runs out of time is made again, as Kafka wants it, for as long as the life lasts.
    """

    def __init__(self, world: World, trace: Trace, client: str, producer: LifeProducer, transactional_id: str) -> None:
        """`client` is the life's name in the trace; `transactional_id` is empty for a producer without one."""
        self._client = client
        self._world = world
        self._emit = trace.emit
        self._producer = producer
        self._id = transactional_id
        self._number = 0
        self._has_failed = False
        """Whether a record of the unit was not acknowledged."""

    @property
    def is_transactional(self) -> bool:
        """Whether somebody else keeps together what belongs together."""
        return bool(self._id)

    def take_over(self) -> Story:
        """Take the transactional id, if there is one, from whoever had it before. Raises TransactionError."""
        if self._id:
            yield from _again(self._producer.transactions.init)
            self._emit(TransactionalIdTaken(self._world.now_us, self._client, self._id))

    def carry_out(self, work: Story) -> Generator[Any, Any, bool]:
        """Begin, do the work, commit. Gives whether it is committed: what cannot be is aborted. Raises TransactionError."""
        self._number += 1
        self._has_failed = False
        if self._id:
            self._producer.transactions.begin()
        self._emit(TransactionBegan(self._world.now_us, self._client, self._id, self._number))
        try:
            yield from work
            is_committed = (yield from self._commit()) if self._id else (yield from self._wait_for_answers())
        except TransactionAbortableError as error:
            self._ended(FAILED, error.code.code)
            yield from self._abort()
            return False
        except ProducerFencedError as error:
            self._ended(FENCED, error.code.code)
            raise
        except TransactionError as error:
            self._ended(UNKNOWN, error.code.code)
            raise
        return is_committed

    def give_offsets(
        self, positions: Mapping[TopicPartition, OffsetAndMetadata], group: ConsumerGroupMetadata
    ) -> Story:
        """Let positions of a group count if the unit is committed. Raises TransactionError."""
        given = tuple([(*where, one.offset) for where, one in positions.items()])
        self._emit(OffsetsGiven(self._world.now_us, self._client, self._number, group.group_id, given))
        yield from _again(lambda: self._producer.transactions.send_offsets(positions, group))

    def told(self, outcome: Outcome) -> None:
        """Hear how a record of the unit ended."""
        self._has_failed = self._has_failed or outcome is not Outcome.ACKNOWLEDGED

    def _commit(self) -> Generator[Any, Any, bool]:
        while True:
            self._ending(is_commit=True)
            try:
                yield from self._producer.transactions.commit()
            except TransactionTimeoutError:
                self._ended(UNKNOWN, Code.NETWORK_EXCEPTION)
                continue
            self._ended(COMMITTED, Code.NONE)
            return True

    def _abort(self) -> Story:
        while True:
            self._ending(is_commit=False)
            try:
                yield from self._producer.transactions.abort()
            except TransactionTimeoutError:
                continue
            except ProducerFencedError as error:
                self._ended(FENCED, error.code.code)
                raise
            self._ended(ABORTED, Code.NONE)
            return

    def _wait_for_answers(self) -> Generator[Any, Any, bool]:
        yield from self._producer.flush()
        if self._has_failed:
            self._ended(FAILED, Code.UNKNOWN_SERVER_ERROR)
            return False
        self._ending(is_commit=True)
        self._ended(COMMITTED, Code.NONE)
        return True

    def _ending(self, *, is_commit: bool) -> None:
        self._emit(TransactionEnding(self._world.now_us, self._client, self._id, self._number, is_commit))

    def _ended(self, outcome: str, code: int) -> None:
        self._emit(TransactionEnded(self._world.now_us, self._client, self._id, self._number, outcome, int(code)))


def _again(make: Callable[[], Generator[Any, Any, object]]) -> Story:
    while True:
        try:
            yield from make()
        except TransactionTimeoutError:
            continue
        return
