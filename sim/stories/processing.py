"""The words for an application that reads, processes and writes: whose member it is, what it makes, and what it keeps together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from producer.records import check_topic
from sim.clients.consumer import Isolation
from sim.clients.consumer.group import Protocol
from sim.faults.text import read_durations
from sim.stories.checkpoints import Checkpoints

IsolationLevel = Literal["read_uncommitted", "read_committed"]

ISOLATIONS: dict[str, Isolation] = {
    "read_uncommitted": Isolation.READ_UNCOMMITTED,
    "read_committed": Isolation.READ_COMMITTED,
}
"""isolation.level, by Kafka's words."""
PROTOCOLS: dict[str, Protocol] = {"classic": "classic", "consumer": "consumer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Processing:
    """An application is given a topic's records as a member of a group, and makes records of each. Raises ValueError.

    What it makes of one poll, and how far it has read by then, is one transaction if its producer has a `transactional.id`. Without
    one it sends, waits for every answer, and commits its positions to the group: at least once.
    """

    topic: str = "orders"
    """What it reads."""
    to: str = "invoices"
    """Where it sends what it makes: each record under the key of the one that it was made of."""
    group: str = "processors"
    """group.id of its consumer."""
    protocol: Protocol = "classic"
    """group.protocol."""
    isolation: IsolationLevel = "read_committed"
    """isolation.level of its consumer."""
    records_max: int = 10
    """max.poll.records: how many records of a poll, and so of a transaction, at most."""
    parts: int = 1
    """How many records it makes of each."""
    work_us: int = 0
    """What it takes to process one."""
    gives_metadata: bool = True
    """Whether positions in a transaction come with the member's id and generation, so that a zombie's are refused (KIP-447)."""
    checkpoints: Checkpoints | None = None
    """How often it keeps its positions itself, in no group, and commits behind that, as Flink's sinks do; None: it is in a group."""

    def __post_init__(self) -> None:
        """Check the values one by one."""
        read_durations(self)
        check_topic(self.topic)
        check_topic(self.to)
        if self.topic == self.to:
            raise ValueError(f"Processing.topic and Processing.to are both {self.to!r}: it would process what it makes")
        if not self.group:
            raise ValueError("Processing.group is empty, must name a group")
        if self.protocol not in PROTOCOLS:
            raise ValueError(f"Processing.protocol is {self.protocol!r}, must be one of {', '.join(PROTOCOLS)}")
        if self.isolation not in ISOLATIONS:
            raise ValueError(f"Processing.isolation is {self.isolation!r}, must be one of {', '.join(ISOLATIONS)}")
        for name, least in (("records_max", 1), ("parts", 1), ("work_us", 0)):
            given = getattr(self, name)
            if type(given) is not int or given < least:
                raise ValueError(f"Processing.{name} is {given!r}, must be a whole number, and at least {least}")
