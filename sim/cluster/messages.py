"""What brokers say to each other and to the controller: frozen values over the same streams that carry Kafka's bytes.

Also the batch as it lies in a log, since a follower is sent the leader's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.record_batch import BatchHeader
from producer.wire.schema import ZERO_ID
from sim.cluster.config import TopicConfig

NO_LEADER = -1
NO_EPOCH = -1
UNASSIGNED = bytes(15) + b"\x01"
"""The directory of a replica that its broker has yet to name (DirectoryId.UNASSIGNED)."""
EVERY_BROKER = 0
"""Whose settings hold where no broker has its own: brokers are counted from 1."""

# -- the log -----------------------------------------------------------------------------------------------------------


class StoredBatch(NamedTuple):
    """A batch as the leader stamped it: the same value in every replica's log."""

    base_offset: int
    last_offset: int
    leader_epoch: int
    header: BatchHeader
    data: bytes


class EpochEnd(NamedTuple):
    """Where an epoch ends in a log: the largest epoch that is at most the one asked for, and the offset after it."""

    epoch: int
    end_offset: int


# -- metadata ----------------------------------------------------------------------------------------------------------


class Address(NamedTuple):
    """What a client is told to connect to (advertised.listeners)."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class BrokerState:
    """A broker as the metadata log has it (RegisterBrokerRecord, BrokerRegistrationChangeRecord)."""

    broker: int
    host: str
    """Inside the simulated network: where other brokers find it."""
    advertised: Address
    rack: str | None
    broker_epoch: int
    is_fenced: bool
    is_in_controlled_shutdown: bool = False
    """Whether it asked to stop and moves its leaderships away meanwhile (KIP-841)."""
    log_dirs: tuple[bytes, ...] = ()
    """The ids of its log directories that work, as it told at its registration and since (KIP-858)."""

    @property
    def is_active(self) -> bool:
        """Whether it may lead and be in sync."""
        return not self.is_fenced and not self.is_in_controlled_shutdown

    @property
    def default_dir(self) -> bytes:
        """Where a new replica of its goes, as far as that is known before it says so (DefaultDirProvider)."""
        return self.log_dirs[0] if len(self.log_dirs) == 1 else UNASSIGNED

    def has_online_dir(self, directory_id: bytes) -> bool:
        """Whether a replica in that directory can be served (DirectoryId.isOnline)."""
        return directory_id == UNASSIGNED or not self.log_dirs or directory_id in self.log_dirs


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic as the metadata log has it."""

    name: str
    topic_id: bytes
    """16 bytes, never zero."""
    config: TopicConfig
    """As it was created."""
    settings: tuple[tuple[str, str], ...]
    """Its own, as text by Kafka's names; the brokers' hold for the rest (ConfigRecord)."""


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """What was set for one broker, or for all, as the metadata log has it (ConfigRecord)."""

    broker: int
    """`EVERY_BROKER` for all of them."""
    settings: tuple[tuple[str, str], ...]
    """As text by Kafka's names."""


@dataclass(frozen=True, slots=True)
class ResourceSettings:
    """What was set for a group, or for a subscription to clients' metrics, as the metadata log has it (ConfigRecord)."""

    kind: int
    """Kafka's number of it, as in `sim.cluster.config_resources`."""
    name: str
    settings: tuple[tuple[str, str], ...]
    """As text by Kafka's names; an empty tuple when the last one was deleted."""


@dataclass(frozen=True, slots=True)
class FeatureLevel:
    """A feature whose finalized level was changed, as the metadata log has it (FeatureLevelRecord)."""

    name: str
    level: int
    """0: it is switched off."""


@dataclass(frozen=True, slots=True)
class PartitionState:
    """A partition as the metadata log has it (PartitionRecord)."""

    tp: TopicPartition
    replicas: tuple[int, ...]
    """The preferred leader first."""
    leader: int
    """-1 for none."""
    leader_epoch: int
    isr: tuple[int, ...]
    eligible_leader_replicas: tuple[int, ...]
    last_known_leader: int
    """Who led when the ISR became empty (KIP-966's last known ELR); -1 for nobody."""
    partition_epoch: int
    """Counts every change; AlterPartition compares and swaps on it (KIP-497)."""
    topic_id: bytes = ZERO_ID
    """Which of the topics that ever had this name."""
    directories: tuple[bytes, ...] = ()
    """In which of its broker's log directories each of `replicas` lies, in their order (KIP-858); none is known if empty."""
    adding_replicas: tuple[int, ...] = ()
    """Those of `replicas` that a move brings, and that have yet to be in sync (KIP-455)."""
    removing_replicas: tuple[int, ...] = ()
    """Those of `replicas` that go once it has come to its end."""

    def directory_of(self, replica: int) -> bytes:
        """Return the id of the directory in which a replica lies; `UNASSIGNED` where nobody has said."""
        if not self.directories or replica not in self.replicas:
            return UNASSIGNED
        return self.directories[self.replicas.index(replica)]


@dataclass(frozen=True, slots=True)
class RemovedTopic:
    """A topic is gone, with all of its partitions (RemoveTopicRecord)."""

    name: str
    topic_id: bytes


@dataclass(frozen=True, slots=True)
class RemovedBroker:
    """A broker is registered no longer (UnregisterBrokerRecord)."""

    broker: int
    broker_epoch: int


class MetadataDelta(NamedTuple):
    """What changed up to an offset of the metadata log; only the last state of each thing.

    Removals come first: a topic of the same name may have been created since, a broker of the same id have registered.
    """

    offset: int
    brokers: tuple[BrokerState, ...] = ()
    topics: tuple[TopicState, ...] = ()
    partitions: tuple[PartitionState, ...] = ()
    settings: tuple[BrokerSettings, ...] = ()
    removed_topics: tuple[RemovedTopic, ...] = ()
    resources: tuple[ResourceSettings, ...] = ()
    features: tuple[FeatureLevel, ...] = ()
    removed_brokers: tuple[RemovedBroker, ...] = ()


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
    advertised: Address
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
