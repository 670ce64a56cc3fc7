"""What was decided: brokers, topics and partitions as they stand, and what changed since an offset.

Kafka's __cluster_metadata log, of which only the last record of each thing is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.cluster.effective_settings import initial_settings
from sim.cluster.features import finalized_features, set_level
from sim.cluster.metadata_states import (
    EVERY_BROKER,
    AclState,
    BrokerSettings,
    BrokerState,
    FeatureLevel,
    MetadataDelta,
    PartitionState,
    QuotaState,
    RemovedAcl,
    RemovedBroker,
    RemovedTopic,
    ResourceSettings,
    TopicState,
)
from sim.cluster.quotas.states import initial_quotas, put_quota
from sim.cluster.security.acls.index import AclIndex
from sim.cluster.security.acls.settings import known_from_the_start
from sim.cluster.security.scram_credentials import (
    RemovedScramCredential,
    ScramCredential,
    ScramCredentials,
    initial_credentials,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.records import TopicPartition
    from sim.cluster.config import ClusterConfig
    from sim.cluster.quotas.entity import QuotaEntity

Thing = (
    BrokerState
    | TopicState
    | PartitionState
    | BrokerSettings
    | RemovedBroker
    | RemovedTopic
    | ResourceSettings
    | FeatureLevel
    | AclState
    | RemovedAcl
    | QuotaState
    | ScramCredential
    | RemovedScramCredential
)
_TOLD_AS: dict[type[Thing], str] = {
    BrokerState: "brokers",
    TopicState: "topics",
    PartitionState: "partitions",
    BrokerSettings: "settings",
    RemovedTopic: "removed_topics",
    ResourceSettings: "resources",
    FeatureLevel: "features",
    RemovedBroker: "removed_brokers",
    AclState: "acls",
    RemovedAcl: "removed_acls",
    QuotaState: "quotas",
    ScramCredential: "scram_credentials",
    RemovedScramCredential: "removed_scram_credentials",
}
"""By the kind of a thing: in which field of a `MetadataDelta` it is told."""


class MetadataLog:
    """Every change is `put`, and each group of them ends in `commit`, of which whoever waits is told."""

    __slots__ = ("_pending", "_things", "acls", "brokers", "features", "offset", "on_commit", "partitions", "quotas", "resources",
                 "scram_credentials", "settings", "topics")  # fmt: skip

    def __init__(self, config: ClusterConfig) -> None:
        self._things: dict[object, tuple[int, Thing]] = {}
        self._pending: list[Thing] = []
        self.on_commit: Callable[[], object] = _ignore
        """Called behind each change."""
        self.offset = 0
        """The end of the log."""
        self.brokers: dict[int, BrokerState] = {}
        self.topics: dict[str, TopicState] = {}
        self.partitions: dict[TopicPartition, PartitionState] = {}
        self.settings: dict[int, BrokerSettings] = {
            EVERY_BROKER: BrokerSettings(EVERY_BROKER, initial_settings(config))
        }
        """Those of a new cluster are no change that anybody is told: who formats a node writes them there."""
        self.resources: dict[tuple[int, str], ResourceSettings] = {}
        """Settings of groups and of subscriptions to clients' metrics, by kind and name."""
        self.features: dict[str, int] = finalized_features(config)
        """The finalized level of each feature that has one; as of settings, a new cluster's are no change."""
        self.acls = AclIndex(known_from_the_start(config.authorizer))
        """Who may do what; the rules of a new cluster are no change either."""
        self.quotas: dict[QuotaEntity, QuotaState] = initial_quotas(config)
        """Those that have limits; as of settings, a new cluster's are no change."""
        self.scram_credentials: ScramCredentials = initial_credentials(config.authentication.users)
        """By user and mechanism, likewise."""

    def is_active(self, broker: int) -> bool:
        """Whether that broker may lead and be in sync: registered, not fenced, and not about to stop."""
        known = self.brokers.get(broker)
        return known is not None and known.is_active

    def usable_brokers(self) -> tuple[BrokerState, ...]:
        """Give those on which partitions can be placed: fenced ones come back, those about to stop do not count."""
        return tuple(one for _, one in sorted(self.brokers.items()) if not one.is_in_controlled_shutdown)

    def is_registered(self, broker: int, broker_epoch: int) -> bool:
        """Whether that is the broker's last registration."""
        known = self.brokers.get(broker)
        return known is not None and known.broker_epoch == broker_epoch

    def settings_of_resource(self, kind: int, name: str) -> dict[str, str]:
        """What was set for that group, or that subscription to clients' metrics."""
        known = self.resources.get((kind, name))
        return {} if known is None else dict(known.settings)

    def settings_of(self, broker: int) -> tuple[tuple[str, str], ...]:
        """What was set for that broker, or for all of them."""
        known = self.settings.get(broker)
        return () if known is None else known.settings

    def limits_of(self, entity: QuotaEntity) -> dict[str, float]:
        """What clients of that entity are allowed, by Kafka's names."""
        known = self.quotas.get(entity)
        return {} if known is None else dict(known.limits)

    # -- changes -------------------------------------------------------------------------------------------------------

    def put(self, thing: Thing) -> None:
        """Change one thing; `commit` tells of it."""
        match thing:
            case BrokerState():
                self.brokers[thing.broker] = thing
            case TopicState():
                self.topics[thing.name] = thing
            case PartitionState():
                self.partitions[thing.tp] = thing
            case BrokerSettings():
                self.settings[thing.broker] = thing
            case RemovedTopic():
                self._remove(thing.name)
            case RemovedBroker():
                del self.brokers[thing.broker]
                self._things.pop(thing.broker, None)
            case ResourceSettings():
                self.resources[thing.kind, thing.name] = thing
            case FeatureLevel():
                set_level(self.features, thing)
            case AclState():
                self.acls.add(thing.acl_id, thing.acl)
            case RemovedAcl():
                self.acls.remove(thing.acl_id)
            case QuotaState():
                put_quota(self.quotas, thing)
            case ScramCredential():
                self.scram_credentials[thing.user, thing.mechanism] = thing
            case RemovedScramCredential():
                del self.scram_credentials[thing.user, thing.mechanism]
        self._pending.append(thing)

    def _remove(self, name: str) -> None:
        del self.topics[name]
        self._things.pop(name, None)
        for tp in [tp for tp in self.partitions if tp.topic == name]:
            del self.partitions[tp]
            self._things.pop(tp, None)

    def commit(self) -> None:
        """End one change of metadata: write it to the log."""
        if not self._pending:
            return
        self.offset += len(self._pending)
        for thing in self._pending:
            key = _key(thing)
            # Out and in again: the dict stays in the order of the last change.
            self._things.pop(key, None)
            self._things[key] = (self.offset, thing)
        self._pending = []
        self.on_commit()

    def delta_since(self, offset: int) -> MetadataDelta:
        """Give what changed after that offset."""
        changed: dict[str, list[Thing]] = {}
        for changed_at, thing in reversed(self._things.values()):
            if changed_at <= offset:
                break
            changed.setdefault(_TOLD_AS[type(thing)], []).append(thing)
        told: dict[str, Any] = {kind: tuple(reversed(things)) for kind, things in changed.items()}
        return MetadataDelta(self.offset, **told)


def _key(thing: Thing) -> object:
    match thing:
        case BrokerState():
            return thing.broker
        case TopicState():
            return thing.name
        case PartitionState():
            return thing.tp
        case BrokerSettings():
            return "settings", thing.broker
        case RemovedTopic():
            return thing.topic_id
        case RemovedBroker():
            return "removed", thing.broker
        case ResourceSettings():
            return "settings", thing.kind, thing.name
        case FeatureLevel():
            return "feature", thing.name
        case AclState() | RemovedAcl():
            return "acl", thing.acl_id
        case QuotaState():
            return thing.entity
        case ScramCredential() | RemovedScramCredential():
            return "scram", thing.user, thing.mechanism


def _ignore() -> None:
    return None
