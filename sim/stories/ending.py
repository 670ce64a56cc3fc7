"""How a run ends, whoever played it: everything is healed, a consumer reads all back, and the trace is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.guarantees import Ledger, judge_ledger
from sim.judges.report import Report, Unstruck, counted, counted_by_client, schema_counts
from sim.stories.application_works import works_of
from sim.stories.secrets import tell_what_lies
from sim.trace.events import RunEnded
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.cluster.cluster import Cluster
    from sim.faults.armed import ArmedSchedule
    from sim.judges.invariants import Watch
    from sim.stories.fleet import Fleet
    from sim.stories.pace import Pace
    from sim.stories.reading import ReadingRoom
    from sim.stories.scenario import Scenario

SETTLE_US_MAX = 120 * SECOND_US
"""How long a healed cluster may take to settle, and a consumer to read back."""


UNFIRED_US_MAX = 15 * SECOND_US
"""How long after its applications' end a run waits for points in the protocol that have not come."""


def patient_until_us(armed: ArmedSchedule, patience_us: int) -> int:
    """Until when entries that have not struck are waited for while an application is at work."""
    return max(armed.last_fired_us, armed.last_due_us) + patience_us


def last_moment(armed: ArmedSchedule, now_us: int) -> int:
    """Until when entries that have not struck are waited for, once the application is done."""
    return max(now_us + UNFIRED_US_MAX, armed.last_due_us)


def read_back(
    cluster: Cluster, readers: ReadingRoom, topics: Sequence[str], pace: Pace, fleet: Fleet, *, at_rest: bool = False
) -> None:
    """Heal everything, and let one consumer read every topic, and everybody who reads come to the end of what is committed.

    Whoever processes what it reads goes on until all of it is processed. `at_rest`: what lies on the disks then is told as well.

    Something may still be on its way, held by a network that is open again: the end is there once the cluster has
    settled with it, each transaction that is decided has its markers, and all have read it.
    """
    cluster.heal()
    is_settled = pace.step_until(cluster.is_settled, SETTLE_US_MAX)
    readers.read_back(topics)
    pace.step_until(
        lambda: (
            (not is_settled or (cluster.is_settled() and cluster.has_ended_transactions()))
            and fleet.is_at_rest()
            and readers.has_read_all()
        ),
        SETTLE_US_MAX,
    )
    readers.end()
    fleet.end_processing()
    if at_rest:
        tell_what_lies(cluster)
    fleet.tell_audits()
    cluster.trace.emit(RunEnded(cluster.world.now_us, cluster.is_settled()))


def healed_us(cluster: Cluster, revived_us: int) -> int:
    """Since when nothing is left of any fault, where the dead were started then, and `read_back` heals the rest now."""
    return max(revived_us, cluster.impaired_until_us)


def never_struck(armed: ArmedSchedule) -> tuple[Unstruck, ...]:
    """Give the entries whose moment never came."""
    return tuple(Unstruck(place, str(entry), "its moment never came") for place, entry in armed.unfired.items())


def refused(armed: ArmedSchedule) -> tuple[Unstruck, ...]:
    """Give the entries that could not take effect, and why."""
    return tuple(Unstruck(place, str(armed.schedule[place]), reason) for place, reason in sorted(armed.refused.items()))


def report(
    scenario: Scenario,
    seed: int,
    properties: Mapping[str, str],
    cluster: Cluster,
    watch: Watch,
    *,
    stopped: str,
    unfired: tuple[Unstruck, ...],
    refused: tuple[Unstruck, ...],
    planted_bug: str = "",
    healed_us: int = 0,
) -> Report:
    """Judge a run by its trace. `stopped` says why it was cut short, if it was."""
    trace = cluster.trace
    # The report holds the trace; it must not hold the world as well, by those who watched.
    trace.end_watching()
    ledger = Ledger(trace.events)
    return Report(
        scenario=scenario.name,
        seed=seed,
        properties=properties,
        schedule=scenario.schedule,
        verdicts=judge_ledger(ledger),
        counts=counted(ledger),
        clients=counted_by_client(ledger.history),
        digest=trace.digest(),
        events=len(trace),
        virtual_us=cluster.world.now_us,
        is_settled=ledger.ended is not None and ledger.ended.is_settled,
        stopped=stopped,
        unfired=unfired,
        refused=refused,
        expects=scenario.expects,
        planted_bug=planted_bug,
        breach=watch.breach,
        given_up=watch.given_up,
        healed_us=healed_us,
        works=works_of(scenario, properties),
        schemas=schema_counts(ledger.history),
        trace=trace,
    )
