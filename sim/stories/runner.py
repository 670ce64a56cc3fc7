"""(scenario, seed) -> Report: a pure function in virtual time.

A run has five parts: the cluster starts and settles; the story begins, the application sends and the schedule strikes;
somebody repairs what can be repaired, later the dead come back; the cluster settles again; a consumer reads everything
back. Then the trace is judged.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sim.clients.audit_file import AuditFiles
from sim.clients.raw_client import RawClients
from sim.cluster.cluster import Cluster
from sim.cluster.failures import end_at_failure
from sim.faults.armed import ArmedSchedule
from sim.faults.schedule import Entry
from sim.faults.text import duration_text
from sim.judges.invariants import Watch
from sim.judges.report import Report, Unstruck
from sim.stories import ending
from sim.stories.asking import Asking
from sim.stories.ending import SETTLE_US_MAX
from sim.stories.fleet import Fleet, members
from sim.stories.gateways import gateway_of
from sim.stories.logins import reading_config, without_secrets
from sim.stories.opening import key_service_of, open_registries, registries_of
from sim.stories.pace import Pace
from sim.stories.properties import effective_properties, servers_behind, with_settings_of
from sim.stories.reading import ReadingRoom
from sim.stories.repairs import Repairs
from sim.stories.rewind import Rewind
from sim.stories.secrets import plant
from sim.trace.events import FaultInjected, FaultRefused, RollingRestartEnded
from sim.trace.trace import Trace, no_collection
from sim.world.kernel import EventLimitError, World
from sim.world.network import islands

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sim.gateway.node.gateway import SimGateway
    from sim.stories.planted import PlantedBug
    from sim.stories.scenario import Scenario
    from sim.stories.workload import KeyValue
    from sim.world.network.stream import Peer

EVENTS_MAX = 5_000_000
"""A run that processes more events than this is cut short."""

FAILED_ASSERTION = "an assertion failed"
"""What `Report.stopped` begins with where a planted bug ended the run so."""

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
    listener: Callable[[int, Peer, bool, bytes], object] | None = None,
    rewind: Rewind | None = None,
) -> Report:
    """Run a scenario once. `properties` go over its producers' and its settings, `faults` behind its schedule, `records` for its own.

    Where there are several applications, `acks` sets that property of each, `billing:acks` of one, and `records_of` says
    whose records are replaced.

    A `mutant` plants a bug in this one run; its name is in the report. `is_thorough` checks every invariant from nothing after
    each step of the world. `at_end` sees the cluster before it is let go. A `rewind` makes the rest of it another run. `listener` hears of all bytes that are
    sent: how many events were over by then, who opened the stream, whether it is he who sends, and what. The same arguments give the same trace, in any process.
    Raises ConfigError for properties that cannot be, UnknownNameError for what a fault names and nobody is, and InvariantError
    for an invariant that does not hold, unless a bug was planted: then the report names the breach.
    """
    # Faults may name what is there by the settings alone.
    staged = with_settings_of(scenario, properties) if properties else scenario
    staged = replace(staged, schedule=(*staged.schedule, *faults)) if faults else staged
    if records is not None:
        staged = staged.with_records(records, records_of)
    # All that Python's cyclic collector would find is the growing trace, again and again (a tenth). It looks again when nobody
    # holds the run any more: what it finds alive it keeps, and looks at once more ten runs later.
    with no_collection():
        # No name holds the run here: it is gone when the collector looks again.
        return _told(
            _Run(staged, seed, properties or NO_PROPERTIES, events_max, mutant, is_thorough=is_thorough, rewind=rewind),
            listener,
            at_end,
        )


def _told(
    one: _Run,
    listener: Callable[[int, Peer, bool, bytes], object] | None,
    at_end: Callable[[Cluster], object] | None,
) -> Report:
    if listener is not None:
        one.listen(listener)
    report = one.report()
    if at_end is not None:
        at_end(one.cluster)
    return report


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
        rewind: Rewind | None,
    ) -> None:
        self.rewind = rewind
        self.properties = effective_properties(scenario, properties)
        self.scenario = scenario
        self.seed = seed
        self.world = World(seed=seed)
        self.trace = Trace()
        end_at_failure(self.world, self.trace)
        self.cluster = Cluster(self.world, self.trace, scenario.cluster_as_set)
        self.registries = None if scenario.registry is None else registries_of(scenario.registry, self.cluster)
        self.cluster.registries = self.registries
        self.cluster.keys = None if scenario.keys is None else key_service_of(scenario.keys, self.cluster)
        self.audits = AuditFiles()
        self.gateway = self._gateway()
        self.cluster.gateway = self.gateway
        self.mutant = mutant
        if mutant is not None:
            mutant.plant_in_cluster(self.cluster)
        self.watch = Watch(self.world, self.trace, self.cluster, is_fatal=mutant is None)
        self.pace = Pace(self.world, events_max, self.watch.look if is_thorough else None)
        for struck in (FaultInjected, FaultRefused, RollingRestartEnded):
            self.trace.watch(struck, self.pace.ask_again)
        self.asking = Asking(self.cluster)
        taking_part = members(scenario, self.properties, self.cluster)
        self.fleet = Fleet(self.cluster, taking_part, self.pace.story, mutant, asking=self.asking, audits=self.audits)
        self.cluster.applications = self.fleet
        self.readers = self.cluster.readers = ReadingRoom(
            self.cluster,
            scenario.deserializing,
            self.asking,
            reading_config(scenario.reading_as, scenario.cluster_as_set),
        )
        self.raw_clients = self.cluster.raw_clients = RawClients(self.cluster, self.pace.ask_again)
        self.repairs = Repairs(self.cluster, self.fleet)
        self.events_max = events_max
        self.stopped = ""
        self.apart: Sequence[Sequence[str]] = ()
        """The parts in which the network lay when the story's time was up, before anybody repaired it."""
        self.unfired: tuple[Unstruck, ...] = ()
        self.refused: tuple[Unstruck, ...] = ()
        self.healed_us = 0

    def _gateway(self) -> SimGateway | None:
        config = self.scenario.gateway
        if config is None:
            return None
        servers = ",".join(f"{host}:{port}" for host, port in self.cluster.bootstrap)
        behind = servers_behind(self.scenario, self.properties, servers)
        return gateway_of(config, self.cluster, self.audits, behind, has_keys=self.cluster.keys is not None)

    def listen(self, listener: Callable[[int, Peer, bool, bytes], object]) -> None:
        """Tell it of all bytes from now on; it changes nothing of the run."""
        trace = self.trace

        def hear(opener: Peer, is_opener: bool, data: bytes) -> None:
            listener(len(trace), opener, is_opener, data)

        self.cluster.network.listener = hear

    def report(self) -> Report:
        try:
            self._play()
        except EventLimitError:
            self.stopped = f"more than {self.events_max} events, by {self.world.now_us} us of virtual time"
        except AssertionError as error:
            if self.mutant is None:
                raise
            # What a planted bug comes to is a finding as well.
            self.stopped = f"{FAILED_ASSERTION}: {error}"
        self.watch.look()
        return self._judge()

    # -- the parts of a run --------------------------------------------------------------------------------------------

    def _play(self) -> None:
        self.cluster.start()
        self.pace.step_until(self.cluster.is_settled, SETTLE_US_MAX)
        if self.scenario.registry is not None and self.registries is not None:
            open_registries(self.scenario.registry, self.registries, self.cluster, self.pace, self.asking)
        begun_us = self.trace.begun_us = self.world.now_us
        if self.gateway is not None:
            self.gateway.start()
        plant(self.scenario.secrets, self.cluster)
        armed = ArmedSchedule(self.world, self.trace, self.cluster, (*self.scenario.schedule, *self.scenario.readers))
        if self.rewind is not None:
            self.rewind.arm(self.world, armed)
        self.fleet.begin()
        try:
            self._tell_story(armed, begun_us + self.scenario.duration_us_max)
        finally:
            # A cluster that is being healed must be left alone, or it would not settle.
            armed.disarm()
            self.unfired, self.refused = ending.never_struck(armed), ending.refused(armed)
        if not self.fleet.is_done or not self.fleet.is_at_rest():
            self.stopped = self._not_done()
        self.healed_us = ending.healed_us(self.cluster, self.healed_us)
        ending.read_back(
            self.cluster,
            self.readers,
            self.repairs.topics,
            self.pace,
            self.fleet,
            at_rest=bool(self.scenario.secrets),
        )

    def _tell_story(self, armed: ArmedSchedule, until_us: int) -> None:
        """Play until every application is done, everything has struck, and the living are repaired."""
        world = self.world
        patience_us = self.scenario.patience_us
        waits_until_us = world.now_us
        while waits_until_us < (patient_until_us := min(until_us, ending.patient_until_us(armed, patience_us))):
            waits_until_us = patient_until_us
            self.pace.run_while(lambda: not armed.is_spent and not self.fleet.is_done, waits_until_us)
        waits_until_us = ending.last_moment(armed, world.now_us)
        while not armed.is_spent and world.now_us < min(until_us, waits_until_us):
            self.pace.run_while(lambda: not armed.is_spent, min(until_us, waits_until_us))
            # Meanwhile the moment may have come that another one is counted from.
            waits_until_us = max(waits_until_us, armed.last_due_us)
        while True:
            left = self._look_after(armed, until_us)

            def is_struck(left: int = left) -> bool:
                return len(armed.unfired) < left

            self.pace.run_while(lambda: not (self._is_told() or is_struck()), until_us)
            # Whoever was done may have failed meanwhile, and be begun again.
            self.pace.step_until(
                lambda: is_struck() or (self._is_told() and self.fleet.is_at_rest()), until_us - world.now_us
            )
            # What came after the repair, or by it, is repaired as well.
            if not is_struck():
                return

    def _look_after(self, armed: ArmedSchedule, until_us: int) -> int:
        """Repair the living, later start the dead. Gives how many faults had not struck when the living were repaired."""
        world = self.world
        if self.scenario.schedule:
            self.pace.run_until(min(until_us, max(world.now_us, armed.last_fired_us + self.scenario.repairs_after_us)))
            if world.now_us >= until_us:
                self.apart = islands(self.cluster.network)
        left = len(armed.unfired)
        if self.scenario.schedule:
            self.repairs.repair()
        revival_us = min(until_us, world.now_us + self.scenario.revives_after_us)
        # While an application works, the dead stay dead for that long; after its end they only wait for an election.
        self.pace.run_while(lambda: not self.fleet.is_done, revival_us)
        self.pace.step_until(self.repairs.is_led, revival_us - world.now_us)
        self.repairs.revive()
        self.healed_us = world.now_us
        return left

    def _is_told(self) -> bool:
        """Whether everybody is done, and what takes its time is through."""
        return self.fleet.is_done and self.raw_clients.is_done and self.cluster.rolling_restart is None

    def _not_done(self) -> str:
        """Say who outlived the story, and who could not hear whom by then: the usual reason."""
        who = "the application" if len(self.scenario.cast) == 1 else ", ".join(self.fleet.at_work)
        said = f"{who} was not done after {duration_text(self.scenario.duration_us_max)}"
        if len(self.apart) > 1:
            parts = " | ".join(", ".join(hosts) for hosts in self.apart)
            said += f"; the network was in {len(self.apart)} parts: {parts}"
        return said

    # -- the verdict ---------------------------------------------------------------------------------------------------

    def _judge(self) -> Report:
        return ending.report(
            self.scenario,
            self.seed,
            without_secrets(self.properties),
            self.cluster,
            self.watch,
            stopped=self.stopped,
            unfired=self.unfired,
            refused=self.refused,
            planted_bug="" if self.mutant is None else self.mutant.name,
            healed_us=self.healed_us,
        )
