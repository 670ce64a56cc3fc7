"""The state of a run after one of its events: brokers, partitions, producers, batches, counts.

Values are named tuples that are replaced, never changed, so that a snapshot is a copy of a few small dicts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from producer.records import NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE, TopicPartition
from sim.cluster.applications import life_of
from sim.tui.view_model.governance import Governance
from sim.tui.view_model.transactions import ProducerSide, Transactions

ENDED_MAX = 24
"""How many batches that are over stay in sight; older ones are only counted."""
FAULTS_MAX = 64
"""How many faults stay in sight, the latest."""
DELIVERY_TIMEOUT_US = 120_000_000
"""Kafka's default of `delivery.timeout.ms`."""
NOBODY = -1


class Life(Enum):
    """A broker's process, or an application's."""

    UP = "up"
    PAUSED = "paused"
    STOPPING = "stopping"
    """Asked to stop in good order, and on its way."""
    DOWN = "down"


class Role(Enum):
    """What a broker is to a partition, as it knows itself."""

    LEADER = "leads"
    FOLLOWER = "follows"
    OFFLINE = "offline"
    """Its log directory failed."""
    NONE = "-"


class BatchState(Enum):
    """Where a batch is."""

    OPEN = "accumulator"
    IN_FLIGHT = "in flight"
    RETRYING = "retrying"
    DONE = "done"
    FAILED = "failed"
    SPLIT = "split"
    """Too large: its records go on in smaller batches."""


class Broker(NamedTuple):
    """One broker's process."""

    broker: int
    life: Life = Life.DOWN
    is_fenced: bool = True
    """Whether the controller counts on it no longer, or not yet."""


class Replica(NamedTuple):
    """One broker's copy of a partition."""

    role: Role = Role.NONE
    leader_epoch: int = -1
    high_watermark: int = 0
    log_end: int = 0
    undecided_from: int = -1
    """The last stable offset while it is below the high watermark; else -1: every transaction is decided."""

    @property
    def last_stable_offset(self) -> int:
        """Up to where everything is decided; the high watermark where no transaction is open."""
        return self.undecided_from if 0 <= self.undecided_from < self.high_watermark else self.high_watermark

    @property
    def is_undecided(self) -> bool:
        """Whether the last stable offset is below the high watermark: who reads what is committed waits."""
        return self.last_stable_offset < self.high_watermark


class Partition(NamedTuple):
    """A partition as the controller has it."""

    leader: int = NOBODY
    leader_epoch: int = -1
    isr: tuple[int, ...] = ()
    replicas: tuple[int, ...] = ()
    eligible: tuple[int, ...] = ()
    """Eligible leader replicas (KIP-966)."""
    min_insync_replicas: int = 1


class Connection(NamedTuple):
    """A producer's connection."""

    broker: int
    """-2 and below: a bootstrap server, whose id is not known yet."""
    address: str
    is_ready: bool = False


class Identity(NamedTuple):
    """A producer's id and epoch; -1 without idempotence, or while it asks for one."""

    producer_id: int = NO_PRODUCER_ID
    producer_epoch: int = NO_PRODUCER_EPOCH


class Batch(NamedTuple):
    """One batch of a producer, and where it is."""

    client: str
    batch: int
    topic: str
    partition: int
    state: BatchState
    opened_us: int
    deadline_us: int
    """When its records fail if there is no verdict by then (delivery.timeout.ms)."""
    records: int = 0
    attempt: int = 0
    """How often it was sent."""
    broker: int = NOBODY
    """Where it was sent last."""
    base_sequence: int = NO_SEQUENCE
    base_offset: int = -1
    code: int = 0
    """Kafka's error of the last attempt."""
    not_before_us: int = 0
    """When it may be tried again."""
    reason: str = ""
    """Why it was given up."""
    ended_us: int = -1
    sent_us: int = -1
    """When it left last."""


