"""The words for what is said in schemas: a cluster's registry, the versions of an application's code, who reads by which schema."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from producer.schemas.compatibility.levels import CompatibilityLevel
from producer.schemas.schema import Schema
from sim.cluster.registries import REGISTRY
from sim.registry.mock import MOCK
from sim.registry.node.names import registry_host

Unreadable = Literal["stop", "skip", "dead"]
"""What a reader does about a record of which it can make no value: nothing behind it is read (as `poll` raises at it again and
again), it is left out, or it goes to the dead-letter topic first."""
UNREADABLE: tuple[Unreadable, ...] = ("stop", "skip", "dead")

_REGISTRY = re.compile(REGISTRY)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryConfig:
    """The schema registries of a story, each a process on a host of its own. Raises ValueError for a value that cannot be."""

    nodes: int = 1
    """`registry-1` and so on, of one cluster whose log is the topic `_schemas`. 0: there is none but those apart."""
    level: str = "BACKWARD"
    """The compatibility level that holds (schema.compatibility.level)."""
    subjects: tuple[tuple[str, Schema], ...] = ()
    """What is registered before the story begins, in this order."""
    apart: tuple[str, ...] = ()
    """Registries that know nothing of those: each by the name of its host, as `staging-registry-1`. Their log is their own."""

    def __post_init__(self) -> None:
        if type(self.nodes) is not int or self.nodes < 0 or not (self.nodes or self.apart):
            raise ValueError(
                f"RegistryConfig.nodes is {self.nodes!r}, must be a whole number, at least 1 without others"
            )
        if self.level not in list(CompatibilityLevel):
            raise ValueError(f"RegistryConfig.level is {self.level!r}, must be one of {', '.join(CompatibilityLevel)}")
        if self.subjects and not self.nodes:
            raise ValueError("RegistryConfig.subjects are given, and there is no node to register them")
        _check_alone(schema for _, schema in self.subjects)
        for place, name in enumerate(self.apart):
            if not _REGISTRY.fullmatch(name) or name in self.hosts[: self.nodes + place]:
                raise ValueError(
                    f"RegistryConfig.apart has {name!r}, must be names as staging-registry-1, and nobody else's"
                )

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every registry by the name of its host."""
        return (*(registry_host(number) for number in range(1, self.nodes + 1)), *self.apart)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an application's code: by which schema it writes, and which values. Raises ValueError."""

    values: tuple[Any, ...]
    """What its serializer takes, dicts for records: one for each record in turn."""
    schema: Schema | None = None
    """None where its serializer needs none, or takes the latest version of the subject."""

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("Version.values is empty, must have at least 1")
        _check_alone([self.schema] if self.schema is not None else [])


@dataclass(frozen=True, slots=True, kw_only=True)
class Deserializing:
    """A reader makes values of what it is given, by schemas that it asks a registry for. Raises ValueError."""

    reader: str
    """The one that a schedule names: `read orders as billing`."""
    versions: tuple[Schema | None, ...] = (None,)
    """What it wants to be given, version by version of its code; None: whatever was written."""
    registry: str = "http://registry-1:8081"
    """schema.registry.url."""
    unreadable: Unreadable = "stop"
    """What it does about a record of which it can make no value."""

    def __post_init__(self) -> None:
        if not self.versions:
            raise ValueError("Deserializing.versions is empty, must have at least 1")
        if self.unreadable not in UNREADABLE:
            raise ValueError(f"Deserializing.unreadable is {self.unreadable!r}, must be one of {', '.join(UNREADABLE)}")
        _check_alone(one for one in self.versions if one is not None)


def check_places(urls: Iterable[str], registry: RegistryConfig | None, whose: str) -> None:
    """Raise ValueError for a registry's URL where nobody is: neither one of the story's hosts, nor a `mock://`."""
    hosts = () if registry is None else registry.hosts
    for url in urls:
        if url.startswith(MOCK):
            if not url.removeprefix(MOCK).strip("/"):
                raise ValueError(f"{whose} has {url!r}, must name whom it is shared with, as {MOCK}shop")
        elif urlsplit(url).hostname not in hosts:
            known = ", ".join(hosts) or "none: the scenario has no RegistryConfig"
            raise ValueError(f"{whose} has {url!r}, registries are {known}; or {MOCK}NAME")


def schemas_of(scenario: Any) -> Iterator[tuple[str, Schema]]:
    """Give every schema of a story, and whose it is."""
    for one in scenario.cast:
        for number, version in enumerate(one.versions, start=1):
            if version.schema is not None:
                yield f"{one.name} version {number}", version.schema
    for reading in scenario.deserializing:
        for number, schema in enumerate(reading.versions, start=1):
            if schema is not None:
                yield f"{reading.reader} version {number}", schema


def _check_alone(schemas: Iterable[Schema]) -> None:
    """A story's schemas stand in its file, and what they refer to would be asked of a registry that has not begun."""
    for schema in schemas:
        if schema.references:
            raise ValueError(f"a schema refers to {schema.references[0].name!r}: a story's schemas must stand alone")
