"""The words of a scenario, and how one is found by its name or its path.

A scenario is a question about a promise, asked by experiment: a cluster, a producer's properties, an application, and a
schedule of faults; and the answer that is expected.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from producer.errors import ConfigError
from sim.cluster.config import ClusterConfig
from sim.cluster.gateways import GATEWAY
from sim.cluster.key_services import KEY_SERVICE
from sim.cluster.named_settings import with_settings
from sim.cluster.topic_config import TopicConfig
from sim.faults import followers, leader
from sim.faults.names import UnknownNameError, check_names, check_points, check_sends
from sim.faults.points import (
    acknowledged,
    appended,
    batch_sent,
    elected,
    event,
    killed,
    phase_began,
    phase_ended,
    phase_sent,
    sent,
    started,
    stopped,
    transaction_began,
    transaction_ended,
    transaction_ending,
)
from sim.faults.reading import Read
from sim.faults.schedule import After, Entry, Schedule
from sim.faults.text import nearest, read_durations
from sim.faults.words import after, at
from sim.judges.guarantees import GUARANTEES
from sim.stories.applications import Application, Resends, check_cast
from sim.stories.gateways import GatewayConfig
from sim.stories.mistakes import no_scenario, told, told_of_value
from sim.stories.schemas import Deserializing, RegistryConfig, check_places
from sim.stories.secrets import KeyServiceConfig, Secret
from sim.stories.typed import wrong_type
from sim.stories.variation import split_name, varied
from sim.stories.workload import CompositeKeys, HotKey, KeysInTurn, KeyValue, NoKeys, Phase, Workload
from sim.world.units import SECOND_US

__all__ = [
    "SECOND_US",
    "Application",
    "ClusterConfig",
    "CompositeKeys",
    "HotKey",
    "InvalidScenarioError",
    "KeysInTurn",
    "NoKeys",
    "Phase",
    "Resends",
    "Scenario",
    "ScenarioError",
    "TopicConfig",
    "UnknownScenarioError",
    "Workload",
    "acknowledged",
    "after",
    "appended",
    "at",
    "batch_sent",
    "elected",
    "event",
    "followers",
    "killed",
    "leader",
    "load",
    "load_all",
    "names",
    "phase_began",
    "phase_ended",
    "phase_sent",
    "sent",
    "started",
    "stopped",
    "transaction_began",
    "transaction_ended",
    "transaction_ending",
]

CATALOGUE = "scenarios"
"""The package whose modules are found by name."""
MODULE_OF_FILE = "acklab_scenario_"
"""How the name begins that a scenario's file has as a module."""


class ScenarioError(Exception):
    """A scenario cannot be had; the message names it."""


class UnknownScenarioError(ScenarioError):
    """No scenario has that name."""


