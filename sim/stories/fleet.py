"""The applications of a run under way: which lives each has had, and the verbs by which faults begin, stop and end them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from producer.errors import ConfigError
from sim.clients.audit_file import AuditFiles, AuditKeeper
from sim.clients.audited_producer import AuditedSimProducer
from sim.clients.drivers import PRODUCER, SimProducer
from sim.cluster.applications import client_of, life_of
from sim.stories.asking import Asking, check_formats
from sim.stories.checkpointing_life import CheckpointingLife
from sim.stories.conditions import Waits
from sim.stories.life import Diary, Life, Piece, Stretch
from sim.stories.processing_life import ProcessingLife, has_processed
from sim.stories.properties import configs_of
from sim.stories.serializing import LifeSerializer
from sim.stories.transactional_life import TransactionalLife
from sim.trace.events import ApplicationStopped, LatencyPromised

if TYPE_CHECKING:
    import simpy

    from producer.config.config import ProducerConfig
    from producer.errors import Outcome
    from producer.governance.policy.words import Policy
    from producer.records import Record
    from sim.cluster.cluster import Cluster
    from sim.stories.applications import Application
    from sim.stories.life import LifeProducer
    from sim.stories.planted import PlantedBug
    from sim.stories.scenario import Scenario

    NewProducer = Callable[[ProducerConfig, str, Callable[[int, Outcome], object]], LifeProducer]
    """Makes the producer of a life: of its configuration, its name in the trace, and who hears of each record's outcome."""


