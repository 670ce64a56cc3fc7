"""What brokers say to each other and to the controller: frozen values over the same streams that carry Kafka's bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from producer.errors import Code
from producer.records import TopicPartition
from sim.cluster.metadata_states import Address, PartitionState
from sim.cluster.stored_batch import EpochEnd, StoredBatch
from sim.cluster.topic_config import TopicConfig

NO_EPOCH = -1

# -- broker and controller ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NotController:
    """NOT_CONTROLLER: whoever was asked is not the active controller."""

    leader: str
    """The host of the one that is, as far as is known here; empty if it is not known."""


class MetadataFetch(NamedTuple):
    """A Fetch of the metadata log (KIP-595): answered with what came after this offset, as soon as there is something."""

    broker: int
    metadata_offset: int


@dataclass(frozen=True, slots=True)
class RegisterBroker:
    """BrokerRegistration: a new process of this broker asks for its broker epoch."""

    broker: int
    incarnation: int
    host: str
    """Inside the simulated network: where other brokers find it."""
    endpoints: tuple[Address, ...]
    """Where clients find it, by listener."""
    rack: str | None
    previous_broker_epoch: int = NO_EPOCH
    """What its clean shutdown file says of the life before; -1 without one: that life ended without a word (KIP-966)."""
    log_dirs: tuple[bytes, ...] = ()
    """LogDirs: the ids of its directories that work."""


@dataclass(frozen=True, slots=True)
class BrokerRegistration:
    """The controller's answer: DUPLICATE_BROKER_REGISTRATION while the session of the process before is valid."""

    code: Code
    broker_epoch: int
    metadata_offset: int
    """The broker may be unfenced once it has applied this much."""


@dataclass(frozen=True, slots=True)
class BrokerHeartbeat:
    """BrokerHeartbeat: still here, and this far with the metadata."""

    broker: int
    broker_epoch: int
    metadata_offset: int
    wants_shut_down: bool = False
    offline_log_dirs: tuple[bytes, ...] = ()
    """OfflineLogDirs: the ids of those that failed in this life, told with every heartbeat (KIP-858)."""


@dataclass(frozen=True, slots=True)
class HeartbeatAnswer:
    """The controller's answer."""

    code: Code
    is_fenced: bool
    should_shut_down: bool = False
    """Whether a broker that asked may go: it leads nothing any more, and the others know."""


class IsrMember(NamedTuple):
    """A member of a proposed ISR, as the registration that its leader knows it by (AlterPartition's BrokerState, KIP-903)."""

    broker: int
    broker_epoch: int
    """With which it last fetched from that leader; -1 if it has not yet, and then nobody can compare it."""


@dataclass(frozen=True, slots=True)
class AlterPartition:
    """AlterPartition for one partition: its leader proposes another ISR."""

    broker: int
    broker_epoch: int
    topic_id: bytes
    tp: TopicPartition
    leader_epoch: int
    partition_epoch: int
    isr: tuple[IsrMember, ...]
    """NewIsrWithEpochs: a registration that ended meanwhile brings nothing into the ISR."""


@dataclass(frozen=True, slots=True)
class AlterPartitionAnswer:
    """What the controller made of it, and the partition's state if it committed."""

    code: Code
    topic_id: bytes
    tp: TopicPartition
    leader_epoch: int
    partition_epoch: int
    """As in the request: which proposal this answers."""
    state: PartitionState | None


class DirectoryAssignment(NamedTuple):
    """One replica of a broker, and in which of its log directories that lies."""

    topic_id: bytes
    tp: TopicPartition
    directory_id: bytes


@dataclass(frozen=True, slots=True)
class AssignReplicasToDirs:
    """AssignReplicasToDirs: where a broker put replicas whose directory the controller does not know, or knows otherwise (KIP-858)."""

    broker: int
    broker_epoch: int
    assignments: tuple[DirectoryAssignment, ...]


@dataclass(frozen=True, slots=True)
class AssignReplicasToDirsAnswer:
    """The controller's answer: an error for all of it, or the partitions that it did not take."""

    code: Code
    refused: tuple[TopicPartition, ...]


@dataclass(frozen=True, slots=True)
class AllocateProducerIds:
    """AllocateProducerIds: a broker needs the next block."""

    broker: int
    broker_epoch: int


@dataclass(frozen=True, slots=True)
class ProducerIdBlock:
    """A block of producer ids for one broker."""

    code: Code
    first: int
    size: int


@dataclass(frozen=True, slots=True)
class CreateTopic:
    """CreateTopics on behalf of a client (auto.create.topics.enable)."""

    config: TopicConfig


# -- replication -------------------------------------------------------------------------------------------------------


class ReplicaFetchPartition(NamedTuple):
    """Where a follower stands in one partition."""

    topic_id: bytes
    tp: TopicPartition
    leader_epoch: int
    """The epoch the follower believes in."""
    fetch_offset: int
    last_fetched_epoch: int
    """Of the last batch in the follower's log; -1 for an empty one."""
    high_watermark: int
    """As the follower knows it: an answer tells the leader's only where that is news."""
    log_start_offset: int = 0
    """Where the follower's log begins: DeleteRecords waits for that."""


class ReplicaFetch(NamedTuple):
    """One follower's Fetch for all it follows on one leader."""

    number: int
    """Counts a fetcher's requests on one connection."""
    broker: int
    broker_epoch: int
    partitions: tuple[ReplicaFetchPartition, ...]


class ReplicaFetchResult(NamedTuple):
    """What one partition gave. Healthy partitions without news are left out of an answer (KIP-227)."""

    topic_id: bytes
    """As it was asked for."""
    tp: TopicPartition
    leader_epoch: int
    """The epoch that was asked under."""
    code: Code
    fetch_offset: int
    high_watermark: int
    log_end_offset: int
    diverging: EpochEnd | None
    batches: tuple[StoredBatch, ...]
    log_start_offset: int = 0


class ReplicaFetchAnswer(NamedTuple):
    """The leader's answer."""

    number: int
    results: tuple[ReplicaFetchResult, ...]


NOMINAL_BYTES = 100
"""What a small message counts against the bandwidth."""
