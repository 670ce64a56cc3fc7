"""A producer that is somebody else's: the application is simulated, the library runs in a process of its own, on real sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.errors import Outcome
from sim.clients.drivers import sent_event
from sim.clients.virtual_driver import Gate
from sim.gauntlet.spoken import CLOSE, FLUSH, send_line
from sim.gauntlet.transactions import ForeignTransactions
from sim.judges.history import ACKNOWLEDGED
from sim.trace.events import RecordAcknowledged, RecordFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from producer.records import Record
    from sim.cluster.cluster import Cluster
    from sim.serve.inputs import Answered, CallEnded
    from sim.stories.life import LifeTransactions
    from sim.world.network import Host

    Story = Generator[Any, Any, None]

NUMBER = "acklab-record"
"""A header that each record has: by it a record is known again in whatever batch a library puts it."""


class ForeignProducer:
    """What a life of an application sends with. Its verbs are parts of a story, as those of SimProducer."""

    def __init__(
        self,
        cluster: Cluster,
        name: str,
        tell: Callable[[int, Outcome], object],
        say: Callable[[str], object],
        transactional_id: str = "",
    ) -> None:
        """Add a host called `name`; `say` carries a line to the program, `tell` hears each record's outcome."""
        self.name = name
        self.access = None
        """Libraries come by the first listener: whatever else a story's properties say is not theirs."""
        self.host: Host = cluster.network.add_host(name)
        self._world = cluster.world
        self._trace = cluster.trace
        self._tell = tell
        self._say = say
        self._heard = Gate(cluster.world)
        self.waiting: dict[int, str] = {}
        """Record without an answer -> its topic."""
        self._transactions = ForeignTransactions(cluster.world, transactional_id, say) if transactional_id else None

    @property
    def transactions(self) -> LifeTransactions:
        """The library's transactional calls. Only who has a `transactional.id` is asked for them."""
        assert self._transactions is not None
        return self._transactions

    @property
    def unanswered(self) -> int:
        """How many records, and calls, have no answer."""
        is_calling = self._transactions is not None and bool(self._transactions.call)
        return len(self.waiting) + is_calling

    def send(self, record: Record, number: int, stands_for: bytes | None = None) -> Story:
        """Hand a record over; how long the library's own send takes is its matter, and nobody here waits for it."""
        marked = record._replace(headers=(*record.headers, (NUMBER, str(number).encode())))
        self._trace.emit(sent_event(self._world.now_us, self.name, number, marked, stands_for))
        self.waiting[number] = record.topic
        self._say(send_line(number, marked))
        yield from ()

    def sleep(self, duration_us: int) -> Story:
        """Do nothing for that long."""
        yield self._world.timeout(duration_us)

    def flush(self) -> Generator[Any, Any, bool]:
        """Wait until every record has its answer."""
        if self.waiting:
            self._say(FLUSH)
        while self.waiting:
            yield from self._heard.wait()
        return True

    def close(self) -> Story:
        """Let the library close; by then everything has its answer."""
        yield from self.flush()
        self._say(CLOSE)

    def kill(self) -> None:
        """A process that ends at once is no part of a gauntlet: stories with one are refused before they begin."""
        raise ValueError(f"{self.name} is a process of its own and cannot be killed here")

    def answered(self, given: Answered) -> None:
        """Hear what the library says of a record. Raises ValueError for one that waits for no answer."""
        topic = self.waiting.pop(given.record, None)
        if topic is None:
            raise ValueError(f"{self.name} was told of record {given.record}, which waits for no answer")
        now_us = self._world.now_us
        if given.outcome == ACKNOWLEDGED:
            self._trace.emit(
                RecordAcknowledged(
                    now_us, self.name, given.record, topic, given.partition, given.offset, given.timestamp_ms
                )
            )
            self._tell(given.record, Outcome.ACKNOWLEDGED)
        else:
            self._trace.emit(
                RecordFailed(now_us, self.name, given.record, topic, given.partition, given.code, given.outcome)
            )
            self._tell(given.record, Outcome[given.outcome.upper()])
        self._heard.open()

    def call_ended(self, given: CallEnded) -> None:
        """Hear how a transactional call ended. Raises ValueError for one that was not made."""
        if self._transactions is None:
            raise ValueError(f"{self.name} was told how its {given.call} ended, and has no transactions")
        self._transactions.ended(given)
