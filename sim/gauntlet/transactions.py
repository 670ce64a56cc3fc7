"""The transactional calls of a library that is somebody else's: said to its program, and waited for until it says how each ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from producer.errors import (
    FatalTransactionError,
    ProducerFencedError,
    TransactionAbortableError,
    TransactionError,
    TransactionTimeoutError,
    error_code,
)
from producer.transactions.prepared import PreparedTransaction
from sim.clients.virtual_driver import Gate
from sim.gauntlet.spoken import ABORT, ABORTABLE, AGAIN, BEGIN, COMMIT, DONE, FENCED, INIT

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from producer.records import ConsumerGroupMetadata, OffsetAndMetadata, TopicPartition
    from sim.serve.inputs import CallEnded
    from sim.world.kernel import World

    Story = Generator[Any, Any, None]

_ERRORS: Mapping[str, type[TransactionError]] = {ABORTABLE: TransactionAbortableError, FENCED: ProducerFencedError}
"""What a refusal is to the application; any other is fatal."""


class ForeignTransactions:
    """What `SimTransactions` is to a producer of ours. Each call waits for as long as the library takes."""

    is_two_phase = False

    def __init__(self, world: World, transactional_id: str, say: Callable[[str], object]) -> None:
        """`say` carries a line to the program."""
        self._id = transactional_id
        self._say = say
        self._heard = Gate(world)
        self._begun: CallEnded | None = None
        """How `begin` was refused; it is told with the next call, for nobody waits for it."""
        self._ended: CallEnded | None = None
        self.call = ""
        """What is called and not over; empty if nothing is."""

    def init(self, *, keep_prepared: bool = False) -> Generator[Any, Any, PreparedTransaction]:
        """Take over the transactional id."""
        if keep_prepared:
            self._no_two_phases()
        yield from self._carry_out(INIT)
        return PreparedTransaction()

    def begin(self) -> None:
        """Begin a transaction."""
        self._begun = None
        self._say(BEGIN)

    def commit(self) -> Story:
        """Wait for every record's answer, and commit."""
        return self._carry_out(COMMIT)

    def abort(self) -> Story:
        """Abort."""
        return self._carry_out(ABORT)

    def send_offsets(
        self,
        offsets: Mapping[TopicPartition, OffsetAndMetadata],  # noqa: ARG002
        group: ConsumerGroupMetadata,
    ) -> Story:
        """Positions are no part of a gauntlet: who reads what it processes is refused before it begins."""
        raise ValueError(f"{self._id} gives positions of {group.group_id}: here nobody reads for it")

    @property
    def open_transaction(self) -> PreparedTransaction:
        """Who writes what is open is asked before two phases alone."""
        self._no_two_phases()

    def prepare(self) -> Generator[Any, Any, PreparedTransaction]:
        """Two phases are no part of a gauntlet: stories with them are refused before they begin."""
        self._no_two_phases()

    def complete(self, decided: PreparedTransaction) -> Story:  # noqa: ARG002
        """See `prepare`."""
        self._no_two_phases()

    def _no_two_phases(self) -> NoReturn:
        raise ValueError(f"{self._id} is to be ended in two phases: no library of somebody else's does that")

    def ended(self, given: CallEnded) -> None:
        """Hear how a call ended. Raises ValueError for one that was not made."""
        if given.call == BEGIN:
            self._begun = None if given.outcome == DONE else given
        elif given.call != self.call:
            raise ValueError(f"{given.client} was told how its {given.call} ended, and has not called it")
        else:
            self._ended, self.call = given, ""
            self._heard.open()

    def _carry_out(self, call: str) -> Story:
        self._begin_call(call)
        while self._ended is None:
            yield from self._heard.wait()
        refused_begin, self._begun = self._begun, None
        ended = self._ended if refused_begin is None else refused_begin
        if ended.outcome == AGAIN:
            raise TransactionTimeoutError(ended.why)
        if ended.outcome != DONE:
            raise _ERRORS.get(ended.outcome, FatalTransactionError)(self._id, error_code(ended.code), ended.why)

    def _begin_call(self, call: str) -> None:
        self.call, self._ended = call, None
        self._say(call)
