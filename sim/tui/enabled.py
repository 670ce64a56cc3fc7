"""Which faults could strike at a moment: what would be refused there is not offered.

What decides is what the kernel decides by: whether who is named runs, stands still or is down, leads, follows, holds the log. A run that
has been repaired is told as it was: a fault more would have been waited for, and the repair comes later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from producer.records import NO_PRODUCER_ID, TopicPartition
from sim.clients.reader import CONSUMER
from sim.cluster.applications import life_of
from sim.cluster.coordinators.keys import partition_for
from sim.cluster.internal_topics import CONSUMER_OFFSETS, TRANSACTION_STATE
from sim.faults import (
    AddPartitions,
    CloseReader,
    Coordinator,
    Crash,
    CrashController,
    CreateTopic,
    CutLink,
    CutLogShort,
    DeleteTopic,
    Deploy,
    Elect,
    FailLogDirectory,
    Fault,
    FlipBit,
    Followers,
    HoldLink,
    KillApplication,
    Leader,
    MoveLeader,
    OpenLink,
    Pause,
    PauseApplication,
    PauseController,
    RawWrite,
    RejectLink,
    RepairLogDirectory,
    ReplaceApplication,
    ResetLink,
    Restart,
    RestartApplication,
    RestartController,
    Resume,
    ResumeApplication,
    ResumeController,
    RotateKey,
    SetClock,
    ShredKey,
    ShrinkIsr,
    SlowDisk,
    StartApplication,
    Stop,
    StopApplication,
    TransactionCoordinator,
    UnsyncLog,
    parse_fault,
)
from sim.faults.schedule import Entry
from sim.faults.tampering import TamperingFault
from sim.faults.text import topic_partition
from sim.stories.properties import with_settings_of
from sim.trace import events as cluster
from sim.tui.changes import anchor_behind
from sim.tui.view_model import Life

if TYPE_CHECKING:
    from sim.tui.session import Watched
    from sim.tui.view_model import State


class Enabled:
    """What could strike right after one event of a run."""

    def __init__(self, watched: Watched, index: int) -> None:
        """Learn who is where by then."""
        assert watched.scenario is not None
        self._watched, self._index = watched, index
        self._scenario = with_settings_of(watched.scenario, watched.properties)
        # It strikes when the step of that event is over: what the kernel does at once is done by then.
        last = index
        while last + 1 < len(watched.events) and watched.events[last + 1].at_us == watched.events[index].at_us:
            last += 1
        self._state: State = watched.film.state_at(last)
        self._seen = watched.events[: last + 1]
        # Once the records are read back at the end no fault strikes any more.
        self._is_over = any(type(event) is cluster.ReaderBegan and event.client == CONSUMER for event in self._seen)
        self._controllers: dict[str, str] = {}
        self._failed: set[tuple[int, int]] = set()
        self._readers: set[str] = set()
        self._versions: dict[str, int] = {}
        self._ended: set[str] = set()
        for event in self._seen:
            self._note(event)

    def allows(self, text: str) -> bool:
        """Whether a fault, as text, would have an effect there. Raises FaultTextError for what is no fault."""
        fault = parse_fault(text)
        if self._is_over:
            return False
        try:
            entry = Entry(anchor_behind(self._watched, self._index), fault)
            self._scenario.check_names((*self._watched.schedule, entry, *self._scenario.readers))
        except ValueError:
            return False
        return self._can(fault)

    # -- what is there ---------------------------------------------------------------------------------------------------

    def _note(self, event: Any) -> None:
        match event:
            case cluster.ControllerCrashed():
                self._controllers[event.controller] = "down"
            case cluster.ControllerPaused():
                self._controllers[event.controller] = "paused"
            case cluster.ControllerStarted() | cluster.ControllerResumed():
                self._controllers[event.controller] = "up"
            case cluster.LogDirectoryFailed():
                self._failed.add((event.broker, event.directory))
            case cluster.ReaderBegan():
                self._readers.add(event.client)
            case cluster.ReaderEnded():
                self._readers.discard(event.client)
            case cluster.VersionDeployed():
                self._versions[life_of(event.client)[0]] = event.version
            case cluster.PhaseEnded():
                name = life_of(event.client)[0]
                phases = next((len(one.workload.phases) for one in self._scenario.cast if one.name == name), 0)
                if event.phase == phases:
                    self._ended.add(event.client)
            case _:
                pass

    def _brokers(self, target: Any) -> tuple[int, ...]:
        """Give the brokers behind a target as the controller has them; none where nobody has the role."""
        partitions = self._state.partitions
        match target:
            case int():
                return (target,)
            case tuple():
                return target
            case Leader(partition):
                known = partitions.get(topic_partition(partition))
                return () if known is None or known.leader < 0 else (known.leader,)
            case Followers(partition):
                known = partitions.get(topic_partition(partition))
                return () if known is None else tuple(one for one in known.replicas if one != known.leader)
            case Coordinator(group):
                return self._coordinator(CONSUMER_OFFSETS, group)
            case TransactionCoordinator(transactional_id):
                return self._coordinator(TRANSACTION_STATE, transactional_id)
            case _:
                return ()

    def _coordinator(self, topic: str, key: str) -> tuple[int, ...]:
        count = sum(where.topic == topic for where in self._state.partitions)
        known = self._state.partitions.get(TopicPartition(topic, partition_for(key, count))) if count else None
        return () if known is None or known.leader < 0 else (known.leader,)

    def _life(self, broker: int) -> Life:
        known = self._state.brokers.get(broker)
        return Life.DOWN if known is None else known.life

    def _any(self, target: Any, *lives: Life) -> bool:
        return any(self._life(broker) in lives for broker in self._brokers(target))

    def _host(self, target: Any) -> bool:
        """Whether a host is on the network: who was killed is not, nor who has not begun."""
        if not isinstance(target, str):
            return target is None or bool(self._brokers(target))
        known = self._state.applications.get(target)
        if known is not None:
            return known.life is not Life.DOWN
        return target == "controller" or target in self._state.members or target in self._readers

    def _living(self, application: str) -> list[str]:
        """Give the lives of an application, or the life itself, that go on."""
        return [
            client
            for client, one in self._state.applications.items()
            if application in {client, life_of(client)[0]} and one.life is not Life.DOWN and client not in self._ended
        ]

    def _has_begun(self, application: str) -> bool:
        return any(life_of(client)[0] == application for client in self._state.applications)

    def _in_service(self) -> bool:
        return any(not one.is_fenced for one in self._state.brokers.values())

    # -- what can be done with it ----------------------------------------------------------------------------------------

    def _can(self, fault: Fault) -> bool:
        rule = next((rule for kinds, rule in _RULES if isinstance(fault, kinds)), None)
        return rule is None or rule(self, fault)

    def _controller_is(self, fault: Any, *, now: Sequence[str]) -> bool:
        """Whether a controller is as it must be: the one named, or, by `controller`, any."""
        hosts = self._scenario.cluster_as_set.controller_hosts
        names = [fault.controller] if fault.controller in hosts else hosts
        return any(self._controllers.get(name, "up") in now for name in names)

    def _follows(self, fault: ShrinkIsr) -> bool:
        known = self._state.partitions.get(topic_partition(fault.partition))
        if known is None or known.leader < 0 or self._life(known.leader) is Life.DOWN:
            return False
        found = self._brokers(fault.replica)
        return any(one != known.leader and one in known.replicas and self._life(one) is not Life.DOWN for one in found)

    def _can_lead(self, fault: MoveLeader) -> bool:
        known = self._state.partitions.get(topic_partition(fault.partition))
        if known is None or not known.replicas:
            return False
        to = known.replicas[0] if fault.to is None else fault.to
        broker = self._state.brokers.get(to)
        return to in known.isr and broker is not None and not broker.is_fenced

    def _can_elect(self, fault: Elect) -> bool:
        known = self._state.partitions.get(topic_partition(fault.partition))
        if known is None or not known.replicas:
            return False
        if fault.how == "preferred":
            return known.leader != known.replicas[0] and known.replicas[0] in known.isr
        alive = any(self._life(broker) is Life.UP for broker in known.replicas)
        return known.leader < 0 and alive

    def _has_offset(self, fault: FlipBit) -> bool:
        where = topic_partition(fault.partition)
        return any(self._state.replica(where, broker).log_end > fault.offset for broker in self._brokers(fault.broker))

    def _can_cut(self, fault: CutLogShort) -> bool:
        where = topic_partition(fault.partition)
        found = self._brokers(fault.broker)
        return any(self._life(one) is Life.DOWN and self._state.replica(where, one).log_end > 0 for one in found)

    def _can_write(self, fault: RawWrite) -> bool:
        known = self._state.partitions.get(topic_partition(fault.partition))
        if fault.to is None and (known is None or known.leader < 0):
            return False
        if fault.application is None:
            return True
        clients = [one for one in self._state.identities if fault.application in {one, life_of(one)[0]}]
        return any(self._state.identities[one].producer_id != NO_PRODUCER_ID for one in clients)


def _on_broker(*lives: Life) -> Callable[[Enabled, Any], bool]:
    return lambda enabled, fault: enabled._any(fault.broker, *lives)


def _is_there(enabled: Enabled, fault: Any) -> bool:
    return bool(enabled._brokers(fault.broker))


def _links(enabled: Enabled, fault: Any) -> bool:
    return enabled._host(fault.source) and enabled._host(fault.target)


def _lives(enabled: Enabled, fault: Any) -> bool:
    return bool(enabled._living(fault.application))


def _topic_is(enabled: Enabled, fault: Any, *, there: bool) -> bool:
    return (fault.topic in {where.topic for where in enabled._state.partitions}) is there


def _pauses(enabled: Enabled, fault: Any, *, is_paused: bool) -> bool:
    lives = [enabled._state.applications[client].life is Life.PAUSED for client in enabled._living(fault.application)]
    return any(one is is_paused for one in lives)


_RULES: tuple[tuple[Any, Callable[[Enabled, Any], bool]], ...] = (
    (Crash, _on_broker(Life.UP, Life.PAUSED, Life.STOPPING)),
    (Stop, _on_broker(Life.UP, Life.PAUSED)),
    (Pause, _on_broker(Life.UP, Life.STOPPING)),
    (Resume, _on_broker(Life.PAUSED)),
    (Restart, _on_broker(Life.DOWN)),
    ((SlowDisk, UnsyncLog), _is_there),
    (FailLogDirectory, lambda enabled, fault: any(
        (broker, fault.directory) not in enabled._failed for broker in enabled._brokers(fault.broker))),
    (RepairLogDirectory, lambda enabled, fault: any(
        (broker, fault.directory) in enabled._failed for broker in enabled._brokers(fault.broker))),
    ((CrashController,), partial(Enabled._controller_is, now=("up", "paused"))),
    ((PauseController,), partial(Enabled._controller_is, now=("up",))),
    ((ResumeController,), partial(Enabled._controller_is, now=("paused",))),
    ((RestartController,), partial(Enabled._controller_is, now=("down",))),
    (TamperingFault, lambda enabled, fault: fault.broker is None or bool(enabled._brokers(fault.broker))),
    ((HoldLink, CutLink, OpenLink, RejectLink, ResetLink), _links),
    (SetClock, lambda enabled, fault: enabled._host(fault.host)),
    (ShrinkIsr, Enabled._follows),
    (MoveLeader, Enabled._can_lead),
    (Elect, Enabled._can_elect),
    (AddPartitions, lambda enabled, fault: _topic_is(enabled, fault, there=True) and enabled._in_service()),
    (CreateTopic, lambda enabled, fault: _topic_is(enabled, fault, there=False) and enabled._in_service()),
    (DeleteTopic, partial(_topic_is, there=True)),
    (FlipBit, Enabled._has_offset),
    (CutLogShort, Enabled._can_cut),
    (RawWrite, Enabled._can_write),
    ((RotateKey, ShredKey), lambda enabled, _: enabled._scenario.keys is not None),
    (StartApplication, lambda enabled, fault: not enabled._has_begun(fault.application)),
    (RestartApplication, lambda enabled, fault: (
        enabled._has_begun(fault.application) and not enabled._living(fault.application))),
    (PauseApplication, partial(_pauses, is_paused=False)),
    (ResumeApplication, partial(_pauses, is_paused=True)),
    ((ReplaceApplication, StopApplication, KillApplication), _lives),
    (Deploy, lambda enabled, fault: enabled._versions.get(fault.whom, 1) != fault.version),
    (CloseReader, lambda enabled, fault: fault.reader in enabled._readers or fault.reader in enabled._state.members),
)  # fmt: skip
"""Kind of fault -> whether it would have an effect; a kind without a rule is refused nowhere."""
