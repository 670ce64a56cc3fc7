"""Leader epochs: each election takes a higher one, one broker leads in it, and a log's batches never go back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.records import TopicPartition
from sim.cluster.metadata_states import NO_LEADER
from sim.judges.invariants.invariant import Invariant
from sim.trace.events import BatchAppended, BatchReplicated, BecameFollower, BecameLeader, LeaderElected, TopicDeleted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sim.cluster.stored_batch import StoredBatch
    from sim.judges.invariants.chronicle import Chronicle


class LeaderEpochs(Invariant):
    """Remembers who was elected for each epoch, and how far each broker has come."""

    NAME = "leader epochs"
    PROMISE = (
        "leader epochs rise with each election, at most one broker leads in an epoch, no broker goes back to an older one, "
        "and the epochs of the batches in a log never fall"
    )

    def __init__(self, chronicle: Chronicle) -> None:
        super().__init__(chronicle)
        self._newest: dict[TopicPartition, int] = {}
        self._elected: dict[tuple[TopicPartition, int], int] = {}
        self._known_to: dict[tuple[TopicPartition, int], int] = {}

    def takes(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {
            LeaderElected: self._elect,
            BecameLeader: self._leads,
            BecameFollower: self._follows,
            BatchAppended: self._appended,
            BatchReplicated: self._replicated,
            TopicDeleted: self._deleted,
        }

    def _deleted(self, event: TopicDeleted) -> None:
        """The next topic of that name begins with epoch 0 again."""
        topic = event.topic
        self._newest = {tp: epoch for tp, epoch in self._newest.items() if tp.topic != topic}
        self._elected = {key: leader for key, leader in self._elected.items() if key[0].topic != topic}
        self._known_to = {key: epoch for key, epoch in self._known_to.items() if key[0].topic != topic}

    def _elect(self, event: LeaderElected) -> None:
        tp = TopicPartition(event.topic, event.partition)
        before = self._newest.get(tp, -1)
        if event.leader_epoch <= before:
            self.breach(f"an election of {tp} has leader epoch {event.leader_epoch}, and {before} was there")
        if event.leader != NO_LEADER and event.leader not in event.replicas:
            self.breach(f"b{event.leader} is elected for {tp}, whose replicas are {event.replicas}")
        self._newest[tp] = event.leader_epoch
        self._elected[tp, event.leader_epoch] = event.leader

    def _leads(self, event: BecameLeader) -> None:
        tp = TopicPartition(event.topic, event.partition)
        if self.chronicle.is_of_former_topic(event.broker, tp):
            return
        self._is_elected(tp, event.leader_epoch, event.broker)
        self._comes_to(tp, event.leader_epoch, event.broker)

    def _follows(self, event: BecameFollower) -> None:
        tp = TopicPartition(event.topic, event.partition)
        if not self.chronicle.is_of_former_topic(event.broker, tp):
            self._comes_to(tp, event.leader_epoch, event.broker)

    def _comes_to(self, tp: TopicPartition, leader_epoch: int, broker: int) -> None:
        before = self._known_to.get((tp, broker), -1)
        if leader_epoch < before:
            self.breach(f"b{broker} goes back to leader epoch {leader_epoch} of {tp}, having known {before}")
        self._known_to[tp, broker] = leader_epoch

    def _is_elected(self, tp: TopicPartition, leader_epoch: int, broker: int) -> None:
        elected = self._elected.get((tp, leader_epoch), NO_LEADER)
        if elected != broker:
            who = "nobody" if elected == NO_LEADER else f"b{elected}"
            self.breach(f"b{broker} leads {tp} in leader epoch {leader_epoch}, for which {who} was elected")

    def _appended(self, event: BatchAppended) -> None:
        tp, log, _ = self.disks.here(event)
        is_elected = self._elected.get((tp, event.leader_epoch)) == event.broker
        if not is_elected and not self.chronicle.is_of_former_topic(event.broker, tp):
            self._is_elected(tp, event.leader_epoch, event.broker)
        self._rises(event.broker, tp, log)

    def _replicated(self, event: BatchReplicated) -> None:
        tp, log, _ = self.disks.here(event)
        self._rises(event.broker, tp, log)

    def _rises(self, broker: int, tp: TopicPartition, log: Sequence[StoredBatch]) -> None:
        if len(log) > 1 and log[-1].leader_epoch < log[-2].leader_epoch:
            self.breach(
                f"on b{broker} a batch of leader epoch {log[-1].leader_epoch} lies behind one of {log[-2].leader_epoch}, in {tp}"
            )

    def look(self) -> None:
        leaders: dict[tuple[TopicPartition, int], int] = {}
        for broker, tp, replica in self.disks.replicas():
            if replica.is_leader and not self.chronicle.is_of_former_topic(broker, tp):
                other = leaders.setdefault((tp, replica.leader_epoch), broker)
                if other != broker:
                    self.breach(f"b{other} and b{broker} lead {tp} in leader epoch {replica.leader_epoch}")
        for broker, tp, log in self.disks.logs():
            newest = -1
            for stored in log:
                if stored.leader_epoch < newest:
                    self.breach(f"on b{broker} leader epochs fall from {newest} to {stored.leader_epoch} in {tp}")
                newest = stored.leader_epoch
