"""The world that is served, put together: everything of a server but its sockets and its clock.

What comes in, in order and with its times, decides with the stage and the seed all that happens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sim.cluster.broker_properties import told_then
from sim.cluster.cluster import Cluster
from sim.cluster.failures import end_at_failure
from sim.cluster.named_settings import shared_out
from sim.faults.armed import ArmedSchedule
from sim.faults.schedule import parse_entry
from sim.registry.node.names import registry_host
from sim.serve.account import Account
from sim.serve.attempt import Attempt, Fate
from sim.serve.gate import Gate, Outside
from sim.serve.inputs import REGISTRY, Answered, CallEnded, Healed, Struck
from sim.serve.judgement import Judgement, judge
from sim.trace.trace import Trace
from sim.world.kernel import World
from sim.world.units import MILLISECOND_US, SECOND_US

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.registry.node.ensemble import Registries
    from sim.serve.inputs import Input
    from sim.serve.stage import Stage
    from sim.world.network import Host

SETTLE_US_MAX = 300 * SECOND_US
"""How long a cluster may take until every partition has its leader and its replicas."""
HEARD_US = SECOND_US
"""How long after that every broker has heard of all the others."""
NO_LIMIT = 1 << 62
"""Events of a stretch whose length virtual time alone decides."""
STEP_US = 50 * MILLISECOND_US


class NotSettledError(Exception):
    """The cluster did not come up."""


class Simulated(Protocol):
    """Makes a simulation: what is served, and what a journal is replayed on."""

    def __call__(self, stage: Stage, outside: Outside, *, is_strict: bool = False) -> Simulation:
        """Give one that has not begun."""
        ...


class Simulation:
    """A cluster, its clients' connections, and the schedule of its story."""

    is_judged_by_trace = False
    """Whether every event is wanted at the end."""

    def __init__(self, stage: Stage, outside: Outside, *, is_strict: bool = False) -> None:
        """`is_strict` lets the world end at the first request on which a broker fails, with BrokerFailedError.

        Raises ScenarioError, ValueError for a stage that cannot be.
        """
        self.stage = stage
        self.world = World(seed=stage.seed)
        self.trace = Trace()
        self.cluster = Cluster(self.world, self.trace, stage.config())
        if is_strict:
            end_at_failure(self.world, self.trace)
        self.account = Account(self.cluster)
        self.registries = _registries(self.cluster) if stage.has_registry else None
        """The schema registry, where there is one."""
        self.cluster.registries = self.registries
        ports = [listener.port for listener in self.cluster.config.listeners]
        self.gate = Gate(self.cluster.network, outside, self.account.gone, ports)
        self.armed = ArmedSchedule(self.world, self.trace, self.cluster, ())
        """What strikes: the story's schedule from its begin on, and behind it what was asked for since."""

    def settle(self) -> None:
        """Start the cluster and let it come to rest, which takes virtual time alone. Raises NotSettledError."""
        cluster, world = self.cluster, self.world
        cluster.start()
        while not cluster.is_settled():
            if world.now_us >= SETTLE_US_MAX:
                raise NotSettledError(
                    f"the cluster has not settled within {SETTLE_US_MAX // SECOND_US} s of virtual time"
                )
            world.run_until(world.now_us + STEP_US, events_max=NO_LIMIT)
        _, of_brokers = shared_out(cluster.config, self.stage.settings)
        for name, value in told_then(of_brokers):
            cluster.alter_broker(None, name, value)
        world.run_until(world.now_us + HEARD_US, events_max=NO_LIMIT)
        if self.registries is not None:
            self.registries.begin()
            while not self.registries.is_settled():
                if world.now_us >= SETTLE_US_MAX:
                    raise NotSettledError(
                        f"the schema registry has not begun within {SETTLE_US_MAX // SECOND_US} s of virtual time"
                    )
                world.run_until(world.now_us + STEP_US, events_max=NO_LIMIT)

    @property
    def hosts(self) -> Mapping[int, Host]:
        """Whom clients can connect to, by a broker's number; `REGISTRY` for the schema registry."""
        found = {number: broker.host for number, broker in self.cluster.brokers.items()}
        if self.registries is not None:
            found[REGISTRY] = self.registries.nodes[registry_host(1)].host
        return found

    def begin(self) -> None:
        """The story begins now: its times count from here."""
        self.trace.begun_us = self.world.now_us
        for entry in self.stage.schedule():
            self.armed.add(entry)

    def take(self, given: Input) -> None:
        """Let something happen that came from outside, now, and all that follows at this instant.

        The next input finds it done, whether it comes at once or later: so a journal needs no more than times and order.
        """
        if isinstance(given, Struck):
            self.armed.add(parse_entry(given.entry))
        elif isinstance(given, Healed):
            self.cluster.heal()
        elif isinstance(given, Answered):
            self.answered(given)
        elif isinstance(given, CallEnded):
            self.call_ended(given)
        else:
            self.gate.take(given)
        self.world.run_until(self.world.now_us, events_max=NO_LIMIT)

    def answered(self, given: Answered) -> None:
        """Let an application hear what became of its record. Raises ValueError: here nobody is one of ours."""
        raise ValueError(f"{given.client} is told of record {given.record}, and there is no such application")

    def call_ended(self, given: CallEnded) -> None:
        """Let an application hear how its transactional call ended. Raises ValueError: here nobody is one of ours."""
        raise ValueError(f"{given.client} is told how its {given.call} ended, and there is no such application")

    def attempt(self, number: int) -> Attempt:
        """Say what became of an entry of the schedule so far."""
        armed = self.armed
        entry = str(armed.schedule[number])
        if number in armed.refused:
            return Attempt(number, entry, Fate.REFUSED, armed.refused[number])
        return Attempt(number, entry, Fate.PENDING if number in armed.unfired else Fate.FIRED, "")

    @property
    def attempts(self) -> list[Attempt]:
        """Every entry of the schedule: the story's, then those that were asked for."""
        return [self.attempt(number) for number in range(len(self.armed.schedule))]

    def judge(self) -> Judgement:
        """Say what became of what was acknowledged."""
        return judge(self.account, self.cluster)


def _registries(cluster: Cluster) -> Registries:
    # Only who wants a registry needs to load one.
    from sim.registry.node.ensemble import Registries

    return Registries(cluster)
