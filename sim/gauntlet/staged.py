"""A story on a served cluster: its application is simulated, what it sends with is a library on the other side of the sockets."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.clients.raw_client import RawClients
from sim.faults.applications import OnApplication
from sim.faults.armed import ArmedSchedule
from sim.gauntlet.clients import ID
from sim.gauntlet.producer import ForeignProducer
from sim.gauntlet.tap import Tap
from sim.judges.invariants import Watch
from sim.serve.inputs import Connected, Ended, Received
from sim.serve.simulation import NO_LIMIT, Simulation
from sim.stories import ending
from sim.stories.fleet import Fleet, members
from sim.stories.pace import STEP_US, Pace
from sim.stories.properties import effective_properties
from sim.stories.reading import ReadingRoom
from sim.stories.repairs import Repairs
from sim.stories.scenario import Scenario, load

if TYPE_CHECKING:
    from producer.config.config import ProducerConfig
    from producer.errors import Outcome
    from sim.judges.report import Report
    from sim.serve.gate import Outside
    from sim.serve.inputs import Answered, CallEnded, Input
    from sim.serve.stage import Stage

TWO_PHASES = "transaction.two.phase.commit.enable"
LOCALHOST = "127.0.0.1"


class StagedSimulation(Simulation):
    """A story under way. `say` carries lines to the client program; in a replay nobody is there."""

    is_judged_by_trace = True

    def __init__(self, stage: Stage, outside: Outside, *, is_strict: bool = False) -> None:
        """Raises ScenarioError, and ValueError for a story that cannot be told with one library in the application's place."""
        super().__init__(stage, outside, is_strict=is_strict)
        self.scenario = tellable(load(stage.story))
        self.properties = effective_properties(self.scenario, {})
        """What the story sets for its producer; of that a library is told the id of its transactions, and their times."""
        self.say: Callable[[str], object] = _nobody
        self.on_over: Callable[[], object] = _nothing
        self.is_over = False
        self._watch = Watch(self.world, self.trace, self.cluster, is_fatal=False)
        self._client = self.scenario.cast[0].name
        self._tap = Tap(self.cluster, self._client)
        self._in_transactions = {name: value for name, value in self.properties.items() if name == ID}
        self._fleet = Fleet(
            self.cluster,
            members(self.scenario, self._in_transactions, self.cluster),
            self.world.story,
            None,
            self._new_producer,
        )
        self._producer: ForeignProducer | None = None
        self.cluster.applications = self._fleet
        self._readers = self.cluster.readers = ReadingRoom(self.cluster)
        self._raw_clients = self.cluster.raw_clients = RawClients(self.cluster, _nothing)
        self._repairs = Repairs(self.cluster, self._fleet)
        self._stopped = ""

    def begin(self) -> None:
        """The story begins now, and so does its application."""
        self.trace.begun_us = self.world.now_us
        self.armed = ArmedSchedule(
            self.world, self.trace, self.cluster, (*self.scenario.schedule, *self.scenario.readers)
        )
        self._fleet.begin()
        self.world.story(self._play(self.world.now_us + self.scenario.duration_us_max))

    def take(self, given: Input) -> None:
        """Let something come in from outside; what a client sends is looked at first."""
        match given:
            case Connected(connection, _, broker, _, _):
                self._tap.connected(connection, broker)
            case Received(connection, data):
                self._tap.received(connection, data)
            case Ended(connection, _):
                self._tap.ended(connection)
            case _:
                pass
        super().take(given)

    def answered(self, given: Answered) -> None:
        """Let the application hear what became of its record. Raises ValueError for one that waits for no answer."""
        if self._producer is None or given.client != self._client:
            raise ValueError(f"{given.client} is told of record {given.record}, and has not begun")
        self._producer.answered(given)

    def call_ended(self, given: CallEnded) -> None:
        """Let the application hear how its transactional call ended. Raises ValueError for one that was not made."""
        if self._producer is None or given.client != self._client:
            raise ValueError(f"{given.client} is told how its {given.call} ended, and has not begun")
        self._producer.call_ended(given)

    @property
    def waiting(self) -> int:
        """How many records, and transactional calls, have no answer."""
        return 0 if self._producer is None else self._producer.unanswered

    def report(self) -> Report:
        """End the story: heal, read back, judge. It takes virtual time alone, and nothing may follow."""
        unfired, refused = ending.never_struck(self.armed), ending.refused(self.armed)
        self.armed.disarm()
        ending.read_back(self.cluster, self._readers, self._repairs.topics, Pace(self.world, NO_LIMIT), self._fleet)
        self._watch.look()
        return ending.report(
            self.scenario,
            self.stage.seed,
            {"client": self.stage.sends_with, **self._in_transactions},
            self.cluster,
            self._watch,
            stopped=self._stopped,
            unfired=unfired,
            refused=refused,
        )

    def _new_producer(
        self, config: ProducerConfig, client: str, tell: Callable[[int, Outcome], object]
    ) -> ForeignProducer:
        self._producer = ForeignProducer(self.cluster, client, tell, self.say, config.transactional_id or "")
        # Faults on the application's links strike whoever comes from this machine.
        self.gate.residents[LOCALHOST] = client
        return self._producer

    # -- the parts of a story, as the runner has them ------------------------------------------------------------------

    def _play(self, until_us: int) -> Generator[Any, Any, None]:
        armed, fleet, world, patience_us = self.armed, self._fleet, self.world, self.scenario.patience_us
        waits_until_us = world.now_us
        while waits_until_us < min(until_us, ending.patient_until_us(armed, patience_us)):
            waits_until_us = min(until_us, ending.patient_until_us(armed, patience_us))
            yield from self._until(lambda: armed.is_spent or fleet.is_done, waits_until_us)
        waits_until_us = ending.last_moment(armed, world.now_us)
        while not armed.is_spent and world.now_us < min(until_us, waits_until_us):
            yield from self._until(lambda: armed.is_spent, min(until_us, waits_until_us))
            waits_until_us = max(waits_until_us, armed.last_due_us)
        while True:
            left = yield from self._look_after(until_us)
            yield from self._until(partial(self._is_told_or_struck, left), until_us)
            if len(armed.unfired) == left:
                break
        if not fleet.is_done:
            self._stopped = f"{self._client} still waits for {self.waiting} answers"
        self.is_over = True
        self.on_over()

    def _look_after(self, until_us: int) -> Generator[Any, Any, int]:
        """Repair the living, later start the dead. Gives how many faults had not struck when the living were repaired."""
        armed, world, scenario = self.armed, self.world, self.scenario
        if scenario.schedule:
            repair_us = min(until_us, max(world.now_us, armed.last_fired_us + scenario.repairs_after_us))
            yield world.timeout(repair_us - world.now_us)
        left = len(armed.unfired)
        if scenario.schedule:
            self._repairs.repair()
        revival_us = min(until_us, world.now_us + scenario.revives_after_us)
        yield from self._until(lambda: self._fleet.is_done, revival_us)
        yield from self._until(self._repairs.is_led, revival_us)
        self._repairs.revive()
        return left

    def _is_told_or_struck(self, left: int) -> bool:
        return self._is_told() or len(self.armed.unfired) < left

    def _is_told(self) -> bool:
        return self._fleet.is_done and self._raw_clients.is_done and self.cluster.rolling_restart is None

    def _until(self, reached: Callable[[], bool], until_us: int) -> Generator[Any, Any, None]:
        while not reached() and self.world.now_us < until_us:
            yield self.world.timeout(STEP_US)


def tellable(scenario: Scenario) -> Scenario:
    """Give it back. Raises ValueError for a story that cannot be told with a library in its application's place."""
    if len(scenario.cast) > 1:
        names = ", ".join(one.name for one in scenario.cast)
        raise ValueError(f"{scenario.name} has several applications ({names}); a gauntlet takes stories of one")
    (one,) = scenario.cast
    if one.versions or scenario.registry is not None or scenario.deserializing:
        raise ValueError(f"{scenario.name} is told by schemas: what a library sends in a gauntlet are bytes")
    if TWO_PHASES in one.producer:
        raise ValueError(
            f"{scenario.name} is told in two phases ({TWO_PHASES}): no library of somebody else's has them"
        )
    ours = next((entry for entry in scenario.schedule if isinstance(entry.fault, OnApplication)), None)
    if ours is not None:
        raise ValueError(f"{scenario.name} strikes the application's process ('{ours}'): in a gauntlet it is another's")
    return scenario


def _nobody(_line: str) -> None:
    return None


def _nothing() -> None:
    return None