class InvalidScenarioError(ScenarioError):
    """A file is not a scenario: the message names the file and what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One story. Raises ValueError for a value that cannot be."""

    name: str
    """What reports, witnesses and the screen call it."""
    question: str
    """What it asks, in one line."""
    cluster: ClusterConfig
    """Brokers, topics, and what they are configured to."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Kafka's settings of its topics and brokers that differ: `{"orders.min.insync.replicas": "1"}`, `{"broker.replica.lag.time.max.ms": "5000"}`."""
    producer: Mapping[str, str] = field(default_factory=dict)
    """Kafka's dotted properties that differ from the defaults, without the bootstrap servers."""
    workload: Workload = field(default_factory=Workload)
    """What its application sends."""
    applications: tuple[Application, ...] = ()
    """Who takes part, where it is more than one application with these properties and this workload."""
    schedule: Schedule = ()
    """What goes wrong and when: `(at("2s").crash("b1"), …)`."""
    readers: Schedule = ()
    """Who reads while the story goes on: `at(0).read("orders")`. They stay where a search draws another schedule."""
    registry: RegistryConfig | None = None
    """The schema registries; None: there is none, unless it is a mock."""
    reading_as: Mapping[str, str] = field(default_factory=dict)
    """How those who read log in: `security.protocol` and `sasl.*`, as producers do. Empty: by the cluster's first listener."""
    deserializing: tuple[Deserializing, ...] = ()
    """Which readers make values of what they are given, and by which schemas."""
    keys: KeyServiceConfig | None = None
    """The key service; None: there is none."""
    bundles: Mapping[str, Any] | None = None
    """Shared defaults of its applications, as `acklab doctor --policy` reads them: `bundles`, and which of them hold for whom. What an
    application says itself is its producer's properties. None: there are none."""
    gateway: GatewayConfig | None = None
    """The gateway before its brokers; None: there is none."""
    secrets: tuple[Secret, ...] = ()
    """What is to lie on no disk as it is: the judge of `disclosed` looks for it in the end."""
    expects: frozenset[str] = frozenset()
    """Names of the guarantees it breaks; empty where all hold."""
    repairs_after_us: int = SECOND_US
    """How long after the last fault somebody opens the links and resumes what is paused; the dead stay dead."""
    revives_after_us: int = 15 * SECOND_US
    """How long after that crashed brokers come back; beyond a broker's session, so that leaders are elected before."""
    patience_us: int = 3_600 * SECOND_US
    """How long after a fault the next one is waited for while an application is at work; then somebody repairs, and it may still come."""
    duration_us_max: int = 300 * SECOND_US
    """When the story ends even if its application has not."""
    shows_partitions: bool = False
    """Whether a report shows how records, bytes and keys spread over the partitions."""
    notes: str = ""
    """What to try next."""

    def __post_init__(self) -> None:
        read_durations(self)
        if self.bundles is not None:
            object.__setattr__(self, "bundles", _frozen(self.bundles))
        unknown = sorted(self.expects - GUARANTEES.keys())
        if unknown:
            near = nearest(unknown[0], GUARANTEES) or f", must be of {', '.join(GUARANTEES)}"
            raise ValueError(f"Scenario.expects has {unknown[0]!r}{near}")
        if self.applications:
            check_cast(self.applications)
            if self.producer or self.workload != Workload():
                raise ValueError("Scenario has applications: each has its own producer and workload")
        others = [str(entry) for entry in self.readers if not isinstance(entry.fault, Read)]
        if others:
            raise ValueError(f"Scenario.readers has '{others[0]}', must be of entries such as at(0).read('orders')")
        names = [one.name for one in self.cast]
        self.check_names((*self.schedule, *self.readers))
        self._check_deserializing()
        awaited = [one.waits_for for part in self.cast for one in part.workload.phases if one.waits_for is not None]
        points = [one if isinstance(one, After) else one.partition for one in awaited]
        check_points(
            points, self.schedule, self.cluster_as_set, names, restarting=self.restarting, registries=self._beside
        )
        for name in ("repairs_after_us", "revives_after_us", "patience_us", "duration_us_max"):
            if type(getattr(self, name)) is not int or getattr(self, name) < 0:
                raise ValueError(
                    f"Scenario.{name} is {getattr(self, name)!r}, must be a whole number, and not negative"
                )
        late = [one.name for one in self.cast if (one.starts_after_us or 0) > self.duration_us_max]
        if late:
            raise ValueError(f"{late[0]} starts after Scenario.duration_us_max, when the story is over")
        through = [one.name for one in self.cast if one.through]
        if through and self.gateway is None:
            raise ValueError(f"{through[0]} comes through a gateway, and Scenario.gateway is None: there is none")
        if self.gateway is not None and not through:
            raise ValueError("Scenario.gateway stands there for nobody: no application comes through it")
        if "bootstrap.servers" in self.producer:
            raise ValueError("Scenario.producer has bootstrap.servers, which is the simulated cluster's matter")

    @property
    def cluster_as_set(self) -> ClusterConfig:
        """The cluster with the settings over it: what a run plays on. Raises ValueError for a setting that cannot be."""
        return with_settings(self.cluster, self.settings) if self.settings else self.cluster

    @property
    def cast(self) -> tuple[Application, ...]:
        """Every application that takes part; the one that `producer` and `workload` tell of, if none is named."""
        return self.applications or (Application(producer=self.producer, workload=self.workload),)

    @property
    def restarting(self) -> tuple[str, ...]:
        """Applications that begin another life by themselves when one is killed."""
        return tuple([one.name for one in self.cast if one.processing is not None and one.processing.checkpoints])

    @property
    def registries(self) -> tuple[str, ...]:
        """The hosts of its schema registries."""
        return () if self.registry is None else self.registry.hosts

    @property
    def _beside(self) -> tuple[str, ...]:
        """The hosts beside the cluster's and the applications'."""
        keys = () if self.keys is None else (KEY_SERVICE,)
        return (*self.registries, *keys, *(() if self.gateway is None else (GATEWAY,)))

    def check_names(self, schedule: Sequence[Entry]) -> None:
        """Raise UnknownNameError for what is never there in this story, whatever else it is told with."""
        versions = {one.name: len(one.versions) for one in self.cast if one.versions}
        versions |= {one.reader: len(one.versions) for one in self.deserializing}
        check_names(
            tuple(schedule),
            self.cluster_as_set,
            [one.name for one in self.cast],
            restarting=self.restarting,
            registries=self._beside,
            versions=versions,
        )

    def _check_deserializing(self) -> None:
        """Raise ValueError for somebody who decodes and does not read, reads as a member of a group, or asks nobody."""
        reads = {entry.fault.reader: entry.fault for entry in self._reads}
        for words in self.deserializing:
            read = reads.get(words.reader)
            if read is None:
                known = ", ".join(name for name in reads if name) or "none with a name"
                raise ValueError(f"Scenario.deserializing has {words.reader!r}, readers are {known}")
            if read.group is not None:
                raise ValueError(f"Scenario.deserializing has {words.reader!r}, which reads as a member of a group")
            check_places(words.registry.split(","), self.registry, f"{words.reader}'s registry")
        for one in self.cast:
            urls = str(one.producer.get("schema.registry.url", ""))
            check_places(urls.split(",") if urls else (), self.registry, f"{one.name}'s schema.registry.url")

    @property
    def _reads(self) -> list[Any]:
        return [entry for entry in (*self.readers, *self.schedule) if isinstance(entry.fault, Read)]

    def with_records(self, records: Sequence[KeyValue], of: str = "") -> Scenario:
        """Give the scenario with those records in place of one application's own. Raises ValueError if it is not clear whose.

        Raises ConfigError for one whose values are objects. Topics, partitions, headers and times are as its workload has them.
        """
        names = [one.name for one in self.cast]
        made = [one.name for one in self.cast if one.versions and one.name == (of or names[0])]
        if made:
            raise ConfigError(f"{made[0]} makes bytes of its own values: it has no room for records of a file")
        if of not in (*names, *([""] if len(names) == 1 else [])):
            raise ValueError(f"records of {of or 'whom'!r}: applications are {', '.join(names)}")
        if not self.applications:
            return replace(self, workload=self.workload.bringing(records))
        applications = tuple(
            replace(one, workload=one.workload.bringing(records)) if one.name == (of or names[0]) else one
            for one in self.applications
        )
        return replace(self, applications=applications)


