"""How a bug is planted: a subclass takes its parent's place in a cluster or an engine that was just assembled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from producer.engine.idempotence import Idempotence
    from producer.engine.sender import Sender
    from producer.engine.verdicts import Verdicts
    from sim.clients.drivers import SimProducer
    from sim.cluster.broker.connection import ClientConnection
    from sim.cluster.broker.partition import Partition
    from sim.cluster.cluster import Cluster
    from sim.cluster.controller.replication_control import ReplicationControl
    from sim.cluster.coordinators.groups.shard import GroupShard
    from sim.cluster.coordinators.transactions.shard import TransactionShard
    from sim.cluster.security.acls.authorizer import Authorizer
    from sim.registry.core.state import State
    from sim.registry.node.ensemble import Registries


DEFAULT_STORY = "default_config"
STORY_OF_GROUPS = "coordinator_fails_over"
"""The scenario in which groups read: what is wrong with their coordinator shows nowhere else."""
STORY_OF_RIGHTS = "acl_revoked_in_mid_stream"
"""The scenario in which a right comes and goes, and nothing is lost by it."""
STORY_OF_QUOTAS = "noisy_neighbour_with_quota"
"""The scenario in which a client exceeds a quota."""
STORY_OF_RETENTION = "records_expire_unread"
"""The scenario in which something is old enough to be removed."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted bug: what is wrong, and who takes whose place."""

    name: str
    what: str
    """What it does wrong, in one line."""
    partition: type[Partition] | None = None
    """Stands in for every broker's `Partition`."""
    replication_control: type[ReplicationControl] | None = None
    """Stands in for the controller's `ReplicationControl`."""
    group_shard: type[GroupShard] | None = None
    """Stands in for every `GroupShard` of a group coordinator."""
    transaction_shard: type[TransactionShard] | None = None
    """Stands in for every `TransactionShard` of a transaction coordinator."""
    registry_state: type[State] | None = None
    """Stands in for the `State` of every schema registry."""
    connection: type[ClientConnection] | None = None
    """Stands in for every broker's end of a client's stream."""
    authorizer: type[Authorizer] | None = None
    """Stands in for every broker's `Authorizer`."""
    idempotence: type[Idempotence] | None = None
    """Stands in for the engine's `Idempotence`; an engine without idempotence has no place for it."""
    verdicts: type[Verdicts] | None = None
    """Stands in for the engine's `Verdicts`."""
    sender: type[Sender] | None = None
    """Stands in for the engine's `Sender`."""
    in_producer: Callable[[SimProducer], None] | None = None
    """Does what no change of place can."""
    falls_under: Mapping[str, str] = field(default_factory=dict)
    """Producer properties that a search needs to meet the bug within thousands of schedules."""
    story: str = DEFAULT_STORY
    """In which scenario it is hunted."""
    is_of_transactions: bool = False
    """Whether it is hunted in stories in transactions, by the search that draws those, and `story` says nothing."""
    is_of_schemas: bool = False
    """Whether it is hunted in stories in schemas, likewise."""
    is_of_governance: bool = False
    """Whether it is hunted in its story by rights and quotas that change (class G)."""

    def plant_in_cluster(self, cluster: Cluster) -> None:
        """Let each life of each broker keep its replicas in this bug's way, or the controller decide so, or each registry know its log so."""
        for broker in cluster.brokers.values():
            assert not broker.is_running, f"b{broker.broker_id} runs already: a bug is planted before the start"
            if self.partition is not None:
                broker.partition_type = self.partition
            if self.group_shard is not None:
                broker.group_shard_type = self.group_shard
            if self.transaction_shard is not None:
                broker.transaction_shard_type = self.transaction_shard
            if self.connection is not None:
                broker.connection_type = self.connection
            if self.authorizer is not None:
                broker.authorizer_type = self.authorizer
        if self.replication_control is not None:
            controller = cluster.controller
            sound = controller.replication
            planted = self.replication_control(
                sound._world, sound._trace, sound._config, sound._log, sound._configuration
            )  # fmt: skip
            controller.replication = planted
            if controller._brokers is not None:
                controller._brokers._replication = planted
        if self.registry_state is not None and cluster.registries is not None:
            cast("Registries", cluster.registries).state_type = self.registry_state

    def plant_in_producer(self, producer: SimProducer) -> None:
        """Let the engine number, send or end its batches in this bug's way."""
        if self.idempotence is not None:
            _plant_idempotence(producer, self.idempotence)
        if self.verdicts is not None:
            _plant_verdicts(producer, self.verdicts)
        if self.sender is not None:
            _plant_sender(producer, self.sender)
        if self.in_producer is not None:
            self.in_producer(producer)


def _plant_idempotence(producer: SimProducer, planted_type: type[Idempotence]) -> None:
    engine = producer._engine
    sound = engine._idempotence
    if sound is None:
        return
    planted = planted_type(pipelines_fresh=sound.pipelines_fresh)
    planted.renumbers_in_doubt = sound.renumbers_in_doubt
    engine._idempotence = planted
    settling = engine._settling
    assert settling is not None
    for numbers in (engine._drain, engine._sender, engine._verdicts, settling):
        numbers.idempotence = planted
    # Whoever asks for the id was made for the one before.
    if settling._init_producer_id is not None:
        settling._init_producer_id._identity = planted.identity
    if sound.transactions is not None:
        sound.transactions.identity = planted.identity
        sound.transactions._restart = planted.restart
        planted.serve(sound.transactions, sound.policy)


def _plant_verdicts(producer: SimProducer, planted_type: type[Verdicts]) -> None:
    engine = producer._engine
    sound = engine._verdicts
    planted = planted_type(
        accumulator=sound._accumulator,
        client=sound._client,
        buffer=sound._buffer,
        idempotence=sound.idempotence,
        metrics=sound._metrics,
        observer=sound._observer,
    )
    engine._verdicts = engine._sender._verdicts = planted
    if engine._settling is not None:
        engine._settling._verdicts = planted


def _plant_sender(producer: SimProducer, planted_type: type[Sender]) -> None:
    engine = producer._engine
    sound = engine._sender
    engine._sender = planted_type(
        sound._settings,
        accumulator=sound._accumulator,
        client=sound._client,
        drain=sound._drain,
        verdicts=sound._verdicts,
        idempotence=sound.idempotence,
        settling=sound._settling,
        chance=sound._chance,
        observer=sound._observer,
        metrics=sound._metrics,
    )
