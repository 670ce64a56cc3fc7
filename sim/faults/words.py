"""The words in which a scenario says when something strikes, and what.

at(2_000_000).crash("b1")
after(appended("orders-0", nth=3)).crash(leader("orders-0"))
after(phase_sent(2)).wait(300_000).resume(followers("orders-0"))

The points in the protocol, as `appended`, have a room of their own: `points.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from sim.cluster.quotas.quota import limit_text
from sim.faults import (
    AddPartitions,
    Alter,
    AnswerWithError,
    CloseReader,
    Crash,
    CrashController,
    CrashGateway,
    CrashRegistry,
    CreateTopic,
    CutLink,
    CutLogShort,
    DelayResponse,
    DeleteTopic,
    Deny,
    Deploy,
    DetainRequest,
    DropResponse,
    Elect,
    FailLogDirectory,
    Fault,
    FlipBit,
    Grant,
    HoldLink,
    KillApplication,
    LoseRequest,
    MoveLeader,
    OpenLink,
    Pause,
    PauseApplication,
    PauseController,
    PauseGateway,
    PauseKeyService,
    PauseRegistry,
    RawWrite,
    Read,
    RejectLink,
    RepairLogDirectory,
    ReplaceApplication,
    ResetLink,
    Restart,
    RestartApplication,
    RestartController,
    RestartGateway,
    RestartRegistry,
    Resume,
    ResumeApplication,
    ResumeController,
    ResumeGateway,
    ResumeKeyService,
    ResumeRegistry,
    Revoke,
    RollingRestart,
    RotateKey,
    SetClock,
    SetQuota,
    ShredKey,
    ShrinkIsr,
    SlowDisk,
    SlowRegistry,
    StartApplication,
    Stop,
    StopApplication,
    StopGateway,
    StopRegistry,
    UnsyncLog,
    parse_fault,
)
from sim.faults.brokers import DiskAfterCrash
from sim.faults.election import KindOfElection
from sim.faults.gateways import is_gateway
from sim.faults.key_service import is_key_service
from sim.faults.log_directories import DirectoryAfterRepair
from sim.faults.raw_writes import RAW, Acks
from sim.faults.reading import Begin, Isolation, Protocol
from sim.faults.registries import is_registry
from sim.faults.schedule import After, Anchor, At, Entry
from sim.faults.targets import TARGET, HostTarget, OneTarget, Target, parse_host, parse_one, parse_target
from sim.faults.text import FaultTextError, microseconds


def _target(target: Target | str) -> Target:
    return parse_target(target) if isinstance(target, str) else target


def _one(target: OneTarget | str | None) -> OneTarget | None:
    return parse_one(target) if isinstance(target, str) else target


def _host(target: HostTarget) -> HostTarget:
    return parse_host(target) if isinstance(target, str) else target


def _is_application(whom: Target | str) -> bool:
    """Whether a verb that is said of brokers and of applications is said of an application here."""
    return isinstance(whom, str) and re.fullmatch(rf"{TARGET}|\d+", whom) is None


def _value(value: object) -> str | None:
    """Write a setting's value as Kafka does; None deletes it."""
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class When:
    """A moment to which faults are tied: each verb gives one entry of a schedule."""

    anchor: Anchor

    def wait(self, delay: int | str) -> When:
        """That much later: so many microseconds, or a time as text. Raises FaultTextError."""
        delay_us = microseconds(delay)
        match self.anchor:
            case At(us):
                return When(At(us + delay_us))
            case After(event, nth, where, before_us):
                return When(After(event, nth, where, before_us + delay_us))

    def fault(self, fault: Fault) -> Entry:
        """Tie any fault to this moment. Raises FaultTextError for one that cannot be said."""
        try:
            is_sayable = parse_fault(str(fault)) == fault
        except (TypeError, AssertionError):  # a value of another type than the fault has there
            is_sayable = False
        if not is_sayable:
            raise FaultTextError(f"{fault!r} is not a fault: expected it as in {fault.EXAMPLE!r}")
        return Entry(self.anchor, fault)

    def crash(self, broker: Target | str, *, disk: DiskAfterCrash = "kept") -> Entry:
        """End a broker's process, a registry's, or the gateway's."""
        if is_registry(broker):
            return self.fault(CrashRegistry(str(broker)))
        if is_gateway(broker):
            return self.fault(CrashGateway())
        return self.fault(Crash(_target(broker), disk))

    def stop(self, whom: Target | str) -> Entry:
        if is_registry(whom):
            return self.fault(StopRegistry(str(whom)))
        if is_gateway(whom):
            return self.fault(StopGateway())
        if _is_application(whom):
            return self.fault(StopApplication(str(whom)))
        return self.fault(Stop(_target(whom)))

    def restart(self, whom: Target | str) -> Entry:
        if is_registry(whom):
            return self.fault(RestartRegistry(str(whom)))
        if is_gateway(whom):
            return self.fault(RestartGateway())
        if _is_application(whom):
            return self.fault(RestartApplication(str(whom)))
        return self.fault(Restart(_target(whom)))

    def roll(self, brokers: Target | str | None = None) -> Entry:
        return self.fault(RollingRestart(None if brokers is None else _target(brokers)))

    def pause(self, whom: Target | str) -> Entry:
        if is_registry(whom):
            return self.fault(PauseRegistry(str(whom)))
        if is_key_service(whom):
            return self.fault(PauseKeyService())
        if is_gateway(whom):
            return self.fault(PauseGateway())
        if _is_application(whom):
            return self.fault(PauseApplication(str(whom)))
        return self.fault(Pause(_target(whom)))

    def resume(self, whom: Target | str) -> Entry:
        if is_registry(whom):
            return self.fault(ResumeRegistry(str(whom)))
        if is_key_service(whom):
            return self.fault(ResumeKeyService())
        if is_gateway(whom):
            return self.fault(ResumeGateway())
        if _is_application(whom):
            return self.fault(ResumeApplication(str(whom)))
        return self.fault(Resume(_target(whom)))

    def start(self, application: str) -> Entry:
        return self.fault(StartApplication(application))

    def kill(self, application: str) -> Entry:
        return self.fault(KillApplication(application))

    def replace(self, application: str) -> Entry:
        return self.fault(ReplaceApplication(application))

    def rotate_key(self, tenant: str) -> Entry:
        """Give a tenant a new key."""
        return self.fault(RotateKey(tenant))

    def shred_key(self, tenant: str) -> Entry:
        """Delete a tenant's keys."""
        return self.fault(ShredKey(tenant))

    def slow_registry(self, registry: str, *, factor: int) -> Entry:
        return self.fault(SlowRegistry(registry, factor))

    def deploy(self, whom: str, *, version: int) -> Entry:
        """An application's next life, or a reader from here on, runs that version of its code."""
        return self.fault(Deploy(whom, version))

    def slow_disk(self, broker: Target | str, *, factor: int) -> Entry:
        return self.fault(SlowDisk(_target(broker), factor))

    def set_clock(self, host: HostTarget, *, ahead_us: int | str) -> Entry:
        """A negative time, as `-2_000_000` or `"-2s"`, sets it behind, 0 right."""
        is_behind = isinstance(ahead_us, str) and ahead_us.startswith("-")
        offset_us = microseconds(ahead_us.removeprefix("-") if isinstance(ahead_us, str) else ahead_us)
        return self.fault(SetClock(_host(host), -offset_us if is_behind else offset_us))

    def crash_controller(self, controller: str = "controller") -> Entry:
        """Whichever is active, unless one is named."""
        return self.fault(CrashController(controller))

    def pause_controller(self, controller: str = "controller") -> Entry:
        return self.fault(PauseController(controller))

    def restart_controller(self, controller: str = "controller") -> Entry:
        """Every one that is down, unless one is named."""
        return self.fault(RestartController(controller))

    def resume_controller(self, controller: str = "controller") -> Entry:
        return self.fault(ResumeController(controller))

    def truncate_log(self, partition: str, *, on: Target | str, batches: int) -> Entry:
        return self.fault(CutLogShort(partition, _target(on), batches))

    def unsync_log(self, partition: str, *, on: Target | str) -> Entry:
        return self.fault(UnsyncLog(partition, _target(on)))

    def flip_bit(self, partition: str, *, on: Target | str, offset: int) -> Entry:
        """In the batch that holds the offset."""
        return self.fault(FlipBit(partition, _target(on), offset))

    def fail_log_directory(self, directory: int, *, of: Target | str) -> Entry:
        """They are counted from 1, and the first holds the metadata log as well."""
        return self.fault(FailLogDirectory(directory, _target(of)))

    def repair_log_directory(self, directory: int, *, of: Target | str, files: DirectoryAfterRepair = "kept") -> Entry:
        return self.fault(RepairLogDirectory(directory, _target(of), files))

    def move_leader(self, partition: str, *, to: int | None = None) -> Entry:
        return self.fault(MoveLeader(partition, to))

    def elect(self, partition: str, how: KindOfElection) -> Entry:
        return self.fault(Elect(partition, how))

    def alter_topic(self, topic: str, setting: str, value: object) -> Entry:
        return self.fault(Alter(setting, _value(value), topic=topic))

    def alter_broker(self, broker: int | None, setting: str, value: object) -> Entry:
        return self.fault(Alter(setting, _value(value), broker=broker))

    def grant(
        self, principal: str, operation: str, resource: str, name: str | None = None, *, host: str | None = None
    ) -> Entry:
        """As `grant("User:shop", "WRITE", "topic", "orders-*")`."""
        return self.fault(Grant(principal, operation, resource, name, host))

    def deny(
        self, principal: str, operation: str, resource: str, name: str | None = None, *, host: str | None = None
    ) -> Entry:
        return self.fault(Deny(principal, operation, resource, name, host))

    def revoke(
        self, principal: str, operation: str, resource: str, name: str | None = None, *, host: str | None = None
    ) -> Entry:
        return self.fault(Revoke(principal, operation, resource, name, host))

    def quota(self, entity: str, limit: str, value: float | None) -> Entry:
        """What an entity such as `client-id=noisy` is allowed; None removes that limit of it."""
        return self.fault(SetQuota(entity, limit, None if value is None else limit_text(float(value))))

    def shrink_isr(self, partition: str, *, by: Target | str, lasts_us: int | str) -> Entry:
        return self.fault(ShrinkIsr(partition, _target(by), microseconds(lasts_us)))

    def add_partitions(self, topic: str, *, up_to: int) -> Entry:
        return self.fault(AddPartitions(topic, up_to))

    def delete_topic(self, topic: str) -> Entry:
        return self.fault(DeleteTopic(topic))

    def create_topic(self, topic: str, *, partitions: int | None = None) -> Entry:
        return self.fault(CreateTopic(topic, partitions))

    def read(
        self,
        topic: str,
        *,
        begin: Begin = "earliest",
        name: str | None = None,
        group: str | None = None,
        protocol: Protocol = "classic",
        isolation: Isolation = "read_uncommitted",
    ) -> Entry:
        """Somebody begins to read the topic, alone or as a member of a group, and reads until the run is over."""
        return self.fault(Read(topic, begin, name, group, protocol, isolation))

    def close_reader(self, name: str) -> Entry:
        """A member of a group ends in good order."""
        return self.fault(CloseReader(name))

    def write(
        self,
        partition: str,
        *,
        to: OneTarget | str | None = None,
        client: str = RAW,
        of: str | None = None,
        producer_id: int | None = None,
        epoch: int | None = None,
        sequence: int | None = None,
        records: int = 1,
        acks: Acks = "all",
    ) -> Entry:
        """A raw client sends one Produce request, under a producer id that is made up, or that `of` an application."""
        return self.fault(RawWrite(partition, _one(to), client, of, producer_id, epoch, sequence, records, acks))

    def hold_link(self, source: HostTarget, target: HostTarget | None = None, *, one_way: bool = False) -> Entry:
        return self.fault(HoldLink(_host(source), None if target is None else _host(target), one_way))

    def cut_link(self, source: HostTarget, target: HostTarget | None = None, *, one_way: bool = False) -> Entry:
        return self.fault(CutLink(_host(source), None if target is None else _host(target), one_way))

    def reject_link(self, source: HostTarget, target: HostTarget | None = None) -> Entry:
        return self.fault(RejectLink(_host(source), None if target is None else _host(target)))

    def open_link(self, source: HostTarget, target: HostTarget | None = None, *, one_way: bool = False) -> Entry:
        return self.fault(OpenLink(_host(source), None if target is None else _host(target), one_way))

    def reset_link(self, source: HostTarget, target: HostTarget | None = None) -> Entry:
        return self.fault(ResetLink(_host(source), None if target is None else _host(target)))

    def drop_response(
        self,
        api: str = "Produce",
        *,
        by: OneTarget | str | None = None,
        about: str | None = None,
        then: Literal["reset", "stall"] = "reset",
        times: int = 1,
    ) -> Entry:
        return self.fault(DropResponse(_one(by), api, about, times, then=then))

    def delay_response(
        self,
        api: str = "Produce",
        *,
        by_us: int | str,
        by: OneTarget | str | None = None,
        about: str | None = None,
        times: int = 1,
    ) -> Entry:
        return self.fault(DelayResponse(_one(by), api, about, times, by_us=microseconds(by_us)))

    def detain_request(
        self,
        api: str = "Produce",
        *,
        by_us: int | str,
        to: OneTarget | str | None = None,
        about: str | None = None,
        times: int = 1,
    ) -> Entry:
        return self.fault(DetainRequest(_one(to), api, about, times, by_us=microseconds(by_us)))

    def lose_request(
        self,
        api: str = "Produce",
        *,
        to: OneTarget | str | None = None,
        about: str | None = None,
        then: Literal["reset", "stall"] = "stall",
        times: int = 1,
    ) -> Entry:
        return self.fault(LoseRequest(_one(to), api, about, times, then=then))

    def answer(
        self,
        code: str,
        *,
        api: str = "Produce",
        by: OneTarget | str | None = None,
        about: str | None = None,
        times: int = 1,
        after_append: bool = False,
    ) -> Entry:
        return self.fault(AnswerWithError(_one(by), api, about, times, code=code, after_append=after_append))


def at(time: int | str) -> When:
    """So long after the story's beginning: that many microseconds, or a time as text, `at("1.5s")`. Raises FaultTextError."""
    return When(At(microseconds(time)))


def after(point: After) -> When:
    """At a point in the protocol: `after(appended("orders-0", nth=3))`."""
    return When(point)
