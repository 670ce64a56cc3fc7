"""What the metadata log says of brokers, topics, partitions, settings and rights: the last state of each, and what changed up to an offset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from producer.records import TopicPartition
from producer.wire.schema import ZERO_ID
from sim.cluster.quotas.entity import QuotaEntity
from sim.cluster.security.acls.acl import Acl
from sim.cluster.security.scram_credentials import RemovedScramCredential, ScramCredential
from sim.cluster.topic_config import TopicConfig

NO_LEADER = -1
UNASSIGNED = bytes(15) + b"\x01"
"""The directory of a replica that its broker has yet to name (DirectoryId.UNASSIGNED)."""
EVERY_BROKER = 0
"""Whose settings hold where no broker has its own: brokers are counted from 1."""


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
    endpoints: tuple[Address, ...]
    """What clients are told, one for each of the cluster's listeners, in their order."""
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
class QuotaState:
    """What clients of an entity are allowed, as the metadata log has it (ClientQuotaRecord)."""

    entity: QuotaEntity
    limits: tuple[tuple[str, float], ...]
    """By Kafka's names, in their order; an empty tuple when the last one was removed."""


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


@dataclass(frozen=True, slots=True)
class AclState:
    """A rule of who may do what, as the metadata log has it (AccessControlEntryRecord)."""

    acl_id: bytes
    """16 bytes."""
    acl: Acl


@dataclass(frozen=True, slots=True)
class RemovedAcl:
    """A rule holds no longer (RemoveAccessControlEntryRecord)."""

    acl_id: bytes
    acl: Acl


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
    acls: tuple[AclState, ...] = ()
    removed_acls: tuple[RemovedAcl, ...] = ()
    quotas: tuple[QuotaState, ...] = ()
    scram_credentials: tuple[ScramCredential, ...] = ()
    removed_scram_credentials: tuple[RemovedScramCredential, ...] = ()
