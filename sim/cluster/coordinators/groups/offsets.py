"""How far each group has come in each partition: committed, fetched, deleted, and gone when nobody uses them.

Kafka: OffsetMetadataManager.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages import offset_commit, offset_delete, offset_fetch
from producer.wire.schema import ZERO_ID
from sim.cluster.coordinators.groups.classic_group import ClassicGroup
from sim.cluster.coordinators.groups.classic_state import ClassicState
from sim.cluster.coordinators.groups.group import Committer
from sim.cluster.coordinators.groups.pending_offsets import PendingOffsets, Place, PlaceOfGroup, Position
from sim.cluster.coordinators.groups.record_kinds import NO_EXPIRY, offset_record, offset_tombstone
from sim.cluster.coordinators.groups.records import OffsetCommitKey, OffsetCommitValue
from sim.cluster.coordinators.shard import NO_PRODUCER_ID, CoordinatorError, Outcome
from sim.cluster.coordinators.timeline import TimelineMap
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.cluster.coordinators.groups.group import CheckPartition, Group
    from sim.cluster.coordinators.groups.rebalances import Rebalances
    from sim.cluster.coordinators.groups.registry import Groups
    from sim.cluster.coordinators.shard import CoordinatorRecord, Ground
    from sim.cluster.metadata_states import RemovedTopic

_DEFAULT_RETENTION = -1
_GROUP_ID_NOT_FOUND_SINCE = 9
"""Older clients are told ILLEGAL_GENERATION of a group that does not exist."""
_NOWHERE = -1


class Offsets:
    """The positions of all groups of one coordinator."""

    def __init__(self, ground: Ground, groups: Groups, rebalances: Rebalances) -> None:
        self._ground = ground
        self._groups = groups
        self._rebalances = rebalances
        self._config = ground.broker.config
        self._of_group: dict[str, TimelineMap[Place, Position]] = {}
        self.pending = PendingOffsets(ground.timeline)
        """Those that belong to open transactions."""

    # -- commit --------------------------------------------------------------------------------------------------------

    def commit(self, wanted: offset_commit.OffsetCommitRequest, version: int) -> Outcome:
        """Commit positions, of partitions that there are. Raises CoordinatorError for who may not."""
        check = self._check_commit(wanted, version)
        now_ms = self._groups.now_ms
        expires_ms = NO_EXPIRY
        if wanted.retention_time_ms != _DEFAULT_RETENTION:
            expires_ms = now_ms + wanted.retention_time_ms
        records: list[CoordinatorRecord] = []
        topics = []
        for topic in wanted.topics:
            told = []
            for asked in topic.partitions:
                code = Code.NONE
                if self.is_too_large(asked.committed_metadata):
                    code = Code.OFFSET_METADATA_TOO_LARGE
                else:
                    if check is not None:
                        check(topic.topic_id, asked.partition_index)
                    key = OffsetCommitKey(wanted.group_id, topic.name, asked.partition_index)
                    records.append(offset_record(key, _value(asked, now_ms, expires_ms, topic.topic_id)))
                told.append(offset_commit.OffsetCommitResponsePartition(asked.partition_index, code))
            topics.append(offset_commit.OffsetCommitResponseTopic(topic.name, topic.topic_id, tuple(told)))
        return Outcome(offset_commit.OffsetCommitResponse(topics=tuple(topics)), tuple(records))

    def is_too_large(self, metadata: str | None) -> bool:
        """Whether more is to be kept with a position than may be."""
        return _utf_16_units(metadata or "") > self._config.offset_metadata_bytes_max

    def _check_commit(self, wanted: offset_commit.OffsetCommitRequest, version: int) -> CheckPartition | None:
        generation = wanted.generation_id_or_member_epoch
        group = self._groups.find(wanted.group_id)
        if group is None:
            if generation >= 0:
                is_told = version >= _GROUP_ID_NOT_FOUND_SINCE
                raise CoordinatorError(Code.GROUP_ID_NOT_FOUND if is_told else Code.ILLEGAL_GENERATION)
            group = self._groups.get_or_make(wanted.group_id)
        check = group.check_commit(Committer(wanted.member_id, wanted.group_instance_id, generation, version))
        if isinstance(group, ClassicGroup) and group.state in {ClassicState.STABLE, ClassicState.PREPARING_REBALANCE}:
            # To commit is a sign of life.
            self._rebalances.expect_heartbeat(group, group.members[wanted.member_id])
        return check

    # -- fetch ---------------------------------------------------------------------------------------------------------

    def fetch(
        self, wanted: offset_fetch.OffsetFetchRequestGroup, *, is_committed: bool
    ) -> offset_fetch.OffsetFetchResponseGroup:
        """Tell positions: of what is committed; or with what is written but not committed yet, and then only what is stable."""
        known: dict[Place, OffsetCommitValue] = {}
        group = self._groups.find(wanted.group_id, is_committed=is_committed)
        if group is not None:
            try:
                group.check_fetch((wanted.member_id, wanted.member_epoch), is_committed=is_committed)
                positions = self._positions(wanted.group_id, is_committed=is_committed)
                known = {place: position.value for place, position in positions}
            except CoordinatorError as error:
                if error.code is not Code.GROUP_ID_NOT_FOUND:
                    raise
        if wanted.topics is None:
            topics = _all_topics(known)
        else:
            topics = tuple([_topic(asked, known) for asked in wanted.topics])
        if not is_committed:
            topics = tuple([self._with_unstable(wanted.group_id, topic) for topic in topics])
        return offset_fetch.OffsetFetchResponseGroup(wanted.group_id, topics)

    def _with_unstable(
        self, group_id: str, topic: offset_fetch.OffsetFetchResponseTopics
    ) -> offset_fetch.OffsetFetchResponseTopics:
        """Tell no position where an open transaction holds another: whoever begins there asks again (KIP-447)."""
        told = [
            _partition(one.partition_index, None)._replace(error_code=Code.UNSTABLE_OFFSET_COMMIT)
            if self.pending.has(PlaceOfGroup(group_id, Place(topic.name, one.partition_index)))
            else one
            for one in topic.partitions
        ]
        return topic._replace(partitions=tuple(told))

    def _positions(self, group_id: str, *, is_committed: bool = False) -> Iterable[tuple[Place, Position]]:
        known = self._of_group.get(group_id)
        return () if known is None else known.items(is_committed=is_committed)

    # -- delete --------------------------------------------------------------------------------------------------------

    def delete(self, wanted: offset_delete.OffsetDeleteRequest) -> Outcome:
        """Delete positions, but of topics that a member reads. Raises CoordinatorError for the whole of it."""
        group = self._groups.get(wanted.group_id)
        group.check_delete_offsets()
        known = dict(self._positions(wanted.group_id))
        records = []
        topics = []
        for topic in wanted.topics:
            is_in_use = group.is_subscribed_to(topic.name)
            code = Code.GROUP_SUBSCRIBED_TO_TOPIC if is_in_use else Code.NONE
            told = []
            for asked in topic.partitions:
                told.append(offset_delete.OffsetDeleteResponsePartition(asked.partition_index, code))
                place = Place(topic.name, asked.partition_index)
                is_known = place in known or self.pending.has(PlaceOfGroup(wanted.group_id, place))
                if not is_in_use and is_known:
                    records.append(offset_tombstone(wanted.group_id, topic.name, asked.partition_index))
            topics.append(offset_delete.OffsetDeleteResponseTopic(topic.name, tuple(told)))
        return Outcome(offset_delete.OffsetDeleteResponse(topics=tuple(topics)), tuple(records))

    def tombstones_of(self, group_id: str) -> tuple[CoordinatorRecord, ...]:
        """Give the records that let every position of a group be gone, those of open transactions as well."""
        places = [place for place, _ in self._positions(group_id)]
        places += [place for place in self.pending.places_of(group_id) if place not in places]
        return tuple([offset_tombstone(group_id, *place) for place in places])

    def tombstones_of_topics(self, removed: tuple[RemovedTopic, ...]) -> tuple[CoordinatorRecord, ...]:
        """Give the records that let every position in these topics be gone: the topics are."""
        ids = {topic.name: topic.topic_id for topic in removed}
        gone = [
            PlaceOfGroup(group_id, place)
            for group_id in tuple(self._of_group)
            for place, position in self._positions(group_id)
            if place.topic in ids and not _is_of_another(position.value.topic_id, ids[place.topic])
        ]
        gone += [where for where in self.pending.all() if where.place.topic in ids and where not in gone]
        return tuple([offset_tombstone(where.group, *where.place) for where in gone])

    def expired(self, group: Group, records: list[CoordinatorRecord]) -> bool:
        """Add the records that let what is unused for too long be gone. Returns whether nothing is left."""
        now_ms = self._groups.now_ms
        is_all = True
        for place, position in self._positions(group.group_id):
            is_pending = self.pending.has(PlaceOfGroup(group.group_id, place))
            is_unused = not group.is_subscribed_to(place.topic) and not is_pending
            if is_unused and self._is_expired(group, position.value, now_ms):
                records.append(offset_tombstone(group.group_id, *place))
            else:
                is_all = False
        return is_all and not self.pending.places_of(group.group_id)

    def _is_expired(self, group: Group, value: OffsetCommitValue, now_ms: int) -> bool:
        since_ms = group.expires_since_ms(value.commit_timestamp)
        if since_ms is None:
            return False
        if value.expire_timestamp != NO_EXPIRY:
            return now_ms >= value.expire_timestamp
        return (now_ms - since_ms) * MILLISECOND_US >= self._config.offsets_retention_us

    # -- replay --------------------------------------------------------------------------------------------------------

    def replay(self, key: OffsetCommitKey, value: OffsetCommitValue | None, producer_id: int) -> None:
        """Take a record; one of a transaction names the producer."""
        where = PlaceOfGroup(key.group, Place(key.topic, key.partition))
        if value is None:
            known = self._of_group.get(key.group)
            if known is not None:
                known.remove(where.place)
            self.pending.forget(where)
            return
        self._groups.get_or_make(key.group)
        position = Position(value, self._ground.timeline.next_offset)
        if producer_id == NO_PRODUCER_ID:
            self._put(where, position)
        else:
            self.pending.put(producer_id, where, position)

    def _put(self, where: PlaceOfGroup, position: Position) -> None:
        positions = self._of_group.get(where.group)
        if positions is None:
            positions = self._of_group[where.group] = TimelineMap(self._ground.timeline)
        positions.put(where.place, position)

    def end_transaction(self, producer_id: int, *, is_commit: bool) -> tuple[tuple[PlaceOfGroup, Position], ...]:
        """Let what a transaction held count, but where a later record said something else meanwhile; or forget it.

        Gives what it held.
        """
        held = self.pending.take(producer_id)
        if is_commit:
            for where, position in held:
                known = self._of_group.get(where.group)
                before = None if known is None else known.get(where.place)
                if before is None or position.record_offset > before.record_offset:
                    self._put(where, position)
        return held


def _utf_16_units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _value(
    asked: offset_commit.OffsetCommitRequestPartition, now_ms: int, expires_ms: int, topic_id: bytes
) -> OffsetCommitValue:
    metadata = asked.committed_metadata or ""
    return OffsetCommitValue(
        asked.committed_offset, asked.committed_leader_epoch, metadata, now_ms, expires_ms, topic_id
    )


def _all_topics(known: dict[Place, OffsetCommitValue]) -> tuple[offset_fetch.OffsetFetchResponseTopics, ...]:
    by_topic: dict[str, list[offset_fetch.OffsetFetchResponsePartitions]] = {}
    for place, value in known.items():
        by_topic.setdefault(place.topic, []).append(_partition(place.partition, value))
    return tuple([
        offset_fetch.OffsetFetchResponseTopics(topic, ZERO_ID, tuple(told)) for topic, told in by_topic.items()
    ])  # fmt: skip


def _topic(
    asked: offset_fetch.OffsetFetchRequestTopics, known: dict[Place, OffsetCommitValue]
) -> offset_fetch.OffsetFetchResponseTopics:
    told = []
    for partition in asked.partition_indexes:
        value = known.get(Place(asked.name, partition))
        if value is not None and _is_of_another(value.topic_id, asked.topic_id):
            # A topic of that name was there before.
            value = None
        told.append(_partition(partition, value))
    return offset_fetch.OffsetFetchResponseTopics(asked.name, asked.topic_id, tuple(told))


def _is_of_another(known: bytes, asked: bytes) -> bool:
    return ZERO_ID not in {known, asked} and known != asked


def _partition(number: int, value: OffsetCommitValue | None) -> offset_fetch.OffsetFetchResponsePartitions:
    if value is None:
        return offset_fetch.OffsetFetchResponsePartitions(number, _NOWHERE)
    return offset_fetch.OffsetFetchResponsePartitions(number, value.offset, value.leader_epoch, value.metadata)
