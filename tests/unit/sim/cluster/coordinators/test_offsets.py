"""Positions of groups: committed when the whole ISR has them, found again by the next coordinator, gone when nobody uses them."""

import pytest

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages.delete_groups import DeleteGroupsRequest
from producer.wire.messages.describe_groups import DescribeGroupsRequest
from producer.wire.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from producer.wire.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
)
from producer.wire.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics
from sim.cluster.coordinators.keys import partition_for
from sim.cluster.topic_config import TopicConfig
from sim.world.units import SECOND_US
from tests.unit.sim.group_client import GROUP, OFFSETS, GroupLab
from tests.unit.sim.raw_client import ORDERS

HOME = TopicPartition(OFFSETS, partition_for(GROUP, 4))
NEIGHBOUR = next(f"g{number}" for number in range(99) if partition_for(f"g{number}", 4) == HOME.partition)
"""A group with the same coordinator."""
MINUTE_US = 60 * SECOND_US


def _delete_offset(lab: GroupLab, topic: str = "orders") -> tuple[Code, Code | None]:
    wanted = OffsetDeleteRequest(GROUP, (OffsetDeleteRequestTopic(topic, (OffsetDeleteRequestPartition(0),)),))
    answer = lab.line.call(ApiKey.OFFSET_DELETE, wanted)
    told = answer.topics[0].partitions[0].error_code if answer.topics else None
    return Code(answer.error_code), None if told is None else Code(told)


def test_a_position_is_told_to_whoever_asks_and_none_where_none_was_committed() -> None:
    lab = GroupLab()

    before = lab.position()
    code = lab.commit(5)

    assert (before, code, lab.position()) == ((Code.NONE, -1), Code.NONE, (Code.NONE, 5))
    assert lab.position(tp=TopicPartition("orders", 1)) == (Code.NONE, -1)
    assert lab.position(group=NEIGHBOUR) == (Code.NONE, -1)


def test_a_committed_position_survives_the_crash_of_its_coordinator() -> None:
    lab = GroupLab()
    assert lab.commit(5) == Code.NONE
    assert lab.commit(7) == Code.NONE

    lab.cluster.crash(lab.coordinator)
    line = lab.loaded(broker=lab.coordinator % 3 + 1)

    assert lab.position(line) == (Code.NONE, 7)


def test_a_position_is_committed_only_when_every_replica_in_sync_has_it() -> None:
    lab = GroupLab(replica_lag_time_max_us=60 * SECOND_US)
    followers = [broker for broker in (1, 2, 3) if broker != lab.coordinator]
    for broker in followers:
        lab.cluster.pause(broker)

    committed = lab.send_commit(5, line=lab.line)
    lab.run(1)
    reader = lab.client.connect(lab.coordinator)

    assert committed not in lab.line.answers
    # What is not committed is told to nobody; who asks for what is stable waits.
    assert lab.position(reader) == (Code.NONE, -1)
    for broker in followers:
        lab.cluster.resume(broker)
    assert Code(lab.line.wait(committed).topics[0].partitions[0].error_code) == Code.NONE
    assert lab.position(reader) == (Code.NONE, 5)


def test_a_commit_that_is_not_replicated_in_time_is_refused_and_may_still_be_written() -> None:
    lab = GroupLab(replica_lag_time_max_us=60 * SECOND_US)
    followers = [broker for broker in (1, 2, 3) if broker != lab.coordinator]
    for broker in followers:
        lab.cluster.pause(broker)
    began_us = lab.world.now_us

    code = lab.commit(5)

    assert code == Code.COORDINATOR_NOT_AVAILABLE
    assert 5 * SECOND_US <= lab.world.now_us - began_us < 6 * SECOND_US
    for broker in followers:
        lab.cluster.resume(broker)
    lab.run(1)
    assert lab.position() == (Code.NONE, 5)


def test_who_asks_for_what_is_stable_waits_for_what_was_written_before() -> None:
    lab = GroupLab(replica_lag_time_max_us=60 * SECOND_US)
    followers = [broker for broker in (1, 2, 3) if broker != lab.coordinator]
    for broker in followers:
        lab.cluster.pause(broker)
    lab.send_commit(5, line=lab.line)
    lab.run(0.1)
    asked_us = lab.world.now_us
    for broker in followers:
        lab.world.call_in(SECOND_US, lab.cluster.resume, broker)

    found = lab.position(lab.client.connect(lab.coordinator), is_stable=True)

    assert found == (Code.NONE, 5)
    assert lab.world.now_us - asked_us >= SECOND_US