@dataclass(slots=True)
class Member:
    """One application: its words, its work, and its lives so far."""

    application: Application
    config: ProducerConfig
    records: tuple[Record, ...]
    policy: Policy | None = None
    """What rules on its records."""
    lives: list[Life] = field(default_factory=list)
    diary: Diary = field(default_factory=Diary)
    is_awaited: bool = False
    """Whether it begins by itself, and has not yet."""
    version: int = 1
    """Of its code, which its next life runs; it counts where there are several."""
    is_deployed: bool = False
    """Whether its next life begins as soon as none is left."""

    @property
    def is_done(self) -> bool:
        """Whether none of its lives is under way, nor about to begin; who processes is never done by itself."""
        return not self.is_awaited and all(life.is_over or isinstance(life, ProcessingLife) for life in self.lives)

    @property
    def is_in_units(self) -> bool:
        """Whether some of what it sends belongs together."""
        return bool(self.config.transactional_id or self.application.workload.transaction_records)

    def left(self) -> list[Stretch]:
        """What the next life has to send, phase by phase."""
        done: set[int] = set()
        match self.application.new_life:
            case "goes on":
                done = set(self.diary.first_sends)
            case "sends again":
                done = self.diary.acknowledged
            case "begins anew":
                pass
        begin = 0
        stretches: list[Stretch] = []
        for number, (phase, part) in enumerate(self.application.workload.split(self.records), start=1):
            # What belongs together is taken up as a whole, or left as a whole.
            unit = self.application.workload.transaction_records or len(part) if self.is_in_units else 1
            left_out = {(place - begin) // max(1, unit) for place in done}
            pieces = [
                Piece(place, one)
                for place, one in enumerate(part, start=begin)
                if (place - begin) // max(1, unit) not in left_out
            ]
            begin += len(part)
            # What an earlier life has been through already is over; an empty phase ahead is a pause in the work.
            if pieces or not self.lives or stretches:
                stretches.append(Stretch(number, phase, pieces))
        return stretches


class Fleet:
    """Every application of one run. A verb that makes no sense now raises ValueError, saying why."""

    def __init__(
        self,
        cluster: Cluster,
        members: Sequence[Member],
        tell_story: Callable[[Generator[Any, Any, None]], simpy.Process],
        mutant: PlantedBug | None,
        new_producer: NewProducer | None = None,
        asking: Asking | None = None,
        audits: AuditFiles | None = None,
    ) -> None:
        """`tell_story` starts a part of a story whose end somebody waits for; `new_producer` makes what a life sends with.

        `asking` leads to the registries of those whose serializers ask one; `audits` are the disks of all audits.
        """
        self._asking = asking or Asking(cluster)
        self._new_producer = new_producer or _simulated(cluster, mutant)
        self._cluster = cluster
        self._tell_story = tell_story
        self._members: Mapping[str, Member] = {one.application.name: one for one in members}
        self._audits = audits or AuditFiles()
        self._waits = Waits(cluster, ())
        cluster.trace.watch(ApplicationStopped, self._note_stopped)

    def begin(self) -> None:
        """The story begins: so do those who begin by themselves, at once or when it is time."""
        phases = [phase for one in self._members.values() for phase in one.application.workload.phases]
        self._waits = Waits(self._cluster, [phase.waits_for for phase in phases if phase.waits_for is not None])
        for name, member in self._members.items():
            delay_us = member.application.starts_after_us
            if delay_us == 0:
                self._begin_life(member)
            elif delay_us is not None:
                member.is_awaited = True
                self._cluster.world.call_in(delay_us, self._begin_in_time, name)

    @property
    def is_done(self) -> bool:
        """Whether no application is at work, nor about to be."""
        return all(member.is_done for member in self._members.values())

    def is_at_rest(self) -> bool:
        """Whether whoever processes has processed all that is committed by now."""
        committed = self._cluster.committed()
        groups: dict[str, list[ProcessingLife]] = {}
        for life in self._processing():
            groups.setdefault(life.group, []).append(life)
        return all(has_processed(lives, committed) for lives in groups.values())

    def end_processing(self) -> None:
        """The run is over for whoever processes."""
        for life in self._processing():
            life.end()

    def tell_audits(self) -> None:
        """The run is over: say what lies on the disks of audits."""
        for read in self._audits.read(self._cluster.world.now_us):
            self._cluster.trace.emit(read)

    def _processing(self) -> list[ProcessingLife]:
        lives = [life for member in self._members.values() for life in member.lives]
        return [life for life in lives if isinstance(life, ProcessingLife) and not life.is_over]

    @property
    def at_work(self) -> tuple[str, ...]:
        """The applications that are not done, or have something left to process."""
        busy = () if self.is_at_rest() else self._processing()
        return tuple(
            name
            for name, member in self._members.items()
            if not member.is_done or any(life in busy for life in member.lives)
        )

    def resume_all(self) -> None:
        """Let every paused life go on."""
        for member in self._members.values():
            for life in member.lives:
                if life.is_paused:
                    life.resume()

    def has(self, name: str) -> bool:
        return name in self._members

    # -- the verbs of faults -------------------------------------------------------------------------------------------

    def start(self, name: str) -> None:
        member = self._member(name)
        if member.is_awaited or member.lives:
            raise ValueError(f"{name} begins by itself" if member.is_awaited else f"{name} has begun already")
        self._begin_life(member)

    def restart(self, name: str) -> None:
        member = self._begun(name)
        left = [life.client for life in member.lives if not life.is_over]
        if left:
            raise ValueError(f"{', '.join(left)} still lives: kill it first, or replace it")
        self._begin_life(member)

    def replace(self, name: str) -> None:
        member = self._begun(name)
        if all(life.is_over for life in member.lives):
            raise ValueError(f"no life of {name} is left to be replaced")
        self._begin_life(member)

    def deploy(self, name: str, version: int) -> None:
        member = self._member(name)
        count = len(member.application.versions)
        if version > count:
            raise ValueError(f"{name} has {count} versions")
        if member.version == version:
            raise ValueError(f"{name} runs version {version} already")
        living = [life for life in member.lives if not life.is_over]
        for life in living:
            life.stop()
        member.version = version
        if living:
            member.is_awaited = member.is_deployed = True
        elif member.lives:
            self._begin_life(member)

    def stop(self, client: str) -> None:
        self._life(client).stop()

    def kill(self, client: str) -> None:
        self._life(client).kill()
        self._begin_again(client)
        self._follow(client)
        # Whoever waits for the end of all applications asks again.
        self._cluster.world.halt()

    def pause(self, client: str) -> None:
        self._life(client).pause()

    def resume(self, client: str) -> None:
        self._life(client).resume()

    def living(self, name: str) -> str:
        return self._latest(name, lambda life: not life.is_over, "no life of {} is left")

    def paused(self, name: str) -> str:
        return self._latest(name, lambda life: life.is_paused, "no life of {} stands still")

    # -- lives ---------------------------------------------------------------------------------------------------------

    def _begin_in_time(self, name: str) -> None:
        member = self._members[name]
        member.is_awaited = False
        self._begin_life(member)

    def _note_stopped(self, event: ApplicationStopped) -> None:
        life = self._life(event.client)
        self._follow(event.client)
        if isinstance(life, CheckpointingLife) and life.has_failed:
            self._begin_again(event.client)

    def _follow(self, client: str) -> None:
        """Let the version that was deployed begin, once nothing is left of the one before."""
        member = self._members[life_of(client)[0]]
        if member.is_deployed and all(life.is_over for life in member.lives):
            member.is_deployed = False
            # Not from within the event that the old one has ended.
            self._cluster.world.call_in(0, self._begin_in_time, member.application.name)

    def _begin_again(self, client: str) -> None:
        """Let whoever looks after a job begin it once more."""
        member = self._members[life_of(client)[0]]
        processing = member.application.processing
        if processing is None or processing.checkpoints is None or not all(life.is_over for life in member.lives):
            return
        member.is_awaited = True
        self._cluster.world.call_in(processing.checkpoints.restarts_after_us, self._restart, member.application.name)

    def _restart(self, name: str) -> None:
        self._begin_in_time(name)
        # Nobody is awaited any more, which somebody may have waited for.
        self._cluster.world.halt()

    def _begin_life(self, member: Member) -> None:
        name, number = member.application.name, len(member.lives) + 1
        client = client_of(name, number)
        life = self._made(member, client, number)
        stretches = member.left()
        member.lives.append(life)
        producer = self._audited(member, client, self._new_producer(member.config, client, life.told))
        # The only application's first life begins with the story: that goes without a word.
        is_told = len(self._members) > 1 or number > 1 or member.application.starts_after_us != 0
        if member.application.versions:
            life.serializer = LifeSerializer(
                self._cluster,
                client,
                producer.host,
                member.config,
                version=member.version,
                code=member.application.versions[member.version - 1],
                asking=self._asking,
            )
        if member.policy is not None:
            from sim.stories.governing import LifeGovernor

            life.governor = LifeGovernor(
                self._cluster, client, producer.host, member.policy, has_service=self._cluster.keys is not None
            )
        if member.application.latency_p99_us is not None:
            promised = LatencyPromised(self._cluster.world.now_us, client, member.application.latency_p99_us)
            self._cluster.trace.emit(promised)
        life.begin(producer, stretches, self._tell_story, is_told=is_told)

    def _audited(self, member: Member, client: str, producer: LifeProducer) -> LifeProducer:
        audit = member.application.audit
        if audit is None:
            return producer
        file = self._audits.held_by(member.application.name, client)
        keeper = AuditKeeper(self._cluster, producer.host, client, file)
        return AuditedSimProducer(
            producer, client, keeper, self._cluster.trace, is_write_ahead=audit.write_ahead
        )  # fmt: skip

    def _made(self, member: Member, client: str, number: int) -> Life:
        application, waits = member.application, self._waits
        if application.processing is None and not member.is_in_units:
            return Life(self._cluster, application, member.diary, waits, client=client, life=number)
        kind = TransactionalLife
        if application.processing is not None:
            kind = ProcessingLife if application.processing.checkpoints is None else CheckpointingLife
        transactional_id = member.config.transactional_id or ""
        return kind(
            self._cluster,
            application,
            member.diary,
            waits,
            client=client,
            life=number,
            transactional_id=transactional_id,
        )

    def _member(self, name: str) -> Member:
        member = self._members.get(name)
        if member is None:
            raise ValueError(f"there is no application {name!r}, applications are {', '.join(self._members)}")
        return member

    def _begun(self, name: str) -> Member:
        member = self._member(name)
        if not member.lives:
            raise ValueError(f"{name} has not begun yet")
        return member

    def _life(self, client: str) -> Life:
        name, number = life_of(client)
        lives = self._member(name).lives
        number = number or 1
        if number > len(lives):
            raise ValueError(f"{name} has had {len(lives)} lives" if number > 1 else f"{name} has not begun yet")
        return lives[number - 1]

    def _latest(self, name: str, wanted: Callable[[Life], bool], reason: str) -> str:
        found = [life.client for life in self._begun(name).lives if wanted(life)]
        if not found:
            raise ValueError(reason.format(name))
        return found[-1]


def members(scenario: Scenario, properties: Mapping[str, str], cluster: Cluster) -> list[Member]:
    """Give every application of a story with its configuration and its records. Raises ConfigError."""
    servers = ",".join(f"{host}:{port}" for host, port in cluster.bootstrap)
    configs = configs_of(scenario, properties, servers)
    check_formats(scenario)
    found = []
    for one in scenario.cast:
        if one.processing is not None and one.processing.checkpoints and configs[one.name].transactional_id is None:
            msg = f"{one.name}: it takes checkpoints, and transactional.id is missing: nothing of it would be committed"
            raise ConfigError(msg)
        # A stream for each: one more application moves nothing in the others' records.
        chance = cluster.world.chance("workload" if one.name == PRODUCER else f"workload/{one.name}")
        records = () if one.processing is not None else tuple(one.workload.made(chance))
        found.append(Member(one, configs[one.name], records, _policy_of(one)))
    return found


def _policy_of(application: Application) -> Policy | None:
    """Read an application's policy. Raises ConfigError."""
    if application.policy is None:
        return None
    # Only who has one needs to load what reads it.
    from sim.stories.governing import read

    return read(application.policy, application.name)


def _simulated(cluster: Cluster, mutant: PlantedBug | None) -> NewProducer:
    def new_producer(config: ProducerConfig, client: str, tell: Callable[[int, Outcome], object]) -> LifeProducer:
        producer = SimProducer(cluster, config, name=client, is_measured=False, tell=tell)
        if mutant is not None:
            mutant.plant_in_producer(producer)
        return producer

    return new_producer
