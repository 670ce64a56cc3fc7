"""Groups by the consumer protocol: partitions are shared, given up, taken over; who is late is fenced."""

import pytest

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages.create_partitions import CreatePartitionsRequest, CreatePartitionsTopic
from producer.wire.messages.list_groups import ListGroupsRequest
from sim.cluster.topic_config import TopicConfig
from sim.world.units import SECOND_US
from tests.unit.sim.consumer_group_client import ASSIGNMENT_INTERVAL_S, ConsumerGroupLab, Member, pair
from tests.unit.sim.group_client import GROUP

# -- sharing -----------------------------------------------------------------------------------------------------------


def test_a_member_alone_has_all_partitions_at_once() -> None:
    lab = ConsumerGroupLab(partitions=3)
    member = Member(lab, "A")

    told = member.join()

    assert (told.error_code, told.member_epoch, told.heartbeat_interval_ms) == (Code.NONE, 2, 5_000)
    assert member.assigned == (0, 1, 2)
    assert (lab.described().group_state, lab.described().assignor_name) == ("Stable", "uniform")


def test_two_members_share_the_partitions_and_each_is_had_by_one_alone() -> None:
    lab = ConsumerGroupLab(partitions=4)
    first, second = pair(lab)

    first.reconcile()
    second.reconcile()

    assert (len(first.owned), len(second.owned)) == (2, 2)
    assert sorted(first.owned + second.owned) == [0, 1, 2, 3]
    assert lab.described().group_state == "Stable"


def test_a_slow_revoker_holds_its_partitions_until_it_lets_go() -> None:
    lab = ConsumerGroupLab(partitions=4)
    first, second = pair(lab)

    first.beat()
    before = second.beat().assignment, second.assigned, lab.assigned()["A"]
    first.owned = first.assigned
    first.beat()
    second.beat()

    assert before == (None, (), (0, 1, 2, 3))
    assert (len(first.assigned), len(second.assigned)) == (2, 2)


def test_whoever_does_not_let_go_within_its_rebalance_timeout_is_fenced_and_loses_everything() -> None:
    lab = ConsumerGroupLab(partitions=4)
    first, second = pair(lab, rebalance_ms=7_000)
    first.beat()

    states = []
    for _ in range(4):
        lab.run(2)
        states.append(first.beat().error_code)
        second.beat()

    assert states == [Code.NONE, Code.NONE, Code.NONE, Code.UNKNOWN_MEMBER_ID]
    lab.run(ASSIGNMENT_INTERVAL_S)
    second.beat()
    assert second.assigned == (0, 1, 2, 3)


def test_a_member_that_is_not_heard_of_is_fenced_after_its_session_and_another_takes_over() -> None:
    lab = ConsumerGroupLab(partitions=4, group_consumer_session_timeout_us=10 * SECOND_US)
    first, second = pair(lab)
    first.reconcile()
    second.reconcile()

    for _ in range(4):
        lab.run(3)
        second.reconcile()

    assert first.beat().error_code == Code.UNKNOWN_MEMBER_ID
    assert second.owned == (0, 1, 2, 3)


def test_who_leaves_is_gone_at_once_and_an_empty_group_keeps_its_epochs() -> None:
    lab = ConsumerGroupLab()
    member = Member(lab, "A")
    member.join()

    told = member.leave()

    assert (told.error_code, told.member_epoch) == (Code.NONE, -1)
    described = lab.described()
    assert (described.group_state, described.group_epoch, described.assignment_epoch) == ("Empty", 3, 2)
    assert member.beat().error_code == Code.UNKNOWN_MEMBER_ID


def test_a_group_is_shared_out_anew_not_before_the_assignment_interval_is_over() -> None:
    lab = ConsumerGroupLab(partitions=4, group_consumer_assignment_interval_us=5 * SECOND_US)
    first, second = Member(lab, "A"), Member(lab, "B")
    first.join()

    second.join()
    before = lab.described().group_state, lab.described().assignment_epoch
    lab.run(5.1)
    second.beat()

    assert before == ("Assigning", 2)
    assert lab.described().assignment_epoch == 3


def test_range_gives_each_member_a_run_of_partitions() -> None:
    lab = ConsumerGroupLab(partitions=5)
    first, second = pair(lab, assignor="range")

    first.reconcile()
    second.reconcile()

    assert (first.owned, second.owned) == ((0, 1, 2), (3, 4))
    assert lab.described().assignor_name == "range"


def test_a_full_group_takes_nobody_in_but_its_members() -> None:
    lab = ConsumerGroupLab(group_consumer_max_size=1)
    member = Member(lab, "A")
    member.join()

    told = Member(lab, "B").join()

    assert (told.error_code, told.error_message) == (
        Code.GROUP_MAX_SIZE_REACHED,
        "The consumer group has reached its maximum capacity of 1 members.",
    )
    assert member.join().error_code == Code.NONE


# -- epochs ------------------------------------------------------------------------------------------------------------


