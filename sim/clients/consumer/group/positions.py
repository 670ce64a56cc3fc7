"""How far a group has come in a member's partitions: fetched before they are read, committed when they were (OffsetFetch, OffsetCommit)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.codec import decode
from producer.wire.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
)
from producer.wire.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
    OffsetFetchResponse,
)
from producer.wire.schema import ZERO_ID
from sim.clients.consumer.group.membership import Question

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from producer.client.cluster_view import ClusterView

NO_POSITION = -1


class Positions:
    """What is known of them to one member."""

    def __init__(self, group_id: str, view: ClusterView) -> None:
        self._group_id = group_id
        self._view = view
        self._known: dict[TopicPartition, int] = {}
        """The group's position in what is read, as it was fetched or asked to be remembered last; -1 for none."""
        self.commits = 0
        """How many were asked for."""

    def are_known(self, partitions: Iterable[TopicPartition]) -> bool:
        """Whether it is known where to read each of them from."""
        return all(partition in self._known for partition in partitions)

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """They are another's: their positions will not be what they were."""
        for partition in partitions:
            self._known.pop(partition, None)

    # -- fetching ------------------------------------------------------------------------------------------------------

    def fetch(self, owned: Iterable[TopicPartition], member_id: str | None, epoch: int) -> Question:
        """Ask for those that are not known."""
        topics = tuple([
            OffsetFetchRequestTopics(topic, self._topic_id(topic), tuple(partitions))
            for topic, partitions in _by_topic([one for one in owned if one not in self._known]).items()
        ])  # fmt: skip
        group = OffsetFetchRequestGroup(self._group_id, member_id, epoch, topics)
        return Question(ApiKey.OFFSET_FETCH, OffsetFetchRequest(groups=(group,), require_stable=True))

    def fetched(self, body: bytes, version: int) -> tuple[int, int, dict[TopicPartition, int]]:
        """Read an answer: the first error in it, for how many ms to be silent, and the positions that it has. Raises PeerError."""
        told = decode(OffsetFetchResponse, body, version)
        code = int(Code.NONE)
        found: dict[TopicPartition, int] = {}
        for group in told.groups:
            code = code or group.error_code
            for topic in group.topics:
                name = topic.name or self._view.topic_name(topic.topic_id)
                for one in topic.partitions:
                    code = code or one.error_code
                    if name is not None and not one.error_code:
                        found[TopicPartition(name, one.partition_index)] = max(one.committed_offset, NO_POSITION)
        return code, told.throttle_time_ms, found

    def begin(
        self, owned: Iterable[TopicPartition], found: Mapping[TopicPartition, int], begin_at: int
    ) -> dict[TopicPartition, int]:
        """Give where to read those from that were not known, `begin_at` where the group has no position."""
        new = {one: found[one] for one in owned if one in found and one not in self._known}
        self._known.update(new)
        return {partition: begin_at if offset == NO_POSITION else offset for partition, offset in new.items()}

    # -- committing ----------------------------------------------------------------------------------------------------

    def uncommitted(
        self, partitions: Iterable[TopicPartition], consumed_to: Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, int]:
        """Give the positions that have moved since they were fetched or committed."""
        moved: dict[TopicPartition, int] = {}
        for partition in partitions:
            offset = consumed_to.get(partition, NO_POSITION)
            if offset != NO_POSITION and partition in self._known and offset != self._known[partition]:
                moved[partition] = offset
        return moved

    def commit(self, positions: Mapping[TopicPartition, int], member_id: str, epoch: int) -> Question:
        """Ask for these to be remembered."""
        self.commits += 1
        topics = tuple([
            OffsetCommitRequestTopic(
                topic,
                self._topic_id(topic),
                tuple([
                    OffsetCommitRequestPartition(one, positions[TopicPartition(topic, one)]) for one in partitions
                ]),
            )
            for topic, partitions in _by_topic(positions).items()
        ])  # fmt: skip
        return Question(ApiKey.OFFSET_COMMIT, OffsetCommitRequest(self._group_id, epoch, member_id, topics=topics))

    def committed(
        self, body: bytes, version: int, positions: Mapping[TopicPartition, int]
    ) -> tuple[int, dict[TopicPartition, int]]:
        """Read an answer: for how many ms to be silent, and a code for each. Raises PeerError."""
        told = decode(OffsetCommitResponse, body, version)
        codes: dict[TopicPartition, int] = {}
        for topic in told.topics:
            name = topic.name or self._view.topic_name(topic.topic_id)
            for one in topic.partitions:
                if name is not None:
                    codes[TopicPartition(name, one.partition_index)] = one.error_code
        for partition, offset in positions.items():
            if partition in self._known and codes.get(partition) == Code.NONE:
                self._known[partition] = offset
        return told.throttle_time_ms, codes

    def _topic_id(self, topic: str) -> bytes:
        view = self._view.topics.get(topic)
        return ZERO_ID if view is None else view.topic_id


def _by_topic(partitions: Iterable[TopicPartition]) -> dict[str, list[int]]:
    by_topic: dict[str, list[int]] = {}
    for topic, partition in partitions:
        by_topic.setdefault(topic, []).append(partition)
    return by_topic
