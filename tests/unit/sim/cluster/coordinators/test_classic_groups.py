"""Classic groups: ids are given, generations begin, leaders assign, members go, and a failover forgets nobody."""

import re

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages.describe_groups import DescribeGroupsRequest
from producer.wire.messages.join_group import JoinGroupRequestProtocol
from producer.wire.messages.leave_group import MemberIdentity
from producer.wire.messages.list_groups import ListGroupsRequest
from sim.cluster.coordinators.keys import partition_for
from sim.world.units import SECOND_US
from tests.unit.sim.group_client import GROUP, OFFSETS, RANGE, GroupLab
from tests.unit.sim.raw_client import RawConnection

HOME = TopicPartition(OFFSETS, partition_for(GROUP, 4))
UUID_4 = re.compile(r"raw-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def _line(lab: GroupLab) -> RawConnection:
    return lab.client.connect(lab.coordinator)


def _state(lab: GroupLab, line: RawConnection | None = None) -> str:
    answer = (line or lab.line).call(ApiKey.DESCRIBE_GROUPS, DescribeGroupsRequest((GROUP,)), 5)
    state: str = answer.groups[0].group_state
    return state


# -- ids ---------------------------------------------------------------------------------------------------------------


def test_a_new_member_is_given_an_id_and_joins_with_it() -> None:
    lab = GroupLab()

    given = lab.join()
    joined = lab.join(given.member_id)

    assert given.error_code == Code.MEMBER_ID_REQUIRED
    assert UUID_4.fullmatch(given.member_id)
    assert (joined.error_code, joined.generation_id, joined.leader) == (Code.NONE, 1, given.member_id)


def test_before_version_4_a_new_member_is_in_at_once() -> None:
    lab = GroupLab()

    joined = lab.join(version=3)

    assert (joined.error_code, joined.generation_id, joined.leader) == (Code.NONE, 1, joined.member_id)


def test_two_runs_give_the_same_ids_and_another_seed_gives_others() -> None:
    ids = [GroupLab(seed=seed).join().member_id for seed in (1, 1, 2)]

    assert ids[0] == ids[1] != ids[2]


def test_an_id_that_nobody_joins_with_is_forgotten_after_the_session() -> None:
    lab = GroupLab()
    given = lab.join(session_ms=6_000).member_id

    lab.run(7)

    assert lab.join(given).error_code == Code.UNKNOWN_MEMBER_ID


# -- rebalances --------------------------------------------------------------------------------------------------------


def test_the_first_member_of_an_empty_group_waits_for_others_and_all_are_in_one_generation() -> None:
    lab = GroupLab(group_initial_rebalance_delay_us=3 * SECOND_US)
    lines = [_line(lab) for _ in range(3)]
    began_us = lab.world.now_us

    waiting = []
    for line in lines:
        waiting.append(lab.send_join(lab.join(line=line).member_id, line=line))
        lab.run(1)
    answers = [line.wait(sent) for line, sent in zip(lines, waiting, strict=True)]

    assert [one.generation_id for one in answers] == [1, 1, 1]
    assert [len(one.members) for one in answers] == [3, 0, 0]
    # Others came meanwhile, so it waited once more.
    assert 6 * SECOND_US <= lab.world.now_us - began_us < 7 * SECOND_US


def test_whoever_does_not_join_again_within_the_rebalance_timeout_is_left_behind() -> None:
    lab = GroupLab()
    first = lab.living(rebalance_ms=5_000)
    began_us = lab.world.now_us

    second = lab.new_member(line=_line(lab), rebalance_ms=1_000)

    assert (second.error_code, second.generation_id, second.leader) == (Code.NONE, 2, second.member_id)
    assert 5 * SECOND_US <= lab.world.now_us - began_us < 6 * SECOND_US
    assert lab.beat(1, first.member_id) == Code.UNKNOWN_MEMBER_ID


def test_a_member_that_does_not_sync_within_the_rebalance_timeout_is_left_behind() -> None:
    lab = GroupLab()
    joined = lab.new_member(rebalance_ms=3_000)
    lab.run(2)
    before = lab.beat(1, joined.member_id)

    lab.run(2)

    assert before == Code.NONE
    assert lab.beat(1, joined.member_id) == Code.UNKNOWN_MEMBER_ID
    assert _state(lab) == "Empty"


def test_a_new_member_that_waits_in_vain_is_missed_after_five_minutes_and_not_after_its_session() -> None:
    lab = GroupLab()
    first = lab.living(session_ms=1_800_000, rebalance_ms=1_000_000)
    line = _line(lab)
    waiting = lab.send_join(lab.join(line=line).member_id, line=line)

    lab.run(200)
    before = waiting in line.answers
    lab.run(110)

    assert not before
    assert line.answers[waiting].error_code == Code.UNKNOWN_MEMBER_ID
    assert lab.beat(1, first.member_id) == Code.REBALANCE_IN_PROGRESS


def test_the_leader_assigns_and_each_is_told_its_own_when_that_is_committed() -> None:
    lab = GroupLab(replica_lag_time_max_us=60 * SECOND_US)
    joined = lab.new_member()
    followers = [broker for broker in (1, 2, 3) if broker != lab.coordinator]
    for broker in followers:
        lab.cluster.pause(broker)

    waiting = lab.send_sync(1, joined.member_id, {joined.member_id: b"mine", "stranger": b"x"}, line=lab.line)
    lab.run(1)

    assert waiting not in lab.line.answers
    for broker in followers:
        lab.cluster.resume(broker)
    answer = lab.line.wait(waiting)
    assert (answer.error_code, answer.assignment, answer.protocol_name) == (Code.NONE, b"mine", "range")
    assert _state(lab) == "Stable"


def test_an_assignment_that_cannot_be_written_begins_another_rebalance() -> None:
    lab = GroupLab(replica_lag_time_max_us=60 * SECOND_US)
    joined = lab.new_member()
    for broker in (1, 2, 3):
        if broker != lab.coordinator:
            lab.cluster.pause(broker)

    answer = lab.sync(1, joined.member_id, {joined.member_id: b"mine"})

    assert answer.error_code == Code.COORDINATOR_NOT_AVAILABLE
    for broker in (1, 2, 3):
        if broker != lab.coordinator:
            lab.cluster.resume(broker)
    assert lab.beat(1, joined.member_id) == Code.REBALANCE_IN_PROGRESS


def test_a_rebalance_takes_back_the_sync_that_waits() -> None:
    lab = GroupLab()
    lines = [_line(lab), _line(lab)]
    first = lab.living(line=lines[0])
    waiting = lab.send_join(lab.join(line=lines[1]).member_id, line=lines[1])
    lab.join(first.member_id, line=lines[0])
    second = lines[1].wait(waiting)
    waiting = lab.send_sync(2, second.member_id, line=lines[1])
    lab.run(0.1)

    left = lab.leave(MemberIdentity(first.member_id), line=lines[0])

    assert left.members[0].error_code == Code.NONE
    assert lines[1].wait(waiting).error_code == Code.REBALANCE_IN_PROGRESS


def test_the_protocol_is_the_one_that_most_want_of_those_that_all_know() -> None:
    lab = GroupLab()
    lines = [_line(lab), _line(lab)]

    def wanting(*names: str) -> tuple[JoinGroupRequestProtocol, ...]:
        return tuple(JoinGroupRequestProtocol(name, RANGE[0].metadata) for name in names)

    first = lab.living(line=lines[0], protocols=wanting("odd", "range"))
    waiting = lab.send_join(
        lab.join(line=lines[1], protocols=wanting("range", "rr")).member_id,
        line=lines[1],
        protocols=wanting("range", "rr"),
    )
    again = lab.join(first.member_id, line=lines[0], protocols=wanting("odd", "range"))

    assert first.protocol_name == "odd"
    assert (again.protocol_name, lines[1].wait(waiting).protocol_name) == ("range", "range")


def test_a_protocol_that_a_member_names_twice_counts_once() -> None:
    lab = GroupLab()

    joined = lab.new_member(protocols=RANGE * 2)

    assert (joined.error_code, joined.protocol_name) == (Code.NONE, "range")


def test_a_group_that_is_full_takes_nobody_more() -> None:
    lab = GroupLab(group_max_size=1)
    lab.living()

    refused = lab.join(line=_line(lab))

    assert (refused.error_code, refused.member_id) == (Code.GROUP_MAX_SIZE_REACHED, "")


# -- static members ----------------------------------------------------------------------------------------------------


def test_a_static_member_that_comes_back_goes_on_without_a_rebalance_and_fences_who_it_was() -> None:
    lab = GroupLab()
    first = lab.join(instance="i", version=9)
    lab.sync(1, first.member_id, {first.member_id: b"all"}, instance="i")

    back = lab.join(instance="i", line=_line(lab), version=9)

    assert first.member_id.startswith("i-")
    assert (back.error_code, back.generation_id, back.skip_assignment) == (Code.NONE, 1, True)
    assert back.leader == back.member_id != first.member_id
    assert [one.member_id for one in back.members] == [back.member_id]
    assert lab.beat(1, first.member_id, instance="i") == Code.FENCED_INSTANCE_ID
    assert lab.sync(1, back.member_id, instance="i").assignment == b"all"


def test_before_version_9_a_leader_that_comes_back_believes_that_it_follows() -> None:
    lab = GroupLab()
    first = lab.join(instance="i", version=8)
    lab.sync(1, first.member_id, {first.member_id: b"all"}, instance="i")

    back = lab.join(instance="i", line=_line(lab), version=8)

    assert (back.error_code, back.generation_id, back.leader, back.members) == (Code.NONE, 1, first.member_id, ())


def test_a_static_member_that_wants_another_protocol_begins_a_rebalance() -> None:
    lab = GroupLab()
    first = lab.join(instance="i")
    lab.sync(1, first.member_id, {first.member_id: b"all"}, instance="i")

    back = lab.join(instance="i", protocols=(JoinGroupRequestProtocol("rr", RANGE[0].metadata), *RANGE))

    assert (back.error_code, back.generation_id, back.protocol_name) == (Code.NONE, 2, "rr")


def test_a_static_member_leaves_by_its_name() -> None:
    lab = GroupLab()
    lab.join(instance="i")

    answer = lab.leave(MemberIdentity("", "i"), MemberIdentity("", "nobody"), MemberIdentity("wrong", "i"))

    assert [one.error_code for one in answer.members] == [Code.NONE, Code.UNKNOWN_MEMBER_ID, Code.UNKNOWN_MEMBER_ID]
    assert _state(lab) == "Empty"


def test_a_static_member_outlives_a_rebalance_that_it_does_not_join() -> None:
    lab = GroupLab()
    lab.join(instance="i", rebalance_ms=2_000)
    second = lab.new_member(line=_line(lab), rebalance_ms=2_000)

    described = lab.line.call(ApiKey.DESCRIBE_GROUPS, DescribeGroupsRequest((GROUP,)), 5).groups[0]

    assert (second.error_code, second.leader) == (Code.NONE, second.member_id)
    assert sorted(one.group_instance_id or "" for one in described.members) == ["", "i"]


# -- failover ----------------------------------------------------------------------------------------------------------


def test_a_stable_group_goes_on_in_its_generation_under_the_next_coordinator() -> None:
    lab = GroupLab()
    joined = lab.living()

    lab.cluster.crash(lab.coordinator)
    line = lab.loaded(broker=lab.coordinator % 3 + 1)

    assert lab.beat(1, joined.member_id, line=line) == Code.NONE
    assert lab.sync(1, joined.member_id, line=line).assignment == b"all"
    assert lab.commit(5, generation=1, member_id=joined.member_id, line=line) == Code.NONE
    assert _state(lab, line) == "Stable"


def test_a_member_that_died_with_the_coordinator_is_missed_by_the_next_one() -> None:
    lab = GroupLab()
    joined = lab.living(session_ms=10_000)

    lab.cluster.crash(lab.coordinator)
    line = lab.loaded(broker=lab.coordinator % 3 + 1)
    before = _state(lab, line)
    lab.run(11)

    assert (before, _state(lab, line)) == ("Stable", "Empty")
    assert lab.beat(1, joined.member_id, line=line) == Code.UNKNOWN_MEMBER_ID


def test_who_waits_for_a_generation_is_sent_to_the_next_coordinator() -> None:
    lab = GroupLab()
    lab.living()
    line = _line(lab)
    waiting = lab.send_join(lab.join(line=line).member_id, line=line)
    lab.run(0.1)

    lab.cluster.move_leader(HOME, lab.coordinator % 3 + 1)

    assert line.wait(waiting).error_code == Code.NOT_COORDINATOR
    assert lab.join(line=lab.line).error_code == Code.NOT_COORDINATOR


def test_a_group_of_which_only_its_id_was_given_is_known_to_the_next_coordinator() -> None:
    lab = GroupLab()
    lab.join()
    lab.run(0.5)

    lab.cluster.crash(lab.coordinator)
    line = lab.loaded(broker=lab.coordinator % 3 + 1)

    assert _state(lab, line) == "Empty"


def test_a_coordinator_that_stops_in_good_order_answers_nobody_any_more_and_the_next_one_does() -> None:
    lab = GroupLab()
    joined = lab.living()

    lab.cluster.stop(lab.coordinator)
    lab.run(5)
    line = lab.loaded(broker=lab.coordinator % 3 + 1)

    assert lab.beat(1, joined.member_id, line=line) == Code.NONE


# -- listing -----------------------------------------------------------------------------------------------------------


def test_only_its_coordinator_lists_a_group() -> None:
    lab = GroupLab()
    lab.living()

    listed = {
        broker: [
            one.group_id for one in lab.client.connect(broker).call(ApiKey.LIST_GROUPS, ListGroupsRequest()).groups
        ]
        for broker in (1, 2, 3)
    }

    assert listed == {broker: [GROUP] if broker == lab.coordinator else [] for broker in (1, 2, 3)}
