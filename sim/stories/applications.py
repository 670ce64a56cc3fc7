"""The words for who takes part in a story: applications, each with its own producer, its own records and its own lives."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sim.clients.drivers import PRODUCER
from sim.cluster.gateways import GATEWAY
from sim.cluster.key_services import KEY_SERVICE
from sim.cluster.registries import REGISTRY
from sim.faults.text import read_durations
from sim.stories.auditing import Audit
from sim.stories.processing import Processing
from sim.stories.schemas import Version
from sim.stories.workload import Workload

NewLife = Literal["goes on", "sends again", "begins anew"]
"""What a process that begins again takes up: what no life before it handed over; that, and before it whatever no life
was told is written; or everything, from the first record on."""

NEW_LIVES: tuple[NewLife, ...] = ("goes on", "sends again", "begins anew")
OUTCOMES = frozenset({"failed", "unknown"})
"""What an application may be told of a record that is not acknowledged."""

_NAME = re.compile(r"[A-Za-z][\w.-]*")
_TAKEN = re.compile(rf"b\d+|controller|consumer-.*|.*\.\d+|{REGISTRY}|{KEY_SERVICE}|{GATEWAY}")


@dataclass(frozen=True, slots=True)
class Resends:
    """An application sends a record again, as a new record, when it is told that it failed. Raises ValueError."""

    times_max: int = 3
    """How often at most, for each record."""
    wait_us: int = 100_000
    """From the bad news to the next send."""
    on: frozenset[str] = OUTCOMES
    """Which news: `failed` (certainly not written), `unknown` (perhaps written), or both."""

    def __post_init__(self) -> None:
        read_durations(self)
        if self.times_max < 1:
            raise ValueError(f"Resends.times_max is {self.times_max}, must be at least 1")
        if self.wait_us < 0:
            raise ValueError(f"Resends.wait_us is {self.wait_us}, must not be negative")
        if not self.on or self.on - OUTCOMES:
            raise ValueError(f"Resends.on is {sorted(self.on)}, must be of {', '.join(sorted(OUTCOMES))}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One application of a story. Raises ValueError for a value that cannot be.

    Each of its lives is a client of its own in the trace, on a host of its own: `billing`, then `billing.2` and so on.
    """

    name: str = PRODUCER
    """What faults, points and reports call it; its first client has that name, too."""
    producer: Mapping[str, str] = field(default_factory=dict)
    """Kafka's dotted properties that differ from the defaults, without the bootstrap servers."""
    workload: Workload = field(default_factory=Workload)
    """What it sends."""
    starts_after_us: int | None = 0
    """When its first life begins, counted from the story's begin; None: when a fault says so (`start billing`)."""
    new_life: NewLife = "goes on"
    """What a later life sends."""
    resends: Resends | None = None
    """Whether it sends a record again that failed, or a transaction that was aborted; None: it lets it go."""
    processing: Processing | None = None
    """What it makes of what it reads, in place of a workload; None: it reads nothing."""
    audit: Audit | None = None
    """Whether what it writes is told in an audit; None: it is not."""
    versions: tuple[Version, ...] = ()
    """Versions of its code, whose values its `value.serializer` makes bytes of; the first runs until another is deployed. Without
    any, its records are bytes."""
    policy: Mapping[str, Any] | None = None
    """What rules on its records before they are sent, as a policy file has it (`producer.governance`); None: nothing does."""
    through: str = ""
    """`gateway`: it comes to brokers by the story's gateway, and by nothing else. Empty: directly."""
    latency_p99_us: int | None = None
    """What a record of its own may take from its send to its acknowledgement, 99 of 100 of them: held against whoever shares the
    cluster with it (isolation). None: nobody says."""

    def __post_init__(self) -> None:
        read_durations(self)
        if not _NAME.fullmatch(self.name) or _TAKEN.fullmatch(self.name):
            raise ValueError(
                f"Application.name is {self.name!r}, must be a letter, then letters, digits, '_', '.' and '-'; not that of "
                "a broker (b1), the controller, a registry (registry-1), the key service (key-service), the gateway (gateway) or a consumer (consumer-…), nor end as later lives do (.2)"
            )
        if self.starts_after_us is not None and self.starts_after_us < 0:
            raise ValueError(f"Application.starts_after_us is {self.starts_after_us}, must not be negative")
        if self.latency_p99_us is not None and self.latency_p99_us < 1:
            raise ValueError(f"Application.latency_p99_us is {self.latency_p99_us}, must be at least 1")
        if self.new_life not in NEW_LIVES:
            raise ValueError(f"Application.new_life is {self.new_life!r}, must be one of {', '.join(NEW_LIVES)}")
        if self.processing is not None and (self.workload != Workload() or self.resends or self.new_life != "goes on"):
            raise ValueError(
                f"{self.name} has processing: it sends what it makes, and goes on where its group has come"
            )
        if self.versions and (
            self.processing is not None or self.workload.transaction_records or "transactional.id" in self.producer
        ):
            raise ValueError(f"{self.name} has versions: it neither processes, nor keeps records together")
        if self.versions and isinstance(self.workload.records, tuple):
            raise ValueError(f"{self.name} has versions, which bring its values: Workload.records is a number then")
        if self.policy is not None and (
            self.processing is not None or self.versions or self.workload.transaction_records
        ):
            raise ValueError(
                f"{self.name} has a policy: it neither processes, nor keeps records together, and its values are bytes"
            )
        if self.through not in {"", GATEWAY}:
            raise ValueError(f"Application.through is {self.through!r}, must be {GATEWAY!r}, or empty: directly")
        if self.through and (self.processing is not None or self.versions):
            raise ValueError(
                f"{self.name} comes through a gateway: it neither processes, as readers come directly, nor has versions, as "
                "a story's gateway asks no registry"
            )
        if "bootstrap.servers" in self.producer:
            raise ValueError(f"{self.name}'s producer has bootstrap.servers, which is the simulated cluster's matter")

    @property
    def destinations(self) -> tuple[tuple[str, int | None], ...]:
        """Every topic that it needs, with each partition that it chooses there itself; None: the partitioner does."""
        if self.processing is not None:
            return (self.processing.topic, None), (self.processing.to, None)
        return self.workload.destinations


def check_cast(applications: Sequence[Application]) -> None:
    """Raise ValueError for applications that cannot take part in one story."""
    names = [one.name for one in applications]
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise ValueError(f"Scenario.applications has two of the name {twice!r}")
    if all(one.starts_after_us is None for one in applications):
        raise ValueError("Scenario.applications has none that starts by itself, so the story has no begin")
    if all(one.processing is not None for one in applications):
        raise ValueError("Scenario.applications has none with a workload, so there is nothing to be processed")
