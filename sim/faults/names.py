"""Whether what a schedule names can ever be there: brokers, partitions, hosts, applications of a story that has not begun.

What is there but cannot be struck at its moment is another matter: the cluster refuses it then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

from producer import events as engine
from producer.records import TopicPartition
from sim.clients.drivers import PRODUCER
from sim.cluster.applications import client_of, life_of
from sim.faults import (
    AddPartitions,
    Alter,
    CloseReader,
    Coordinator,
    CreateTopic,
    Deny,
    Deploy,
    FaultTextError,
    Followers,
    Grant,
    KillApplication,
    Leader,
    RawWrite,
    Read,
    ReplaceApplication,
    RestartApplication,
    Revoke,
    StartApplication,
    TransactionCoordinator,
)
from sim.faults.schedule import After
from sim.faults.text import topic_partition
from sim.trace.events import application, exactly_once
from sim.trace.trace import EVENT_TYPES

if TYPE_CHECKING:
    from sim.cluster.config import ClusterConfig
    from sim.faults.schedule import Entry, Schedule

CONTROLLER = "controller"
HOSTS = (CONTROLLER, PRODUCER)
"""Who is on the network beside the brokers while a story with one application is told."""

OF_WHOLE_APPLICATIONS = (StartApplication, RestartApplication, ReplaceApplication)
"""Faults that begin a life, and so name none."""
OF_APPLICATIONS = frozenset(
    name for name in (*vars(application), *vars(exactly_once), *vars(engine)) if name in EVENT_TYPES
)
"""Events whose client is a life of an application: what it does and is told, and what its engine says."""

NO_VERSIONS: Mapping[str, int] = {}

_WHOM = ("broker", "controller", "host", "replica", "to", "source", "target")
"""Fields of faults that hold targets."""


class UnknownNameError(FaultTextError):
    """A schedule names what its cluster never has: the message says which entry, and what there is."""


def check_names(
    schedule: Schedule,
    config: ClusterConfig,
    applications: Sequence[str] = (PRODUCER,),
    *,
    restarting: Sequence[str] = (),
    registries: Sequence[str] = (),
    versions: Mapping[str, int] = NO_VERSIONS,
) -> None:
    """Raise UnknownNameError for what can never be there. An entry that may be refused may name anything.

    `restarting` are the applications that begin another life by themselves when one is killed, `registries` the hosts of schema
    registries, `versions` says how many versions of their code applications and readers have, if they have any.
    """
    known = _Known(schedule, config, applications, restarting, registries, versions)
    for entry in schedule:
        reason = "" if entry.may_be_refused else next(filter(None, known.reasons(entry)), "")
        if reason:
            raise UnknownNameError(f"'{entry}' {reason}")


def check_sends(
    sends: Iterable[tuple[str, int | None]], schedule: Schedule, config: ClusterConfig, *, sender: str
) -> None:
    """Raise UnknownNameError for a topic, or a partition of one, that an application sends to and that is never there."""
    known = _Known(schedule, config, ())
    for topic, partition in sends:
        reason = known.topic(topic) if partition is None else known.partition(TopicPartition(topic, partition))
        if reason:
            raise UnknownNameError(f"{sender}'s workload {reason}")


def check_points(
    points: Iterable[After | str],
    schedule: Schedule,
    config: ClusterConfig,
    applications: Sequence[str],
    *,
    restarting: Sequence[str] = (),
    registries: Sequence[str] = (),
) -> None:
    """Raise UnknownNameError for a point in the protocol, or a partition, that an application waits for and that never comes.

    `restarting` and `registries` as for `check_names`.
    """
    known = _Known(schedule, config, applications, restarting, registries)
    for point in points:
        reasons = known.point(point) if isinstance(point, After) else iter((known.partition(topic_partition(point)),))
        reason = next(filter(None, reasons), "")
        if reason:
            raise UnknownNameError(f"waiting for '{point}' {reason}")


class _Known:
    """What there is, or will be, in one cluster. Every answer says why a name means nothing; empty if it may."""

    def __init__(
        self,
        schedule: Schedule,
        config: ClusterConfig,
        applications: Sequence[str],
        restarting: Sequence[str] = (),
        registries: Sequence[str] = (),
        versions: Mapping[str, int] = NO_VERSIONS,
    ) -> None:
        self._config = config
        self._registries = tuple(registries)
        self._versions = versions
        self._lives = dict.fromkeys(applications, 1)
        reads = [entry.fault.reader for entry in schedule if isinstance(entry.fault, Read)]
        self._readers = tuple(name or f"reader-{place}" for place, name in enumerate(reads, start=1))
        writes = [entry.fault.client for entry in schedule if isinstance(entry.fault, RawWrite)]
        self._raw_clients = tuple(dict.fromkeys(writes))
        self._brokers = config.brokers
        self._creates_topics = config.auto_create_topics
        self._partitions = {topic.name: topic.partitions for topic in config.topics}
        for entry in schedule:
            fault = entry.fault
            if isinstance(fault, CreateTopic):
                partitions = config.auto_created_topic.partitions if fault.partitions is None else fault.partitions
                self._partitions[fault.topic] = max(partitions, self._partitions.get(fault.topic, 0))
            if isinstance(fault, AddPartitions) and fault.topic in self._partitions:
                self._partitions[fault.topic] = max(fault.count, self._partitions[fault.topic])
            if isinstance(fault, (RestartApplication, ReplaceApplication)) and fault.application in self._lives:
                self._lives[fault.application] += 1
            if isinstance(fault, Deploy) and fault.whom in self._lives:
                self._lives[fault.whom] += 1
            if isinstance(fault, KillApplication) and (name := life_of(fault.application)[0]) in restarting:
                self._lives[name] += 1

    def reasons(self, entry: Entry) -> Iterator[str]:
        """Look at all that an entry names."""
        if isinstance(entry.when, After):
            yield from self.point(entry.when)
        for field in fields(entry.fault):
            value = getattr(entry.fault, field.name)
            if field.name in _WHOM:
                yield from map(self._target, value if isinstance(value, tuple) else (value,))
            elif field.name == "partition" and value is not None:
                yield self.partition(topic_partition(value))
            elif field.name == "topic" and value is not None:
                yield self.topic(value)
            elif field.name == "directory":
                yield self._directory(value)
            elif field.name == "application" and value is not None:
                yield self._application(value, entry.fault)
            elif field.name == "client":
                yield self._raw_client(value)
            elif field.name == "registry":
                yield self._registry(value)
        if isinstance(entry.fault, CloseReader):
            yield self._reader(entry.fault.reader)
        if isinstance(entry.fault, Deploy):
            yield self._version(entry.fault.whom, entry.fault.version)
        if isinstance(entry.fault, (Alter, Grant, Deny, Revoke)):
            yield entry.fault.refusal(self._config)

    def point(self, point: After) -> Iterator[str]:
        """Look at all that a point in the protocol names."""
        for name, wanted in point.where:
            if isinstance(wanted, (Leader, Followers, Coordinator, TransactionCoordinator)):
                yield self._target(wanted)
            elif name == "client" and point.event in OF_APPLICATIONS:
                yield self._client(str(wanted))

    def _target(self, target: int | Leader | Followers | Coordinator | TransactionCoordinator | str | None) -> str:
        match target:
            case int():
                is_known = 1 <= target <= self._brokers
                return "" if is_known else f"names broker {target}, brokers are 1..{self._brokers}"
            case Leader(partition) | Followers(partition):
                return self.partition(topic_partition(partition))
            case Coordinator() | TransactionCoordinator():
                return ""  # any broker may come to coordinate any group or transactional id
            case str():
                brokers = [f"b{broker}" for broker in range(1, self._brokers + 1)]
                controllers = dict.fromkeys((CONTROLLER, *self._config.controller_hosts))
                clients = (*self._clients(), *self._raw_clients, *self._readers)
                hosts = (*controllers, *clients, *self._registries, *brokers)
                return "" if target in hosts else f"names host {target!r}, hosts are {', '.join(hosts)}"
            case None:
                return ""

    def _directory(self, number: int) -> str:
        has = "1 log directory" if self._config.log_dirs == 1 else f"{self._config.log_dirs} log directories"
        return "" if number <= self._config.log_dirs else f"names log directory {number}, brokers have {has}"

    def _application(self, text: str, fault: object) -> str:
        if text in self._lives:
            return ""
        name, life = life_of(text)
        if life is None or name not in self._lives or isinstance(fault, OF_WHOLE_APPLICATIONS):
            return f"names application {text!r}, applications are {', '.join(self._lives)}"
        has = "1 life" if self._lives[name] == 1 else f"{self._lives[name]} lives at most"
        return "" if 1 <= life <= self._lives[name] else f"names {text}, {name} has {has}"

    def _registry(self, text: str) -> str:
        known = ", ".join(self._registries) or "none"
        return "" if text in self._registries else f"names registry {text!r}, registries are {known}"

    def _version(self, whom: str, version: int) -> str:
        count = self._versions.get(whom)
        if count is None:
            known = ", ".join(self._versions) or "nobody"
            return f"names {whom!r}, and {known} has versions"
        has = "1 version" if count == 1 else f"{count} versions"
        return "" if version <= count else f"names version {version} of {whom}, which has {has}"

    def _reader(self, text: str) -> str:
        return (
            "" if text in self._readers else f"names reader {text!r}, readers are {', '.join(self._readers) or 'none'}"
        )

    def _client(self, text: str) -> str:
        clients = (*self._clients(), *self._raw_clients)
        return "" if text in clients else f"names client {text!r}, clients are {', '.join(clients)}"

    def _raw_client(self, text: str) -> str:
        taken = (*self._config.controller_hosts, CONTROLLER, *self._clients(), *self._readers)
        return f"names a raw client {text!r}, and somebody else is called that" if text in taken else ""

    def _clients(self) -> tuple[str, ...]:
        """Every life that there may be, as the trace and the network name it."""
        return tuple(client_of(name, life) for name, lives in self._lives.items() for life in range(1, lives + 1))

    def partition(self, where: TopicPartition) -> str:
        """Why nobody can mean that partition."""
        count = self._partitions.get(where.topic)
        if count is None:
            return self.topic(where.topic)
        return "" if where.partition < count else f"names partition {where}, {where.topic} has {count}"

    def topic(self, topic: str) -> str:
        """Why nobody can mean that topic."""
        if topic in self._partitions or self._creates_topics:
            return ""
        return f"names topic {topic!r}, topics are {', '.join(self._partitions) or 'none'}"