def test_a_deposed_coordinator_refuses_what_waits_for_replicas() -> None:
    lab = GroupLab(replica_lag_time_max_us=60 * SECOND_US)
    followers = [broker for broker in (1, 2, 3) if broker != lab.coordinator]
    for broker in followers:
        lab.cluster.pause(broker)
    waiting = lab.send_commit(9, line=lab.line)
    lab.run(0.2)

    lab.cluster.move_leader(HOME, followers[0])
    answer = lab.line.wait(waiting, within_us=SECOND_US)

    assert answer.topics[0].partitions[0].error_code == Code.NOT_COORDINATOR
    assert lab.position()[0] == Code.NOT_COORDINATOR


def test_partitions_and_topics_that_there_are_not_are_refused_one_by_one() -> None:
    lab = GroupLab()
    asked = (
        OffsetCommitRequestTopic(
            "orders", partitions=(OffsetCommitRequestPartition(0, 5), OffsetCommitRequestPartition(9, 5))
        ),
        OffsetCommitRequestTopic("nowhere", partitions=(OffsetCommitRequestPartition(0, 5),)),
    )

    answer = lab.line.call(ApiKey.OFFSET_COMMIT, OffsetCommitRequest(GROUP, topics=asked), 9)

    told = {(topic.name, one.partition_index): one.error_code for topic in answer.topics for one in topic.partitions}
    assert told == {
        ("orders", 0): Code.NONE,
        ("orders", 9): Code.UNKNOWN_TOPIC_OR_PARTITION,
        ("nowhere", 0): Code.UNKNOWN_TOPIC_OR_PARTITION,
    }
    assert lab.position() == (Code.NONE, 5)


@pytest.mark.parametrize(("metadata", "code"), [("x" * 4096, Code.NONE), ("x" * 4097, Code.OFFSET_METADATA_TOO_LARGE), (None, Code.NONE)])  # fmt: skip
def test_metadata_is_kept_up_to_its_limit(metadata: str | None, code: Code) -> None:
    assert GroupLab().commit(5, metadata=metadata) == code


def test_a_generation_of_a_group_that_there_is_not_is_refused_in_the_words_of_the_version() -> None:
    lab = GroupLab()

    codes = [lab.commit(5, generation=1, member_id="m", version=version) for version in (8, 9)]

    assert codes == [Code.ILLEGAL_GENERATION, Code.GROUP_ID_NOT_FOUND]


# -- topics by id ------------------------------------------------------------------------------------------------------


def test_topics_go_by_id_since_version_10_and_an_unknown_id_is_refused() -> None:
    lab = GroupLab()
    topic_id = lab.cluster.controller.metadata.topics["orders"].topic_id

    codes = [lab.commit(5, version=10, topic_id=one) for one in (topic_id, b"\x07" * 16)]
    asked = tuple(OffsetFetchRequestTopics(topic_id=one, partition_indexes=(0,)) for one in (topic_id, b"\x07" * 16))
    answer = lab.line.call(
        ApiKey.OFFSET_FETCH, OffsetFetchRequest(groups=(OffsetFetchRequestGroup(GROUP, topics=asked),)), 10
    )

    assert codes == [Code.NONE, Code.UNKNOWN_TOPIC_ID]
    told = {topic.topic_id: topic.partitions[0] for topic in answer.groups[0].topics}
    assert told[topic_id].committed_offset == 5
    assert told[b"\x07" * 16].error_code == Code.UNKNOWN_TOPIC_ID


def test_a_topic_that_is_gone_takes_the_positions_in_it_along() -> None:
    lab = GroupLab()
    assert lab.commit(5) == Code.NONE

    lab.cluster.delete_topic("orders")
    lab.run(1)
    lab.cluster.create_topic(TopicConfig("orders"))
    lab.run(1)

    assert lab.position() == (Code.NONE, -1)


# -- deletion ----------------------------------------------------------------------------------------------------------


def test_a_position_is_deleted_for_every_coordinator_to_come() -> None:
    lab = GroupLab()
    lab.commit(5)

    deleted = _delete_offset(lab)
    lab.cluster.crash(lab.coordinator)
    line = lab.loaded(broker=lab.coordinator % 3 + 1)

    assert deleted == (Code.NONE, Code.NONE)
    assert lab.position(line) == (Code.NONE, -1)


def test_a_position_that_a_member_uses_is_not_deleted_and_one_of_another_topic_is() -> None:
    lab = GroupLab(TopicConfig("orders"), TopicConfig("returns"))
    lab.living()

    assert _delete_offset(lab) == (Code.NONE, Code.GROUP_SUBSCRIBED_TO_TOPIC)
    assert _delete_offset(lab, "returns") == (Code.NONE, Code.NONE)


