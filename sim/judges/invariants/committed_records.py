"""Committed records: what was once below a leader's high watermark stays, unless the cluster was allowed to lose it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.records import TopicPartition
from sim.judges.invariants.chronicle import UNCLEAN
from sim.judges.invariants.disks import common_length, end_of, is_same, length_below
from sim.judges.invariants.invariant import Invariant
from sim.trace.events import (
    CORRUPT_BATCH,
    CUT_SHORT,
    REPLICA_REMOVED,
    TOPIC_DELETED,
    BecameLeader,
    BrokerRegistered,
    HighWatermarkAdvanced,
    LeaderElected,
    LogTruncated,
    TopicDeleted,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

OF_A_DISK = frozenset({"disk wiped", "unflushed lost", CUT_SHORT, CORRUPT_BATCH})
"""Reasons of a truncation that a fault is to blame for, and no broker."""


class CommittedRecords(Invariant):
    """Keeps the list of what is committed, by the files of leaders; stands before those that ask it."""

    NAME = "committed records"
    PROMISE = (
        "a committed record stays where it is: no replica cuts it off, and nothing else is taken for committed at its "
        "offset, except where a disk was lost, an unclean election was held or its topic was deleted"
    )

    def takes(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {
            HighWatermarkAdvanced: self._advanced,
            LogTruncated: self._was_cut,
            LeaderElected: self._elected,
            BecameLeader: self._leads,
            BrokerRegistered: self._registered,
            TopicDeleted: self._deleted,
        }

    def _advanced(self, event: HighWatermarkAdvanced) -> None:
        chronicle = self.chronicle
        tp, _, replica = self.disks.here(event)
        if replica is None or not chronicle.counts(tp, replica.leader_epoch):
            return
        if chronicle.is_of_former_topic(event.broker, tp):
            return
        log = self.disks.log(event.broker, tp)
        length = length_below(log, event.high_watermark)
        committed = chronicle.committed_in(tp)
        known = min(length, len(committed))
        is_other = known > 0 and not is_same(log[known - 1], committed[known - 1])
        if is_other and chronicle.joins_leader(event.broker, tp):
            self._advanced(event)
        elif is_other:
            offset = log[known - 1].base_offset
            self.breach(f"b{event.broker} takes another batch for committed at {tp} offset {offset} than was")
        elif length > len(committed):
            if not replica.is_leader:
                self.breach(
                    f"follower b{event.broker} takes {tp} for committed up to {event.high_watermark}, and no leader did"
                )
            committed += log[len(committed) : length]

    def _was_cut(self, event: LogTruncated) -> None:
        chronicle = self.chronicle
        tp, log, replica = self.disks.here(event)
        if event.reason in OF_A_DISK:
            chronicle.note_lost_disk(tp, event.broker)
            return
        if event.reason in {TOPIC_DELETED, REPLICA_REMOVED}:
            return
        if replica is None or not chronicle.counts(tp, replica.leader_epoch):
            return
        committed = chronicle.committed_in(tp)
        # By log matching the first batch that went answers for those behind it.
        length = len(log)
        if length < len(committed) and chronicle.cut_off and is_same(chronicle.cut_off[0], committed[length]):
            self.breach(
                f"b{event.broker} cut {tp} at {event.to_offset} ({event.reason}), where something committed begins"
            )

    def _deleted(self, event: TopicDeleted) -> None:
        self.chronicle.forget_topic(event.topic)

    def _elected(self, event: LeaderElected) -> None:
        if event.is_unclean:
            tp = TopicPartition(event.topic, event.partition)
            self.chronicle.give_up(tp, event.leader, event.leader_epoch, UNCLEAN)

    def _leads(self, event: BecameLeader) -> None:
        chronicle = self.chronicle
        tp, log, replica = self.disks.here(event)
        committed = chronicle.committed_in(tp)
        if replica is None or not chronicle.counts(tp, event.leader_epoch):
            return
        if chronicle.is_of_former_topic(event.broker, tp):
            return
        length = length_below(log, replica.log.high_watermark)
        if length > len(committed) and chronicle.has_given_up_for(tp, event.leader_epoch):
            # Given up for a leader before this one, and brought back: it holds them, and takes them for committed.
            committed += log[len(committed) : length]

    def _registered(self, event: BrokerRegistered) -> None:
        self.chronicle.note_registered(event.broker)

    def look(self) -> None:
        chronicle = self.chronicle
        for broker, tp, replica in self.disks.replicas():
            if not chronicle.counts(tp, replica.leader_epoch) or chronicle.is_of_former_topic(broker, tp):
                continue
            log = self.disks.log(broker, tp)
            length = common_length(log, chronicle.committed_in(tp))
            # A follower that knows of the election, and has not fetched since, still has what was given up by it.
            is_behind = not replica.is_leader and chronicle.was_given_up(tp, end_of(log[:length]))
            if length < length_below(log, replica.log.high_watermark) and not is_behind:
                self.breach(f"b{broker} takes something else for committed in {tp} than was")
