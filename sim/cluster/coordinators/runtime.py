"""All coordinators of one kind on one broker: which partition has one here, since when, and who asks which.

To stand on it, a kind of coordinator needs three things (groups do so in `groups/`):

1. A `Shard`: the state of one partition. It is made from a `Ground`, keeps what readers may see before it is committed
   apart in `TimelineMap`s of `ground.timeline`, replays its own records, and sets its timers by `ground.schedule`.
2. Operations: functions of the shard that give an `Outcome`: records, and an answer that is given when they are
   committed; or raise CoordinatorError. The records are replayed as soon as they are appended, so the next operation
   sees them. With `appended`, nothing is replayed: it is told when they are committed, or why they could not be.
3. A service for the handlers, which finds the partition of a key and calls `write` or `read`.

`BrokerProcess` tells the runtime what changed: a new leader loads, whoever led before closes.

Kafka: CoordinatorRuntime, BrokerMetadataPublisher.updateCoordinator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from producer.errors import Code
from producer.records import TopicPartition
from sim.cluster.coordinators.context import Context, ContextState, Reply, ShardT
from sim.cluster.coordinators.shard import CoordinatorError
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sim.cluster.broker.hosting import HostingBroker
    from sim.cluster.coordinators.shard import Ground, Outcome
    from sim.cluster.metadata_states import PartitionState


class CoordinatorRuntime(Generic[ShardT]):
    """The coordinators by partition of one internal topic."""

    def __init__(
        self,
        broker: HostingBroker,
        topic: str,
        new_shard: Callable[[Ground], ShardT],
        *,
        is_read_anew: bool = False,
        needs_min_isr: bool = False,
    ) -> None:
        """`is_read_anew` is for coordinators that begin again with each term, even if the same broker leads on.

        `needs_min_isr` is for those that write nothing while too few replicas are in sync (TransactionLog.EnforcedRequiredAcks);
        others write, and their answers wait.
        """
        self._is_read_anew = is_read_anew
        self._needs_min_isr = needs_min_isr
        self._broker = broker
        self._topic = topic
        self._new_shard = new_shard
        self._contexts: dict[int, Context[ShardT]] = {}
        self._loader_busy_until_us = 0

    # -- who coordinates -----------------------------------------------------------------------------------------------

    def apply(self, states: Iterable[PartitionState]) -> None:
        """Act on the controller's decisions about partitions, those of other topics left out. The replicas have."""
        for state in states:
            if state.tp.topic == self._topic:
                if state.leader == self._broker.broker_id:
                    self._elected(state.tp.partition, state.leader_epoch)
                else:
                    self._resigned(state.tp.partition)

    def removed(self) -> None:
        """The whole topic is gone."""
        for partition in tuple(self._contexts):
            self._resigned(partition)

    def stop(self) -> None:
        """The process ends in good order: nothing happens any more, and nobody is told."""
        for context in self._contexts.values():
            context.stop()
        self._contexts.clear()

    def _elected(self, partition: int, leader_epoch: int) -> None:
        context = self._contexts.get(partition)
        if context is not None and self._is_read_anew and leader_epoch > context.leader_epoch:
            self._resigned(partition)
            context = None
        if context is None:
            tp = TopicPartition(self._topic, partition)
            context = self._contexts[partition] = Context(
                self._broker, tp, leader_epoch, self._new_shard, needs_min_isr=self._needs_min_isr
            )
            self._load(context)
        elif leader_epoch > context.leader_epoch and context.elected(leader_epoch):
            self._load(context)

    def _load(self, context: Context[ShardT]) -> None:
        """Read the partition back, behind those that are read already: there is one reader."""
        broker = self._broker
        found = broker.partitions.get(context.tp)
        size_bytes = 0 if found is None else sum([len(stored.data) for stored in found.log.file.entries])
        reading_us = broker.config.coordinator_load_us + size_bytes * SECOND_US // broker.config.disk_bandwidth_bytes_s
        now_us = broker.world.now_us
        self._loader_busy_until_us = max(self._loader_busy_until_us, now_us) + reading_us
        broker.host.call_in(self._loader_busy_until_us - now_us, context.load)

    def _resigned(self, partition: int) -> None:
        context = self._contexts.pop(partition, None)
        if context is not None:
            context.close()

    # -- operations ----------------------------------------------------------------------------------------------------

    def write(
        self,
        partition: int,
        operation: Callable[[ShardT], Outcome],
        *,
        answer: Callable[[Any], object],
        refuse: Callable[[CoordinatorError], object],
    ) -> None:
        """Take a write operation; then exactly one of the two is called, once its records, and all before, are committed."""
        context = self._contexts.get(partition)
        if context is None:
            refuse(CoordinatorError(Code.NOT_COORDINATOR))
        else:
            context.write(operation, Reply(answer, refuse))

    def read(self, partition: int) -> ShardT:
        """Give the state to a reader, who looks at what is committed. Raises CoordinatorError while there is none here."""
        context = self._contexts.get(partition)
        if context is None:
            raise CoordinatorError(Code.NOT_COORDINATOR)
        return context.shard()

    def write_all(self, operation: Callable[[ShardT], Outcome]) -> None:
        """Let every coordinator here that is loaded take an operation of which nobody hears."""
        for partition in tuple(self._contexts):
            self.write(partition, operation, answer=_ignored, refuse=_ignored)

    def tell_all(self, tell: Callable[[ShardT], object]) -> None:
        """Let every coordinator here that is loaded know of something about which nothing has to be written."""
        for _, context in sorted(self._contexts.items()):
            if context.state is ContextState.ACTIVE:
                tell(context.shard())

    def marker_appended(self, partition: int, producer_id: int, *, is_commit: bool) -> Any:
        """Tell of a transaction's end that was appended to a partition here. Gives what its state makes of it, if there is one."""
        context = self._contexts.get(partition)
        return None if context is None else context.marker_appended(producer_id, is_commit=is_commit)

    def active(self) -> tuple[tuple[int, ShardT], ...]:
        """Give the state of each coordinator here that is loaded, by its partition."""
        contexts = sorted(self._contexts.items())
        return tuple(
            [(partition, context.shard()) for partition, context in contexts if context.state is ContextState.ACTIVE]
        )

    def read_all(self) -> tuple[ShardT, ...]:
        """Give the state of all there are here. Raises CoordinatorError while one of them is being loaded."""
        shards = []
        for _, context in sorted(self._contexts.items()):
            try:
                shards.append(context.shard())
            except CoordinatorError as error:
                if error.code is not Code.NOT_COORDINATOR:
                    raise
        return tuple(shards)


def _ignored(_: Any) -> None:
    return None