def test_an_answer_that_was_lost_costs_nothing_if_the_member_comes_with_its_epoch_before() -> None:
    lab = ConsumerGroupLab(TopicConfig("orders", partitions=2), TopicConfig("payments", partitions=2))
    member = Member(lab, "A")
    member.join()
    old = member.epoch
    lab.run(ASSIGNMENT_INTERVAL_S)
    member.beat(topics=("orders", "payments"))

    again = lab.heartbeat("A", old, owned=(0, 1))
    fenced = lab.heartbeat("A", old, owned=(0, 1, 7))

    assert (again.error_code, again.member_epoch) == (Code.NONE, old + 1)
    assert fenced.error_code == Code.FENCED_MEMBER_EPOCH


def test_more_partitions_raise_the_groups_epoch_and_are_assigned() -> None:
    lab = ConsumerGroupLab(partitions=2)
    member = Member(lab, "A")
    member.join()

    lab.line.call(
        ApiKey.CREATE_PARTITIONS, CreatePartitionsRequest((CreatePartitionsTopic("orders", 5, None),), timeout_ms=5_000)
    )
    lab.run(2)
    member.beat()

    assert (lab.described().group_epoch, member.epoch, member.assigned) == (3, 3, (0, 1, 2, 3, 4))


def test_a_topic_that_is_created_later_is_assigned_when_it_is_there() -> None:
    lab = ConsumerGroupLab(partitions=2)
    member = Member(lab, "A", topics=("orders", "later"))
    member.join()
    before = lab.described().group_epoch

    lab.cluster.create_topic(TopicConfig("later", partitions=1))
    lab.run(2)
    member.beat()

    assert (before, lab.described().group_epoch) == (2, 3)
    topics = lab.described().members[0].assignment.topic_partitions
    assert sorted(topic.topic_name for topic in topics) == ["later", "orders"]


# -- positions ---------------------------------------------------------------------------------------------------------


def test_only_a_member_in_its_epoch_commits_and_fetches() -> None:
    lab = ConsumerGroupLab(partitions=1)
    member = Member(lab, "A")
    member.join()

    codes = [lab.commit(5, generation=epoch, member_id=who) for epoch, who in ((2, "A"), (3, "A"), (1, "A"), (2, "B"))]

    assert codes == [Code.NONE, Code.STALE_MEMBER_EPOCH, Code.STALE_MEMBER_EPOCH, Code.UNKNOWN_MEMBER_ID]
    assert lab.commit(6, generation=2, member_id="A", version=8) == Code.UNSUPPORTED_VERSION
    assert lab.position() == (Code.NONE, 5)


def test_an_older_epoch_commits_for_partitions_that_were_had_since() -> None:
    lab = ConsumerGroupLab(partitions=4)
    first, second = pair(lab)
    old = first.epoch
    first.reconcile()
    second.reconcile()
    kept, given = first.owned[0], second.owned[0]

    codes = [
        lab.commit(5, generation=old, member_id="A", tp=TopicPartition("orders", partition))
        for partition in (kept, given)
    ]

    assert old < first.epoch
    assert codes == [Code.NONE, Code.STALE_MEMBER_EPOCH]


# -- as an administrator sees it ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "types", "is_listed"),
    [
        ((), (), True),
        (("stable",), (), True),
        (("Empty",), (), False),
        ((), ("Consumer",), True),
        ((), ("classic",), False),
    ],
)
def test_a_group_is_listed_by_state_and_type(states: tuple[str, ...], types: tuple[str, ...], is_listed: bool) -> None:
    lab = ConsumerGroupLab()
    Member(lab, "A").join()

    groups = lab.line.call(ApiKey.LIST_GROUPS, ListGroupsRequest(states, types)).groups

    found = [(one.group_id, one.protocol_type, one.group_state, one.group_type) for one in groups]
    assert found == ([(GROUP, "consumer", "Stable", "consumer")] if is_listed else [])


# -- settings of the group ---------------------------------------------------------------------------------------------


def test_a_groups_own_times_hold_from_the_next_heartbeat_on() -> None:
    lab = ConsumerGroupLab(partitions=1)
    member = Member(lab, "A")
    member.join()

    lab.set_for_group("consumer.heartbeat.interval.ms", "7000")
    lab.set_for_group("consumer.session.timeout.ms", "60000")
    told = member.beat()
    lab.run(55)

    assert told.heartbeat_interval_ms == 7_000
    assert member.beat().error_code == Code.NONE
    lab.run(62)
    assert member.beat().error_code == Code.UNKNOWN_MEMBER_ID


def test_a_groups_own_times_go_when_they_are_deleted_and_are_no_other_groups() -> None:
    lab = ConsumerGroupLab(partitions=1)
    lab.set_for_group("consumer.heartbeat.interval.ms", "7000", group="another")
    member = Member(lab, "A")

    assert member.join().heartbeat_interval_ms == 5_000
    lab.set_for_group("consumer.heartbeat.interval.ms", "7000")
    assert member.beat().heartbeat_interval_ms == 7_000
    lab.set_for_group("consumer.heartbeat.interval.ms", None)
    assert member.beat().heartbeat_interval_ms == 5_000