def test_positions_of_a_group_with_members_of_unknown_kind_are_not_deleted() -> None:
    lab = GroupLab()
    lab.new_member(kind="connect")

    assert _delete_offset(lab)[0] == Code.NON_EMPTY_GROUP


def test_positions_of_no_group_are_not_there_to_be_deleted() -> None:
    lab = GroupLab()

    assert _delete_offset(lab)[0] == Code.GROUP_ID_NOT_FOUND


def test_a_group_without_members_is_deleted_with_its_positions_and_one_with_members_is_not() -> None:
    lab = GroupLab()
    lab.commit(5)

    deleted = lab.line.call(ApiKey.DELETE_GROUPS, DeleteGroupsRequest((GROUP, "nobody"))).results
    described = lab.line.call(ApiKey.DESCRIBE_GROUPS, DescribeGroupsRequest((GROUP,)), 5).groups[0]
    lab.living()
    refused = lab.line.call(ApiKey.DELETE_GROUPS, DeleteGroupsRequest((GROUP,))).results

    codes = {one.group_id: one.error_code for one in deleted}
    assert codes[GROUP] == Code.NONE
    assert codes["nobody"] in {Code.GROUP_ID_NOT_FOUND, Code.NOT_COORDINATOR}
    assert (described.group_state, lab.position()) == ("Dead", (Code.NONE, -1))
    assert refused[0].error_code == Code.NON_EMPTY_GROUP


# -- expiry ------------------------------------------------------------------------------------------------------------


def test_positions_that_nobody_uses_are_gone_after_the_retention_and_the_group_with_them() -> None:
    lab = GroupLab(offsets_retention_us=10 * MINUTE_US, offsets_retention_check_interval_us=MINUTE_US)
    lab.commit(5)

    lab.run(9 * 60)
    before = lab.position()
    lab.run(3 * 60)
    described = lab.line.call(ApiKey.DESCRIBE_GROUPS, DescribeGroupsRequest((GROUP,)), 6).groups[0]

    assert (before, lab.position()) == ((Code.NONE, 5), (Code.NONE, -1))
    assert described.error_code == Code.GROUP_ID_NOT_FOUND


def test_a_position_with_a_time_of_its_own_is_gone_after_that() -> None:
    lab = GroupLab(offsets_retention_check_interval_us=SECOND_US)
    lab.commit(5, version=2, retention_ms=3_000)

    lab.run(2)
    before = lab.position()
    lab.run(3)

    assert (before, lab.position()) == ((Code.NONE, 5), (Code.NONE, -1))


def test_positions_of_a_group_that_is_in_use_do_not_expire() -> None:
    lab = GroupLab(offsets_retention_us=10 * SECOND_US, offsets_retention_check_interval_us=SECOND_US)
    joined = lab.living()
    lab.commit(5, generation=joined.generation_id, member_id=joined.member_id)

    for _ in range(4):
        lab.run(5)
        assert lab.beat(joined.generation_id, joined.member_id) == Code.NONE

    assert lab.position() == (Code.NONE, 5)


def test_the_retention_of_a_group_begins_when_its_last_member_leaves() -> None:
    lab = GroupLab(offsets_retention_us=20 * SECOND_US, offsets_retention_check_interval_us=SECOND_US)
    joined = lab.living(session_ms=6_000)
    lab.commit(5, generation=joined.generation_id, member_id=joined.member_id)

    # Its session runs out after 6 s.
    lab.run(24)
    before = lab.position()
    lab.run(6)

    assert (before, lab.position()) == ((Code.NONE, 5), (Code.NONE, -1))


def test_all_positions_of_a_group_are_told_where_no_topics_are_named() -> None:
    lab = GroupLab(TopicConfig("orders", partitions=2))
    lab.commit(5)
    lab.commit(6, tp=ORDERS._replace(partition=1))
    wanted = OffsetFetchRequest(
        groups=(OffsetFetchRequestGroup(GROUP, topics=None), OffsetFetchRequestGroup("other", topics=None))
    )

    answer = lab.line.call(ApiKey.OFFSET_FETCH, wanted, 10)

    topics = answer.groups[0].topics
    assert [(one.partition_index, one.committed_offset) for one in topics[0].partitions] == [(0, 5), (1, 6)]
    assert topics[0].topic_id == lab.cluster.controller.metadata.topics["orders"].topic_id
    assert answer.groups[1].topics == ()
