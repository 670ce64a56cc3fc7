"""Positions that a transaction commits: TxnOffsetCommit, by whoever is in the group, or by who says nothing of itself (KIP-447).

Kafka: OffsetMetadataManager.commitTransactionalOffset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages import txn_offset_commit
from producer.wire.schema import ZERO_ID
from sim.cluster.coordinators.groups.group import Committer
from sim.cluster.coordinators.groups.record_kinds import NO_EXPIRY, offset_record
from sim.cluster.coordinators.groups.records import OffsetCommitKey, OffsetCommitValue
from sim.cluster.coordinators.shard import CoordinatorError, Identity, Outcome

if TYPE_CHECKING:
    from sim.cluster.coordinators.groups.group import CheckPartition
    from sim.cluster.coordinators.groups.offsets import Offsets
    from sim.cluster.coordinators.groups.registry import Groups
    from sim.cluster.coordinators.shard import CoordinatorRecord


class TransactionalCommits:
    """What transactions add to the positions of one coordinator's groups."""

    def __init__(self, groups: Groups, offsets: Offsets) -> None:
        self._groups = groups
        self._offsets = offsets

    def commit(self, wanted: txn_offset_commit.TxnOffsetCommitRequest, version: int, guard: int) -> Outcome:
        """Write positions as part of a transaction, of partitions that there are. Raises CoordinatorError for who may not.

        `guard` is what was given out when the transaction's coordinator was asked.
        """
        check = self._check(wanted, version)
        now_ms = self._groups.now_ms
        records: list[CoordinatorRecord] = []
        topics = []
        for topic in wanted.topics:
            told = []
            for asked in topic.partitions:
                code = Code.NONE
                if self._offsets.is_too_large(asked.committed_metadata):
                    code = Code.OFFSET_METADATA_TOO_LARGE
                else:
                    if check is not None:
                        _as_generation(check, asked.partition_index)
                    key = OffsetCommitKey(wanted.group_id, topic.name, asked.partition_index)
                    records.append(offset_record(key, _value(asked, now_ms)))
                told.append(txn_offset_commit.TxnOffsetCommitResponsePartition(asked.partition_index, code))
            topics.append(txn_offset_commit.TxnOffsetCommitResponseTopic(topic.name, tuple(told)))
        return Outcome(
            txn_offset_commit.TxnOffsetCommitResponse(topics=tuple(topics)),
            tuple(records),
            identity=Identity(wanted.producer_id, wanted.producer_epoch),
            guard=guard,
        )

    def _check(self, wanted: txn_offset_commit.TxnOffsetCommitRequest, version: int) -> CheckPartition | None:
        group = self._groups.find(wanted.group_id)
        if group is None:
            if wanted.generation_id >= 0:
                raise CoordinatorError(Code.ILLEGAL_GENERATION)
            group = self._groups.get_or_make(wanted.group_id)
        committer = Committer(
            wanted.member_id, wanted.group_instance_id, wanted.generation_id, version, is_transactional=True
        )
        try:
            return group.check_commit(committer)
        except CoordinatorError as error:
            raise _told(error) from None


def _as_generation(check: CheckPartition, partition: int) -> None:
    try:
        check(ZERO_ID, partition)
    except CoordinatorError as error:
        raise _told(error) from None


def _told(error: CoordinatorError) -> CoordinatorError:
    """Clients know no epochs of members here: one that is stale is an old generation."""
    return CoordinatorError(Code.ILLEGAL_GENERATION) if error.code is Code.STALE_MEMBER_EPOCH else error


def _value(asked: txn_offset_commit.TxnOffsetCommitRequestPartition, now_ms: int) -> OffsetCommitValue:
    return OffsetCommitValue(
        asked.committed_offset, asked.committed_leader_epoch, asked.committed_metadata or "", now_ms, NO_EXPIRY
    )
