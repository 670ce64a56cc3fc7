"""One life of an application some of whose records belong together: unit by unit, each a transaction where its producer has an id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.errors import Outcome, TransactionError
from sim.stories.life import Life
from sim.stories.units import FAILED, Units

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    import simpy

    from sim.cluster.cluster import Cluster
    from sim.stories.applications import Application
    from sim.stories.conditions import Waits
    from sim.stories.life import Diary, LifeProducer, Piece, Story, Stretch
    from sim.stories.workload import Phase


class TransactionalLife(Life):
    """A life that sends in units. Who is fenced, or told that its producer is of no more use, closes it and is over."""

    def __init__(
        self,
        cluster: Cluster,
        application: Application,
        diary: Diary,
        waits: Waits,
        *,
        client: str,
        life: int,
        transactional_id: str,
    ) -> None:
        """`transactional_id` is empty where nobody but the application keeps its records together."""
        super().__init__(cluster, application, diary, waits, client=client, life=life)
        self._transactional_id = transactional_id

    def begin(
        self,
        producer: LifeProducer,
        stretches: Sequence[Stretch],
        tell_story: Callable[[Story], simpy.Process],
        *,
        is_told: bool,
    ) -> None:
        """Begin; see `Life.begin`."""
        self._units = self._new_units(producer)
        super().begin(producer, stretches, tell_story, is_told=is_told)

    def _new_units(self, producer: LifeProducer) -> Units:
        return Units(self._world, self._trace, self.client, producer, self._transactional_id)

    def _take_over(self) -> Story:
        yield from self._units.take_over()

    def told(self, number: int, outcome: Outcome) -> None:
        """Hear how one of its records ended: of what belongs together it counts only together."""
        self._tries.pop(number)
        self._units.told(outcome)

    def _heed_stop(self) -> None:
        """What was begun is brought to its end first."""

    def _work(self, stretches: Sequence[Stretch]) -> Story:
        try:
            yield from self._take_over()
            yield from self._work_through(stretches)
        except TransactionError:
            self._is_stopping = True
        if not self.is_over:
            yield from self._close()

    def _work_through(self, stretches: Sequence[Stretch]) -> Story:
        yield from super()._work(stretches)

    def _send_all(self, phase: Phase, pieces: Sequence[Piece]) -> Generator[Any, Any, bool]:
        size = self._application.workload.transaction_records or max(1, len(pieces))
        for begin in range(0, len(pieces), size):
            if begin and phase.every_us:
                yield from self._producer.sleep(phase.every_us)
            if not (yield from self._send_unit(phase, pieces[begin : begin + size])):
                return False
        return True

    def _send_unit(self, phase: Phase, pieces: Sequence[Piece]) -> Generator[Any, Any, bool]:
        """Bring a unit to its end, and try it again if it came to nothing and its application does that."""
        resends = self._application.resends
        times_max = 0 if resends is None or FAILED not in resends.on else resends.times_max
        for tries in range(times_max + 1):
            if tries and resends is not None and resends.wait_us:
                yield from self._producer.sleep(resends.wait_us)
            if not self._may_send():
                return False
            if (yield from self._units.carry_out(self._send_pieces(phase, pieces))):
                self._diary.acknowledged.update([piece.place for piece in pieces])
                return True
        # It is let go.
        return True

    def _send_pieces(self, phase: Phase, pieces: Sequence[Piece]) -> Story:
        for index, piece in enumerate(pieces):
            if index and phase.every_us:
                yield from self._producer.sleep(phase.every_us)
            yield from self._send(piece, 0)
