"""The invariants of one run, watched while it runs: cheaply after each event, or everything after each step in tests."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.judges.invariants.breach import Breach, InvariantError
from sim.judges.invariants.broker_epochs import BrokerEpochs
from sim.judges.invariants.chronicle import Chronicle
from sim.judges.invariants.committed_records import CommittedRecords
from sim.judges.invariants.compaction import Compaction
from sim.judges.invariants.group_owners import GroupOwners
from sim.judges.invariants.group_positions import GroupPositions
from sim.judges.invariants.high_watermark import HighWatermark
from sim.judges.invariants.in_sync_replicas import InSyncReplicas
from sim.judges.invariants.invariant import Invariant
from sim.judges.invariants.last_stable_offset import LastStableOffset
from sim.judges.invariants.leader_completeness import LeaderCompleteness
from sim.judges.invariants.leader_epochs import LeaderEpochs
from sim.judges.invariants.log_matching import LogMatching
from sim.judges.invariants.log_start import LogStart
from sim.judges.invariants.marker_epochs import MarkerEpochs
from sim.judges.invariants.producer_state import ProducerState
from sim.judges.invariants.traced_disks import TracedDisks
from sim.judges.invariants.transactional_ids import TransactionalIds
from sim.judges.invariants.transactional_positions import TransactionalPositions

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster
    from sim.judges.invariants.chronicle import GivenUp
    from sim.trace.trace import Trace
    from sim.world.kernel import World

INVARIANTS: tuple[type[Invariant], ...] = (
    Compaction,
    TracedDisks,
    LogMatching,
    CommittedRecords,
    LeaderCompleteness,
    InSyncReplicas,
    HighWatermark,
    ProducerState,
    LeaderEpochs,
    BrokerEpochs,
    LogStart,
    GroupOwners,
    GroupPositions,
    LastStableOffset,
    MarkerEpochs,
    TransactionalIds,
    TransactionalPositions,
)
"""In the order in which they look at an event: the first sees what is gone for the others; the next three keep what they ask."""

NAMES: tuple[str, ...] = tuple(invariant.NAME for invariant in INVARIANTS)


class Watch:
    """Looks on while a cluster runs. The first breach ends the world, unless it is to be expected."""

    def __init__(self, world: World, trace: Trace, cluster: Cluster, *, is_fatal: bool = True) -> None:
        """Not `is_fatal` where a bug was planted: then the first breach is kept, and the run goes on."""
        self._world = world
        self._trace = trace
        self._is_fatal = is_fatal
        self._chronicle = Chronicle(trace, cluster, self._note)
        self._invariants = [invariant(self._chronicle) for invariant in INVARIANTS]
        self.breach: Breach | None = None
        """The first breach; what comes after it follows from it, and says nothing."""
        for invariant in self._invariants:
            for event_type, check in invariant.takes().items():
                trace.watch(event_type, check)

    @property
    def given_up(self) -> tuple[GivenUp, ...]:
        """The committed offsets that the cluster was allowed to lose, and why."""
        return tuple(self._chronicle.given_up)

    def look(self) -> bool:
        """Check everything from nothing. Returns whether every invariant held so far; raises InvariantError if fatal."""
        for invariant in self._invariants:
            invariant.look()
        if self._is_fatal and self.breach is not None:
            raise _error(self.breach, self._trace)
        return self.breach is None

    def _note(self, breach: Breach) -> None:
        if self.breach is None:
            self.breach = breach
            if self._is_fatal:
                # Not from within: whoever emitted the event would take it for a failure of its own.
                self._world.call_first(partial(_end, breach, self._trace))


def _end(breach: Breach, trace: Trace) -> None:
    raise _error(breach, trace)


def _error(breach: Breach, trace: Trace) -> InvariantError:
    promise = next(one.PROMISE for one in INVARIANTS if breach.invariant == one.NAME)
    error = InvariantError(f"{breach.invariant}: {breach.what}, at {breach.at_us} us, after event #{breach.event}")
    error.add_note(f"the invariant: {promise}")
    error.add_note(f"the event: {trace[breach.event] if breach.event >= 0 else 'none yet'}")
    return error
