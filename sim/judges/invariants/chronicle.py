"""What the invariants share: what was committed so far, and what has happened that a cluster may lose it by.

A committed record may be gone, or missing where it ought to be, for these reasons only, and each is noted:

- a disk that held it was lost: its broker may be counted on until it registers anew, for nobody can know before; without ELR,
  as long as it is the last member of the ISR, which is never taken out; a broker that ended in good order is trusted on, and
  what its log lost meanwhile is missed when it is fetched again, or given up when it leads;
- min.insync.replicas was raised: the controller holds members of the ELR for complete by the new number from the moment on that
  it knows it, and the leader, which hears of it with the metadata, commits by the old one until then. The answer to its
  AlterPartition may outrun the metadata (KIP-966; Partition.effectiveMinIsr, ReplicationControlManager.getTopicEffectiveMinIsr);
- an unclean election, of whoever is left, or (KIP-966) of the last known leader when nobody else is eligible: what the elected
  broker does not have is no longer committed, nor is what leaders of earlier terms commit afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.records import TopicPartition
from sim.cluster.metadata_states import NO_LEADER
from sim.judges.invariants.breach import Breach
from sim.judges.invariants.disks import Disks, common_length, is_same

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sim.cluster.broker.partition import Partition
    from sim.cluster.cluster import Cluster
    from sim.cluster.metadata_states import PartitionState
    from sim.cluster.stored_batch import StoredBatch
    from sim.trace.trace import Trace

UNCLEAN = "an unclean election"
CUT_WHILE_TRUSTED = "a log that was cut short while its broker, which had ended in good order, was down"
PASSED_BY = "an eligible replica that never had them (the leader had not heard yet of a raised min.insync.replicas)"
LAST_MEMBER = "the lost disk of the last member of the ISR, which stays a member without ELR,"


class GivenUp(NamedTuple):
    """Committed offsets that the cluster was allowed to lose."""

    event: int
    """Sequence number in the trace of the election that gave them up."""
    tp: TopicPartition
    from_offset: int
    to_offset: int
    """The first one that was not lost, for none was committed there."""
    why: str
    """What lost them: "an unclean election"."""


class Chronicle:
    """The facts so far of one run."""

    def __init__(self, trace: Trace, cluster: Cluster, found: Callable[[Breach], object]) -> None:
        self.disks = Disks(cluster)
        self.seen: dict[tuple[int, TopicPartition], list[StoredBatch]] = {}
        """(broker, partition) -> what its file held when it was looked at last."""
        self.written: dict[TopicPartition, dict[tuple[int, int], tuple[StoredBatch, StoredBatch | None]]] = {}
        """Partition -> leader epoch and first offset -> the batch that a leader wrote there, and the one before it."""
        self.cleaned: dict[tuple[TopicPartition, int, int, int], StoredBatch] = {}
        """(partition, leader epoch, first offset, CRC) -> what a cleaner left of a batch, on any broker."""
        self.cleaned_away: dict[tuple[TopicPartition, int, int], None] = {}
        """(partition, leader epoch, first offset) of batches of which a cleaner left nothing, on any broker."""
        self.cut_off: list[StoredBatch] = []
        """What the truncation that is looked at now took from its log."""
        self.given_up: list[GivenUp] = []
        self.has_elr = cluster.config.eligible_leader_replicas
        self._cluster = cluster
        self._trace = trace
        self._found = found
        # What was once below a leader's high watermark, and was not given up since.
        self._committed: dict[TopicPartition, list[StoredBatch]] = {}
        self._valid_from: dict[TopicPartition, int] = {}
        # Whose disk was lost, and whether its broker has registered anew since.
        self._lost_disks: dict[tuple[TopicPartition, int], bool] = {}
        # Those of them whose broker ended in good order before: it is trusted all the same.
        self._trusted: dict[tuple[TopicPartition, int], None] = {}
        # Eligible replicas without what a leader committed by a min.insync.replicas that was raised already.
        self._passed_by: dict[tuple[TopicPartition, int], None] = {}
        self._has_deleted_topics = False

    def breach(self, invariant: str, what: str) -> None:
        """Say that an invariant does not hold now."""
        trace = self._trace
        number = len(trace) - 1
        self._found(Breach(invariant, number, trace[number].at_us if number >= 0 else 0, what))

    def seen_on(self, broker: int, tp: TopicPartition) -> list[StoredBatch]:
        """What a log held when it was looked at last."""
        seen = self.seen.get((broker, tp))
        if seen is None:
            seen = self.seen[broker, tp] = []
        return seen

    def committed_in(self, tp: TopicPartition) -> list[StoredBatch]:
        """Every batch of a partition that was once below a leader's high watermark, and was not given up since."""
        committed = self._committed.get(tp)
        if committed is None:
            committed = self._committed[tp] = []
        return committed

    def state(self, tp: TopicPartition) -> PartitionState | None:
        """The partition as the controller has it; None for one that it does not have."""
        return self._cluster.controller.metadata.partitions.get(tp)

    def leading(self, tp: TopicPartition) -> Partition | None:
        """The replica of whoever leads by the controller's word; None if nobody does, or if it does not know yet."""
        state = self.state(tp)
        replica = None if state is None or state.leader == NO_LEADER else self.disks.replica(state.leader, tp)
        return replica if replica is not None and replica.is_leader else None

    def states(self) -> Sequence[PartitionState]:
        """Every partition as the controller has it."""
        return tuple(self._cluster.controller.metadata.partitions.values())

    def registered(self) -> dict[int, int]:
        """Broker -> the broker epoch under which the controller has it."""
        return {one.broker: one.broker_epoch for one in self._cluster.controller.metadata.brokers.values()}

    def now_ms(self, broker: int) -> int:
        """What a broker's clock shows; 0 while it is down."""
        process = self._cluster.brokers[broker].process
        return 0 if process is None else process.now_ms

    @property
    def producer_id_expiration_us(self) -> int:
        """After how long a partition may forget a producer."""
        return self._cluster.config.producer_id_expiration_us

    # -- what was cleaned ----------------------------------------------------------------------------------------------

    def note_cleaned(self, tp: TopicPartition, written: Sequence[StoredBatch], left: Sequence[StoredBatch]) -> None:
        """A cleaner left that of batches that lay one behind the other."""
        kept = {stored.base_offset for stored in left}
        for stored in left:
            self.cleaned[tp, stored.leader_epoch, stored.base_offset, stored.header.crc] = stored
        for stored in written:
            if stored.base_offset not in kept:
                self.cleaned_away[tp, stored.leader_epoch, stored.base_offset] = None

    def lay_at(self, broker: int, tp: TopicPartition, first: int, end: int) -> list[StoredBatch]:
        """Give the batches that lay in a log from one offset to another when it was looked at last, as they were by then."""
        written = [stored for stored in self.seen_on(broker, tp) if first <= stored.base_offset < end]
        return self.disks.cleaned.lying(broker, tp, written)

    def before(self, tp: TopicPartition, stored: StoredBatch) -> StoredBatch | None:
        """Give the batch that the leader which wrote that one had before it; None where it was the first."""
        return self.written.get(tp, {}).get((stored.leader_epoch, stored.base_offset), (stored, None))[1]

    def between(self, tp: TopicPartition, stored: StoredBatch, offset: int) -> list[StoredBatch]:
        """Give the batches that the leader which wrote that one had before it, from an offset on."""
        found: list[StoredBatch] = []
        at = self.before(tp, stored)
        while at is not None and at.base_offset >= offset:
            found.append(at)
            at = self.before(tp, at)
        found.reverse()
        return found

    # -- what leaders removed ------------------------------------------------------------------------------------------

    def join(self, broker: int, tp: TopicPartition, at_offset: int, held: Sequence[StoredBatch]) -> None:
        """That log goes on where its leader's begins: what was committed before it is removed there, and not missed here."""
        seen = self.seen_on(broker, tp)
        removed = [stored for stored in self.committed_in(tp) if stored.last_offset < at_offset]
        self.disks.note_joined(broker, tp, at_offset, removed, held)
        self.seen[broker, tp] = [*removed, *[stored for stored in seen if stored.base_offset >= at_offset]]

    def begins_anew(self, broker: int, tp: TopicPartition, to_offset: int) -> bool:
        """Whether a log that is cut there was cut before its own beginning, where its leader's log begins as well or later.

        Nothing of it is left then, and what others wrote before that offset is removed at its leader, too: it joins there
        (UnifiedLog.truncateFullyAndStartAt). It takes an unclean election, or a lost disk, to cut a log so.
        """
        leader = self.leading(tp)
        return (
            leader is not None
            and 0 < to_offset < self.disks.known_gone(broker, tp)
            and leader.log.start_offset >= to_offset
        )

    def joins_leader(self, broker: int, tp: TopicPartition) -> bool:
        """Whether what a follower holds otherwise than others may lie before the start of its leader's log. If so, it is passed by.

        As in Kafka: the epochs that a leader knows begin with its log, so a follower that went another way before it is not cut
        there. Nobody is given that, for the follower's log begins where its leader's does once it hears of it.
        """
        leader = self.leading(tp)
        start_offset = 0 if leader is None else leader.log.start_offset
        if self.disks.joined_at(broker, tp) >= start_offset or self.disks.end(broker, tp) < start_offset:
            return False
        held = [stored for stored in self.disks.held(broker, tp) if stored.base_offset < start_offset]
        self.join(broker, tp, start_offset, held)
        return True

    # -- topics that are gone ------------------------------------------------------------------------------------------

    def forget_topic(self, topic: str) -> None:
        """A topic was deleted: nothing is committed in the next one of its name."""
        self._has_deleted_topics = True
        for facts in (self._committed, self._valid_from, self.written):
            for tp in [tp for tp in facts if tp.topic == topic]:
                del facts[tp]
        self.cleaned = {key: stored for key, stored in self.cleaned.items() if key[0].topic != topic}
        self.cleaned_away = dict.fromkeys(key for key in self.cleaned_away if key[0].topic != topic)
        for disk in [disk for disk in self._lost_disks if disk[0].topic == topic]:
            del self._lost_disks[disk]
            self._trusted.pop(disk, None)
        for disk in [disk for disk in self._passed_by if disk[0].topic == topic]:
            del self._passed_by[disk]

    def is_of_former_topic(self, broker: int, tp: TopicPartition) -> bool:
        """Whether what that broker holds belongs to a topic that is deleted, of which it has yet to hear."""
        if not self._has_deleted_topics:
            return False
        state = self.state(tp)
        return state is None or self.disks.topic_id(broker, tp) != state.topic_id

    # -- what may be gone ----------------------------------------------------------------------------------------------

    def note_lost_disk(self, tp: TopicPartition, broker: int) -> None:
        """A fault took records from a disk."""
        self._lost_disks[tp, broker] = False
        if self.disks.ended_in_good_order(broker):
            self._trusted[tp, broker] = None

    def note_passed_by(self, leader: Partition, state: PartitionState) -> None:
        """A leader committed something: by a lower min.insync.replicas than the ELR is counted by, nobody in it need have that."""
        minimum = self._cluster.controller.configuration.config_of(state.tp.topic).min_insync_replicas
        if leader.config.min_insync_replicas < minimum:
            for broker in state.eligible_leader_replicas:
                self._passed_by[state.tp, broker] = None

    def note_registered(self, broker: int) -> None:
        """A new process of this broker is known to the controller: what its disk holds is what it holds."""
        for tp, one in self._lost_disks:
            if one == broker:
                self._lost_disks[tp, one] = True

    def has_committed(self, tp: TopicPartition, broker: int) -> bool:
        """Whether a broker's disk holds everything committed; by log matching the last batch answers for all."""
        committed = self._committed.get(tp)
        if not committed:
            return True
        log = self.disks.log(broker, tp)
        length = len(committed)
        has_all = len(log) >= length and is_same(log[length - 1], committed[-1])
        if not has_all and self.joins_leader(broker, tp):
            log = self.disks.log(broker, tp)
            has_all = len(log) >= length and is_same(log[length - 1], committed[-1])
        if has_all:
            self._passed_by.pop((tp, broker), None)
        if has_all and self._lost_disks.get((tp, broker)) is True:
            # Filled again. Before it registers, what it has left may still be all there is: more is committed by what it told.
            del self._lost_disks[tp, broker]
            self._trusted.pop((tp, broker), None)
        return has_all

    def may_lack(self, tp: TopicPartition, broker: int, isr: tuple[int, ...]) -> bool:
        """Whether a member of the ISR or of the ELR may lack something committed: its disk was lost, or it was passed by."""
        is_registered = self._lost_disks.get((tp, broker))
        return (
            (tp, broker) in self._trusted
            or (tp, broker) in self._passed_by
            or is_registered is False
            or (is_registered is True and self._is_last_member(broker, isr))
        )

    def counts_with_what_it_has(self, tp: TopicPartition, broker: int) -> bool:
        """Whether nothing is known of a broker's log but what it holds: its disk was lost and it has registered anew since, or
        it was passed by.
        """
        is_registered = self._lost_disks.get((tp, broker))
        return is_registered is True or (is_registered is None and (tp, broker) in self._passed_by)

    def why_lacking(self, tp: TopicPartition, broker: int) -> str:
        """Why a broker that may lack something is elected cleanly."""
        if (tp, broker) in self._trusted:
            return CUT_WHILE_TRUSTED
        return PASSED_BY if (tp, broker) in self._passed_by else LAST_MEMBER

    def _is_last_member(self, broker: int, isr: tuple[int, ...]) -> bool:
        """Whether the ISR rests on this broker whatever happens to its disk: the last member stays without ELR."""
        return not self.has_elr and isr == (broker,)

    def counts(self, tp: TopicPartition, leader_epoch: int) -> bool:
        """Whether what a term commits is committed: no unclean election came after it."""
        return leader_epoch >= self._valid_from.get(tp, 0)

    def has_given_up_for(self, tp: TopicPartition, leader_epoch: int) -> bool:
        """Whether the leader of that epoch was elected with whatever it had."""
        return self._valid_from.get(tp, -1) == leader_epoch

    def was_given_up(self, tp: TopicPartition, offset: int) -> bool:
        """Whether something committed at that offset was given up once."""
        return any(one.tp == tp and one.from_offset <= offset < one.to_offset for one in self.given_up)

    def give_up(self, tp: TopicPartition, leader: int, leader_epoch: int, why: str) -> None:
        """What this leader's disk does not hold is committed no longer."""
        self._valid_from[tp] = leader_epoch
        committed = self._committed.get(tp)
        if not committed:
            return
        length = common_length(committed, self.disks.log(leader, tp))
        if length < len(committed):
            lost = committed[length].base_offset, committed[-1].last_offset + 1
            self.given_up.append(GivenUp(len(self._trace) - 1, tp, *lost, why))
            del committed[length:]
