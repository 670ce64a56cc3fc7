"""What a kind of coordinator is to the runtime: operations that give records and an answer, and records replayed.

Kafka: CoordinatorShard, CoordinatorResult, CoordinatorRecord.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from producer.errors import Code

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.cluster.broker.hosting import HostingBroker
    from sim.cluster.coordinators.timeline import Timeline


NO_PRODUCER_ID = -1
"""Of records that belong to no transaction."""


class Identity(NamedTuple):
    """Who a producer says it is."""

    producer_id: int
    producer_epoch: int


class CoordinatorError(Exception):
    """An operation refuses: nothing is written, and whoever asked is told the code."""

    def __init__(self, code: Code, text: str | None = None) -> None:
        super().__init__(code.name if text is None else text)
        self.code = code
        self.text = text
        """For an answer's error message; None for none."""


class CoordinatorRecord(NamedTuple):
    """A record of an internal topic, both parts as they lie in the log."""

    key: bytes
    value: bytes | None
    """None for a tombstone: what the key stands for is gone."""


class Outcome(NamedTuple):
    """What an operation comes to. With records, the answer waits for them to be committed."""

    answer: Any = None
    records: tuple[CoordinatorRecord, ...] = ()
    appended: Callable[[Code], object] | None = None
    """Told when the records are committed (NONE), or why they were not; the memory is this one's matter then, nothing is replayed."""
    is_atomic: bool = True
    """Whether all records belong into one batch."""
    identity: Identity | None = None
    """Whose transaction the records belong to; None for none."""
    guard: int = 0
    """With `identity`: what the leader gave out when the coordinator of transactions was asked about it."""
    timeout_us: int | None = None
    """How long to wait for them to be committed; None for as long as offsets.commit.timeout.ms says."""
    is_immediate: bool = False
    """Without records: whether the answer waits for nothing that was written before."""


class Ground(Protocol):
    """What a shard stands on: one partition's timers, its state's timeline, and its broker."""

    broker: HostingBroker
    partition: int
    leader_epoch: int
    """The term since which this broker coordinates, or the last one that it heard of."""
    timeline: Timeline

    def run(self, operation: Callable[[], Outcome]) -> None:
        """Take a write operation now, of which nobody hears but what it gives."""
        ...

    def schedule(
        self, name: tuple[str, ...], delay_us: int, operation: Callable[[], Outcome], *, is_retried: bool = False
    ) -> None:
        """Take a write operation after that time, instead of what was scheduled under the name before.

        With `is_retried` it is taken again, after a pause, while its records cannot be written.
        """
        ...

    def is_scheduled(self, name: tuple[str, ...]) -> bool:
        """Whether something is still to happen under the name."""
        ...

    def cancel(self, name: tuple[str, ...]) -> None:
        """Let what was scheduled under the name not happen."""
        ...


class Shard(Protocol):
    """The state of one partition of an internal topic, and what may be asked of it."""

    def replay(self, key: bytes, value: bytes | None, producer_id: int = NO_PRODUCER_ID) -> None:
        """Take one record into the state: at loading, and when an operation gave it. Records of unknown kinds are passed over.

        One of a transaction names its producer.
        """
        ...

    def end_transaction(self, producer_id: int, *, is_commit: bool) -> object:
        """Take a marker: what was replayed of that producer's transaction counts from now on, or never did."""
        ...

    def loaded(self) -> None:
        """The whole partition was replayed: set timers."""
        ...

    def unloaded(self) -> None:
        """Another broker coordinates this now: answer whoever waits in here. Timers are gone already."""
        ...
