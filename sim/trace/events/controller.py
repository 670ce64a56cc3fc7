"""The cluster as the controller sees it: topics, brokers in and out of service, leaders and in-sync replicas."""

from __future__ import annotations

from typing import NamedTuple


class TopicCreated(NamedTuple):
    """A topic exists."""

    at_us: int
    topic: str
    partitions: int
    replication_factor: int
    min_insync_replicas: int
    timestamp_type: str = "CreateTime"
    """With `LogAppendTime` a leader stamps its own time into each batch, and so changes its checksum."""


class SettingAltered(NamedTuple):
    """Somebody set or deleted a setting of a topic, of brokers, of a group, of a subscription to clients' metrics, or a quota."""

    at_us: int
    whose: str
    """`topic orders`, `b1`, or `brokers` for all of them, `group app`, `client metrics mine`, `quota client-id=app`."""
    setting: str
    """By the name that topics, or brokers, have for it."""
    value: str | None
    """None: deleted, so that the next one in line holds."""


class AclCreated(NamedTuple):
    """A rule of who may do what holds from now on; brokers act on it once they have heard of it."""

    at_us: int
    kind: str
    """TOPIC, GROUP, CLUSTER, TRANSACTIONAL_ID, …"""
    name: str
    pattern: str
    """LITERAL or PREFIXED."""
    principal: str
    host: str
    operation: str
    permission: str
    """ALLOW or DENY."""


class AclDeleted(NamedTuple):
    """A rule of who may do what holds no longer; brokers act on it until they have heard of it."""

    at_us: int
    kind: str
    name: str
    pattern: str
    principal: str
    host: str
    operation: str
    permission: str


class FeatureUpdated(NamedTuple):
    """A feature's finalized level is another one from now on; brokers act on it once they have heard of it (KIP-584)."""

    at_us: int
    feature: str
    level: int
    """0: it is switched off."""


class TopicReconfigured(NamedTuple):
    """Other values are in effect for a topic; brokers act on them once they have heard of it."""

    at_us: int
    topic: str
    min_insync_replicas: int
    timestamp_type: str
    max_message_bytes: int
    unclean_leader_election: bool


class TopicDeleted(NamedTuple):
    """A topic is gone, and every record in it; its brokers remove its logs as they learn of it."""

    at_us: int
    topic: str


class PartitionsAdded(NamedTuple):
    """A topic has more partitions than before; keyed records go elsewhere from now on."""

    at_us: int
    topic: str
    partitions: int
    """How many there are now."""


class ReplicasReassigned(NamedTuple):
    """A partition is on other brokers than before, or on its way there (KIP-455)."""

    at_us: int
    topic: str
    partition: int
    replicas: tuple[int, ...]
    """The preferred leader first; those that come and those that go among them."""
    adding_replicas: tuple[int, ...]
    """Those that have yet to be in sync; with `removing_replicas`, empty once the move is over."""
    removing_replicas: tuple[int, ...]


class BrokerRegistered(NamedTuple):
    """A broker registered; it is fenced until it has caught up with the metadata."""

    at_us: int
    broker: int
    broker_epoch: int


class BrokerUnfenced(NamedTuple):
    """A broker may lead and be in sync again."""

    at_us: int
    broker: int


class BrokerFenced(NamedTuple):
    """The controller counts on a broker no longer: it missed its heartbeats for a session, or let it go."""

    at_us: int
    broker: int


class BrokerUnregistered(NamedTuple):
    """The controller forgot a broker, as an admin client asked (KIP-631); a new process of it may register again."""

    at_us: int
    broker: int
    broker_epoch: int


class ControlledShutdownBegan(NamedTuple):
    """A broker that leads something asked to stop: others are to lead it first, and it leaves the ISRs."""

    at_us: int
    broker: int


class LeaderElected(NamedTuple):
    """The controller chose a leader, or found none."""

    at_us: int
    topic: str
    partition: int
    leader: int
    """-1 for none."""
    leader_epoch: int
    isr: tuple[int, ...]
    replicas: tuple[int, ...]
    eligible_leader_replicas: tuple[int, ...]
    is_unclean: bool


class IsrChanged(NamedTuple):
    """The controller committed a change of the in-sync replicas."""

    at_us: int
    topic: str
    partition: int
    leader: int
    leader_epoch: int
    isr: tuple[int, ...]
    eligible_leader_replicas: tuple[int, ...]


class ControllerStarted(NamedTuple):
    """A controller's process began again."""

    at_us: int
    controller: str
    """Its host."""


class ControllerCrashed(NamedTuple):
    """A controller's process ended without a word; what it wrote is on its disk."""

    at_us: int
    controller: str


class ControllerPaused(NamedTuple):
    """A controller's process stands still; its sockets fill."""

    at_us: int
    controller: str


class ControllerResumed(NamedTuple):
    """A paused controller goes on."""

    at_us: int
    controller: str


class ControllerElected(NamedTuple):
    """Another controller is active, or the same in another epoch; a single one is from the beginning, without a word."""

    at_us: int
    controller: str
    controller_epoch: int