class Application(NamedTuple):
    """What one life of an application sent and was told."""

    sent: int = 0
    acknowledged: int = 0
    failed: int = 0
    """Certainly not written."""
    unknown: int = 0
    """Perhaps written."""
    phase: int = 0
    life: Life = Life.UP
    processes: bool = False
    """Whether it makes its records of others that it is given."""

    @property
    def waiting(self) -> int:
        """How many records have no verdict yet."""
        return self.sent - self.acknowledged - self.failed - self.unknown

    @property
    def is_raw(self) -> bool:
        """Whether it is a raw client: it sends, and neither enters a phase nor processes."""
        return self.sent > 0 and self.phase == 0 and not self.processes


class Fault(NamedTuple):
    """A fault that was injected, or refused."""

    event: int
    """Its number in the trace."""
    at_us: int
    entry: int
    """Its place in the schedule."""
    fault: str
    refusal: str = ""
    """Why it had no effect; empty if it had."""


Brokers = dict[int, Broker]
ReplicaKey = tuple[str, int, int]
"""(topic, partition, broker)."""
BatchKey = tuple[str, int]
"""(client, number)."""


@dataclass(slots=True)
class State:
    """Everything a screen shows of the run after one event (`folds.take`). Whoever gets one leaves it as it is."""

    delivery_timeouts_us: Mapping[str, int] = field(default_factory=dict)
    """By application; DELIVERY_TIMEOUT_US for one that is not known."""
    seen: int = 0
    """How many events were folded."""
    now_us: int = 0
    brokers: Brokers = field(default_factory=dict)
    partitions: dict[TopicPartition, Partition] = field(default_factory=dict)
    replicas: dict[ReplicaKey, Replica] = field(default_factory=dict)
    min_insync_replicas: dict[str, int] = field(default_factory=dict)
    """By topic."""
    applications: dict[str, Application] = field(default_factory=dict)
    """By client."""
    members: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Who reads as a member of a group: its group and its protocol, by client."""
    identities: dict[str, Identity] = field(default_factory=dict)
    """By client."""
    connections: dict[tuple[str, int], Connection] = field(default_factory=dict)
    """(client, connection) -> its state."""
    batches: dict[BatchKey, Batch] = field(default_factory=dict)
    """Batches that are not over, in the order in which they were opened."""
    ended: tuple[Batch, ...] = ()
    """The last ENDED_MAX batches that are over, in the order of their ends."""
    done: int = 0
    """How many batches were acknowledged."""
    given_up: int = 0
    """How many batches failed."""
    split: int = 0
    faults: tuple[Fault, ...] = ()
    """The last FAULTS_MAX."""
    read: int = 0
    """Records read back."""
    is_over: bool = False
    transactions: Transactions = field(default_factory=Transactions)
    governance: Governance = field(default_factory=Governance)

    def copy(self) -> State:
        """Give another state with the same content; what it holds is never changed, only replaced."""
        return State(
            self.delivery_timeouts_us, self.seen, self.now_us, self.brokers.copy(), self.partitions.copy(),
            self.replicas.copy(), self.min_insync_replicas.copy(), self.applications.copy(), self.members.copy(),
            self.identities.copy(),
            self.connections.copy(), self.batches.copy(), self.ended, self.done, self.given_up, self.split, self.faults,
            self.read, self.is_over, self.transactions.copy(), self.governance.copy(),
        )  # fmt: skip

    def delivery_timeout_us(self, client: str) -> int:
        """How long a record of that client, a life of an application, may take."""
        return self.delivery_timeouts_us.get(life_of(client)[0], DELIVERY_TIMEOUT_US)

    def owners(self, transactional_id: str) -> list[ProducerSide]:
        """Give who has a transactional id and lives; the last one if nobody does."""
        everybody = self.transactions.clients_of(transactional_id)
        living = [one for one in everybody if self.applications.get(one.client, NO_APPLICATION).life is not Life.DOWN]
        return living or everybody[-1:]

    def replica(self, where: TopicPartition, broker: int) -> Replica:
        """Give one broker's copy of a partition; an empty one if nothing was heard of it."""
        return self.replicas.get((*where, broker), NO_REPLICA)


NO_REPLICA = Replica()
NO_APPLICATION = Application()
NO_PARTITION = Partition()