def names() -> tuple[str, ...]:
    """Names of the scenarios in the catalogue, sorted."""
    package = importlib.import_module(CATALOGUE)
    return tuple(sorted(module.name for module in pkgutil.iter_modules(package.__path__) if not module.ispkg))


def names_file(name_or_path: str) -> bool:
    """Whether it is a path, and not a name in the catalogue; changes may stand behind either."""
    plain, _ = split_name(name_or_path)
    return plain.endswith(".py") or "/" in plain


def load(name_or_path: str) -> Scenario:
    """Find a scenario by its name in the catalogue, or by the path of a file that defines `SCENARIO`.

    Changes may stand behind either, as `+brokers=4` (`sim.stories.variation`). Raises UnknownScenarioError with the nearest
    name, or InvalidScenarioError naming the file and the reason.
    """
    plain, changes = split_name(name_or_path)
    if changes:
        try:
            return varied(load(plain), changes)
        except ValueError as error:
            raise InvalidScenarioError(f"{name_or_path}: {error}") from error
    if names_file(name_or_path):
        return _from_file(Path(name_or_path))
    known = names()
    if name_or_path not in known:
        if Path(f"{name_or_path}.py").is_file():
            raise UnknownScenarioError(f"unknown scenario {name_or_path!r}: there is a file {name_or_path}.py")
        near = get_close_matches(name_or_path, known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise UnknownScenarioError(f"unknown scenario {name_or_path!r}: {hint}")
    where = f"{CATALOGUE}.{name_or_path}"
    try:
        module = importlib.import_module(where)
    except Exception as error:
        raise InvalidScenarioError(f"{where}: {type(error).__name__}: {error}") from error
    return _scenario_in(module, where)


def load_all() -> tuple[Scenario, ...]:
    """Load the whole catalogue, by name."""
    return tuple(load(name) for name in names())


def _from_file(path: Path) -> Scenario:
    if not path.is_file():
        if path.is_dir():
            raise UnknownScenarioError(f"{path} is a directory, not a scenario")
        beside = [str(one) for one in sorted(path.parent.glob("*.py"))] if path.parent.is_dir() else []
        raise UnknownScenarioError(f"{path} does not exist{nearest(str(path), beside)}")
    spec = importlib.util.spec_from_file_location(f"{MODULE_OF_FILE}{path.stem}", path)
    if spec is None or spec.loader is None:
        raise InvalidScenarioError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise InvalidScenarioError(told(error, path)) from error
    finally:
        del sys.modules[module.__name__]
    if not isinstance(getattr(module, "SCENARIO", None), Scenario):
        raise InvalidScenarioError(f"{path}: {no_scenario(module, Scenario)}")
    try:
        found = _scenario_in(module, str(path))
    except InvalidScenarioError as error:
        raise InvalidScenarioError(told_of_value(path, str(error).removeprefix(f"{path}: "))) from error
    mistyped = wrong_type(found)
    if mistyped:
        raise InvalidScenarioError(told_of_value(path, mistyped))
    return found


def _scenario_in(module: ModuleType, where: str) -> Scenario:
    found: Any = getattr(module, "SCENARIO", None)
    if not isinstance(found, Scenario):
        raise InvalidScenarioError(f"{where}: {no_scenario(module, Scenario)}")
    _check_sends(found, where)
    return found


def _check_sends(scenario: Scenario, where: str) -> None:
    """A misspelled topic would make a run in which every send fails in vain."""
    for one in scenario.cast:
        if not one.workload.may_miss:
            try:
                check_sends(one.destinations, scenario.schedule, scenario.cluster_as_set, sender=one.name)
            except UnknownNameError as error:
                raise InvalidScenarioError(f"{where}: {error}; if that is the question, say may_miss=True") from error


def _frozen(value: Any) -> Any:
    """Give a value whose lists are tuples, as a story is a value: one that was written down and read is the same again."""
    if isinstance(value, Mapping):
        return {name: _frozen(one) for name, one in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value
