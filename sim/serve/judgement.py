"""The end of a served run: each promise that a broker gave is looked for in the log of whoever leads now, and on the disks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from producer.records import TopicPartition
from sim.cluster.broker.log_directory import logs_on
from sim.cluster.metadata_states import NO_LEADER
from sim.judges.verdict import State
from sim.serve.ranges import Ranges

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster
    from sim.cluster.stored_batch import StoredBatch
    from sim.serve.account import Account, Twice
    from sim.serve.positions import LostPosition


@dataclass(frozen=True, slots=True)
class Lost:
    """Acknowledged records that the leader's log does not hold."""

    tp: TopicPartition
    leader_epoch: int
    """In which they were acknowledged."""
    first_offset: int
    last_offset: int
    on_disks: tuple[int, ...]
    """Brokers on whose disks they still lie."""

    @property
    def records(self) -> int:
        return self.last_offset - self.first_offset + 1


@dataclass(frozen=True, slots=True)
class Judgement:
    """What can be said of clients that tell us nothing. No word of the records that they sent and no broker got."""

    appended_records: int
    acknowledged_records: int
    refused: Mapping[str, int]
    lost: tuple[Lost, ...]
    twice: tuple[Twice, ...]
    unread: tuple[TopicPartition, ...]
    """Partitions with acknowledged records, or with positions, that nobody leads: their logs could not be read."""
    handler_failures: int
    remembered_positions: int = 0
    """In how many partitions a group was told that its position is remembered."""
    positions_lost: tuple[LostPosition, ...] = ()

    @property
    def state(self) -> State:
        """VIOLATED if an acknowledged record is gone or there twice, or a group stands elsewhere than it was told.

        INCONCLUSIVE if that could not be looked up.
        """
        if self.lost or self.twice or self.positions_lost:
            return State.VIOLATED
        return State.INCONCLUSIVE if self.unread else State.HOLDS

    @property
    def lost_records(self) -> int:
        return sum(one.records for one in self.lost)

    @property
    def doubled_records(self) -> int:
        return sum(one.records for one in self.twice)

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {
            "state": self.state.value,
            "appended_records": self.appended_records,
            "acknowledged_records": self.acknowledged_records,
            "refused": dict(self.refused),
            "lost_records": self.lost_records,
            "lost": [
                {"partition": str(one.tp), "leader_epoch": one.leader_epoch, "first_offset": one.first_offset,
                 "last_offset": one.last_offset, "on_disks": list(one.on_disks)}
                for one in self.lost
            ],
            "doubled_records": self.doubled_records,
            "twice": [
                {"partition": str(one.tp), "first_offset": one.first_offset, "again_offset": one.again_offset,
                 "records": one.records}
                for one in self.twice
            ],
            "unread": [str(tp) for tp in self.unread],
            "handler_failures": self.handler_failures,
            "remembered_positions": self.remembered_positions,
            "positions_lost": [
                {"group": one.group, "partition": str(one.tp), "remembered": one.remembered, "found": one.found,
                 "told_to": one.told_to}
                for one in self.positions_lost
            ],
        }  # fmt: skip


def judge(account: Account, cluster: Cluster) -> Judgement:
    """Look for everything that was acknowledged, in the cluster as it is now."""
    lost: list[Lost] = []
    unread: list[TopicPartition] = []
    disks = _logs(cluster)
    for tp, epochs in account.acknowledged.items():
        log = _leaders_log(cluster, tp)
        if log is None:
            unread.append(tp)
            continue
        entries, start_offset = log
        for epoch, acknowledged in epochs.items():
            accounted = Ranges()
            for first, last in _of_epoch(entries, epoch, start_offset):
                accounted.add(first, last)
            # What a later record of its key makes old is not lost.
            for first, last in account.compacted.get(tp, {}).get(epoch, ()):
                accounted.add(first, last)
            for first, last in acknowledged.without(accounted):
                holders = tuple(broker for broker, logs in disks.items() if _holds(logs.get(tp, ()), epoch, first))
                lost.append(Lost(tp, epoch, first, last, holders))
    positions_lost, unled = account.positions.lost()
    return Judgement(
        appended_records=account.appended_records,
        acknowledged_records=account.acknowledged_records,
        refused=account.refused,
        lost=tuple(lost),
        twice=tuple(one for one in account.twice if _is_there(account, cluster, one)),
        unread=(*unread, *unled),
        handler_failures=cluster.handler_failures,
        remembered_positions=account.positions.remembered,
        positions_lost=positions_lost,
    )


def _leaders_log(cluster: Cluster, tp: TopicPartition) -> tuple[list[StoredBatch], int] | None:
    state = cluster.controller.metadata.partitions.get(tp)
    if state is None or state.leader == NO_LEADER:
        return None
    process = cluster.brokers[state.leader].process
    partition = None if process is None else process.replicas.partitions.get(tp)
    return None if partition is None else (partition.log.file.entries, partition.log.start_offset)


def _of_epoch(entries: list[StoredBatch], epoch: int, start_offset: int) -> Iterator[tuple[int, int]]:
    """Offsets that a log holds of one epoch; those before its start were deleted by somebody who meant it."""
    if start_offset:
        yield 0, start_offset - 1
    for stored in entries:
        if stored.leader_epoch == epoch and stored.last_offset >= start_offset:
            yield max(stored.base_offset, start_offset), stored.last_offset


def _logs(cluster: Cluster) -> dict[int, dict[TopicPartition, list[StoredBatch]]]:
    return {
        broker_id: {tp: file.entries for tp, file in logs_on(broker.disk)}
        for broker_id, broker in cluster.brokers.items()
    }


def _holds(entries: list[StoredBatch] | tuple[()], epoch: int, offset: int) -> bool:
    return any(one.leader_epoch == epoch and one.base_offset <= offset <= one.last_offset for one in entries)


def _is_there(account: Account, cluster: Cluster, twice: Twice) -> bool:
    """Whether both are there; the first of two with one key is what a cleaner takes."""
    log = _leaders_log(cluster, twice.tp)
    entries = [] if log is None else log[0]
    return all(
        any(stored.base_offset <= offset <= stored.last_offset for stored in entries)
        and not account.is_compacted(twice.tp, offset)
        for offset in (twice.first_offset, twice.again_offset)
    )
