"""(scenario, seed) -> Report: a pure function in virtual time.

A run has five parts: the cluster starts and settles; the story begins, the application sends and the schedule strikes;
somebody repairs what can be repaired, later the dead come back; the cluster settles again; a consumer reads everything
back. Then the trace is judged.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim.clients.drivers import PRODUCER
from sim.clients.reader import CONSUMER, SimReader
from sim.cluster.cluster import Cluster
from sim.cluster.failures import end_at_failure
from sim.faults.armed import ArmedSchedule
from sim.faults.schedule import Entry
from sim.faults.text import duration_text
from sim.judges.guarantees import GUARANTEES, Ledger
from sim.judges.invariants import Watch
from sim.judges.report import Report, Unstruck, counted, counted_by_client
from sim.stories.fleet import Fleet, Member
from sim.stories.properties import configs_of, effective_properties
from sim.trace.events import FaultInjected, FaultRefused, LeaderElected, RollingRestartEnded, RunEnded, TopicDeleted
from sim.trace.trace import Trace
from sim.world.kernel import EventLimitError, World
from sim.world.network import HostState, islands
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    import simpy

    from sim.stories.planted import PlantedBug
    from sim.stories.scenario import Scenario
    from sim.stories.workload import KeyValue

EVENTS_MAX = 5_000_000
"""A run that processes more events than this is cut short."""
SETTLE_US_MAX = 120 * SECOND_US
"""How long a healed cluster may take to settle, and a consumer to read back."""
UNFIRED_US_MAX = 15 * SECOND_US
"""How long after its applications' end a run waits for points in the protocol that have not come."""
STEP_US = 10_000
"""How often a condition of the whole cluster is looked at."""

NO_PROPERTIES: Mapping[str, str] = {}


def run(
    scenario: Scenario,
    seed: int = 0,
    *,
    properties: Mapping[str, str] | None = None,
    faults: Sequence[Entry] = (),
    records: Sequence[KeyValue] | None = None,
    records_of: str = "",
    events_max: int = EVENTS_MAX,
    mutant: PlantedBug | None = None,
    is_thorough: bool = False,
    at_end: Callable[[Cluster], object] | None = None,
) -> Report:
    """Run a scenario once. `properties` go over its producers', `faults` behind its schedule, `records` for its own.

    Where there are several applications, `acks` sets that property of each, `billing:acks` of one, and `records_of` says
    whose records are replaced.

    A `mutant` plants a bug in this one run; its name is in the report. `is_thorough` checks every invariant from nothing after
    each step of the world. `at_end` sees the cluster before it is let go. The same arguments give the same trace, in any process.
    Raises ConfigError for properties that cannot be, UnknownNameError for what a fault names and nobody is, and InvariantError
    for an invariant that does not hold, unless a bug was planted: then the report names the breach.
    """
    with _collector_paused():
        staged = replace(scenario, schedule=(*scenario.schedule, *faults))
        if records is not None:
            staged = staged.with_records(records, records_of)
        one = _Run(staged, seed, properties or NO_PROPERTIES, events_max, mutant, is_thorough=is_thorough)
        report = one.report()
        if at_end is not None:
            at_end(one.cluster)
        return report


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Leave Python's cyclic collector out of a run: all it would find is the growing trace, again and again (a tenth)."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Run:
    """One run under way."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        properties: Mapping[str, str],
        events_max: int,
        mutant: PlantedBug | None,
        *,
        is_thorough: bool,
    ) -> None:
        self.scenario = scenario
        self.seed = seed
        self.properties = effective_properties(scenario, properties)
        self.world = World(seed=seed)
        self.trace = Trace()
        self.leaders: dict[tuple[str, int], int] = {}
        self.trace.watch(LeaderElected, self._note_leader)
        self.trace.watch(TopicDeleted, self._forget_topic)
        for struck in (FaultInjected, FaultRefused, RollingRestartEnded):
            self.trace.watch(struck, self._ask_again)
        end_at_failure(self.world, self.trace)
        self.cluster = Cluster(self.world, self.trace, scenario.cluster)
        self.mutant = mutant
        if mutant is not None:
            mutant.plant_in_cluster(self.cluster)
        self.watch = Watch(self.world, self.trace, self.cluster, is_fatal=mutant is None)
        self.is_thorough = is_thorough
        self.fleet = Fleet(self.cluster, self._members(), self._story, mutant)
        self.cluster.applications = self.fleet
        self.events_max = self.events_left = events_max
        self.stopped = ""
        self.apart: Sequence[Sequence[str]] = ()
        """The parts in which the network lay when the story's time was up, before anybody repaired it."""
        self.unfired: tuple[Unstruck, ...] = ()
        self.refused: tuple[Unstruck, ...] = ()

    def report(self) -> Report:
        try:
            self._play()
        except EventLimitError:
            self.stopped = f"more than {self.events_max} events, by {self.world.now_us} us of virtual time"
        self.watch.look()
        return self._judge()

    # -- the parts of a run --------------------------------------------------------------------------------------------

    def _play(self) -> None:
        self.cluster.start()
        self._step_until(self.cluster.is_settled, SETTLE_US_MAX)
        begun_us = self.world.now_us
        armed = ArmedSchedule(self.world, self.trace, self.cluster, self.scenario.schedule)
        self.fleet.begin()
        try:
            self._tell_story(armed, begun_us + self.scenario.duration_us_max)
        finally:
            # A cluster that is being healed must be left alone, or it would not settle.
            armed.disarm()
            self._note_unstruck(armed)
        if not self.fleet.is_done:
            self.stopped = self._not_done()
        self.cluster.heal()
        is_settled = self._step_until(self.cluster.is_settled, SETTLE_US_MAX)
        self._read_back(is_settled=is_settled)
        self.trace.emit(RunEnded(self.world.now_us, self.cluster.is_settled()))

    def _members(self) -> list[Member]:
        servers = ",".join(f"{host}:{port}" for host, port in self.cluster.bootstrap)
        configs = configs_of(self.scenario, self.properties, servers)
        members = []
        for one in self.scenario.cast:
            # A stream for each: one more application moves nothing in the others' records.
            chance = self.world.chance("workload" if one.name == PRODUCER else f"workload/{one.name}")
            members.append(Member(one, configs[one.name], tuple(one.workload.made(chance))))
        return members

    def _tell_story(self, armed: ArmedSchedule, until_us: int) -> None:
        """Play until every application is done, everything has struck, and the living are repaired."""
        world = self.world
        self._run_while(lambda: not armed.is_spent and not self.fleet.is_done, until_us)
        if not armed.is_spent:
            self._run_while(lambda: not armed.is_spent, min(until_us, _last_moment(armed, world.now_us)))
        if self.scenario.schedule:
            self._run_until(min(until_us, max(world.now_us, armed.last_fired_us + self.scenario.repairs_after_us)))
            if world.now_us >= until_us:
                self.apart = islands(self.cluster.network)
            self._repair()
        revival_us = min(until_us, world.now_us + self.scenario.revives_after_us)
        # While an application works, the dead stay dead for that long; after its end they only wait for an election.
        self._run_while(lambda: not self.fleet.is_done, revival_us)
        self._step_until(self._is_led, revival_us - world.now_us)
        self._revive()
        self._run_while(lambda: not self.fleet.is_done or self.cluster.rolling_restart is not None, until_us)

    def _repair(self) -> None:
        """Open every link, set every clock right and let the paused go on; whoever crashed stays down."""
        network = self.cluster.network
        for source in list(network.hosts):
            network.open(source)
        self.cluster.set_clocks_right()
        for broker in self._brokers_in(HostState.PAUSED):
            self.cluster.resume(broker)
        self.fleet.resume_all()

    def _revive(self) -> None:
        for broker in self._brokers_in(HostState.DOWN, HostState.OFF):
            self.cluster.restart(broker)

    def _read_back(self, *, is_settled: bool) -> None:
        """Let one consumer read every topic, and everybody who reads come to the end of what is committed.

        Something may still be on its way, held by a network that is open again: the end is there once the cluster has
        settled with it, and all have read it.
        """
        readers = [
            SimReader(self.cluster, topic, host=f"{CONSUMER}-{topic}")
            for topic in sorted({topic for topic, _ in self.leaders})
        ]

        def is_read() -> bool:
            if is_settled and not self.cluster.is_settled():
                return False
            committed = self.cluster.committed()
            return all(reader.has_failed or reader.has_read(committed) for reader in readers)

        self._step_until(is_read, SETTLE_US_MAX)
        for reader in readers:
            reader.end()

    def _not_done(self) -> str:
        """Say who outlived the story, and who could not hear whom by then: the usual reason."""
        who = "the application" if len(self.scenario.cast) == 1 else ", ".join(self.fleet.at_work)
        said = f"{who} was not done after {duration_text(self.scenario.duration_us_max)}"
        if len(self.apart) > 1:
            parts = " | ".join(", ".join(hosts) for hosts in self.apart)
            said += f"; the network was in {len(self.apart)} parts: {parts}"
        return said

    # -- time ----------------------------------------------------------------------------------------------------------

    def _story(self, generator: Generator[Any, Any, None]) -> simpy.Process:
        """Start a story whose end is waited for."""

        def told() -> Generator[Any, Any, None]:
            try:
                yield from generator
            finally:
                self.world.halt()

        return self.world.story(told())

    def _ask_again(self, _: object) -> None:
        """Something that a stretch of the run may wait for happened: a strike, the end of a story."""
        self.world.halt()

    def _run_while(self, wanted: Callable[[], bool], until_us: int) -> None:
        """Play on while that is wanted: it is asked at first, and after what may have changed the answer."""
        world = self.world
        is_halted = True
        while is_halted and wanted():
            before = world.events_processed
            events_max = max(1, self.events_left)
            if self.is_thorough:
                is_halted = world.run_while(self.watch.look, until_us=until_us, events_max=events_max)
            else:
                is_halted = world.run_until(until_us, events_max=events_max)
            self.events_left -= world.events_processed - before

    def _run_until(self, until_us: int) -> None:
        self._run_while(lambda: True, until_us)

    def _step_until(self, reached: Callable[[], bool], lasts_us_max: int) -> bool:
        """Play in steps until `reached`. Gives False if it was not within `lasts_us_max`."""
        world = self.world
        until_us = world.now_us + lasts_us_max
        while not reached():
            if world.now_us >= until_us:
                return False
            # Where nothing is due nothing changes: those steps are taken at once.
            steps = max(1, -(-(world.next_due_us - world.now_us) // STEP_US))
            self._run_until(min(until_us, world.now_us + steps * STEP_US))
        return True

    # -- what the runner looks at --------------------------------------------------------------------------------------

    def _note_leader(self, event: LeaderElected) -> None:
        self.leaders[event.topic, event.partition] = event.leader

    def _forget_topic(self, event: TopicDeleted) -> None:
        self.leaders = {where: leader for where, leader in self.leaders.items() if where[0] != event.topic}

    def _is_led(self) -> bool:
        """Whether a live broker leads each partition."""
        network = self.cluster.network
        return all(leader >= 0 and network.host(f"b{leader}").is_up for leader in self.leaders.values())

    def _brokers_in(self, *states: HostState) -> list[int]:
        network = self.cluster.network
        brokers = range(1, self.scenario.cluster.brokers + 1)
        return [broker for broker in brokers if network.host(f"b{broker}").state in states]

    def _note_unstruck(self, armed: ArmedSchedule) -> None:
        schedule = armed.schedule
        self.unfired = tuple(
            Unstruck(place, str(entry), "its moment never came") for place, entry in armed.unfired.items()
        )
        self.refused = tuple(
            Unstruck(place, str(schedule[place]), reason) for place, reason in sorted(armed.refused.items())
        )

    # -- the verdict ---------------------------------------------------------------------------------------------------

    def _judge(self) -> Report:
        # The report holds the trace; it must not hold the world as well, by those who watched.
        self.trace.end_watching()
        ledger = Ledger(self.trace.events)
        return Report(
            scenario=self.scenario.name,
            seed=self.seed,
            properties=self.properties,
            schedule=self.scenario.schedule,
            verdicts=tuple(guarantee.judge(ledger) for guarantee in GUARANTEES.values()),
            counts=counted(ledger),
            clients=counted_by_client(ledger.history),
            digest=self.trace.digest(),
            events=len(self.trace),
            virtual_us=self.world.now_us,
            is_settled=ledger.ended is not None and ledger.ended.is_settled,
            stopped=self.stopped,
            unfired=self.unfired,
            refused=self.refused,
            expects=self.scenario.expects,
            planted_bug="" if self.mutant is None else self.mutant.name,
            breach=self.watch.breach,
            given_up=self.watch.given_up,
            trace=self.trace,
        )


def _last_moment(armed: ArmedSchedule, now_us: int) -> int:
    """Until when entries that have not struck are waited for, once the application is done."""
    return max(now_us + UNFIRED_US_MAX, armed.last_due_us)
