"""Members of both protocols in one group: a classic group is taken over as it stands, and given back when the last newcomer goes."""

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.describe_groups import DescribeGroupsRequest
from producer.wire.messages.join_group import JoinGroupRequestProtocol
from producer.wire.messages.leave_group import MemberIdentity
from producer.wire.messages.list_groups import ListGroupsRequest
from sim.cluster.coordinators.groups.consumer_protocol import Placed, read_assignment, write_assignment
from sim.cluster.migration_policy import MigrationPolicy
from tests.unit.sim.consumer_group_client import ASSIGNMENT_INTERVAL_S, ConsumerGroupLab, Member
from tests.unit.sim.group_client import GROUP


def _kind(lab: ConsumerGroupLab) -> tuple[str, str]:
    """Which type of group it is listed as, and in which state."""
    (listed,) = lab.line.call(ApiKey.LIST_GROUPS, ListGroupsRequest()).groups
    return listed.group_type, listed.group_state


def _classic(lab: ConsumerGroupLab) -> str:
    """A classic member that has all four partitions of orders."""
    joined = lab.new_member()
    everything = write_assignment([Placed("orders", (0, 1, 2, 3))], 0)
    lab.sync(joined.generation_id, joined.member_id, {joined.member_id: everything})
    member_id: str = joined.member_id
    return member_id


def _owning(*partitions: int) -> tuple[JoinGroupRequestProtocol, ...]:
    """A subscription to orders by who has partitions of it, in version 1 of consumers' words."""
    numbers = b"".join([number.to_bytes(4, "big") for number in partitions])
    owned = b"\x00\x00\x00\x01\x00\x06orders" + len(partitions).to_bytes(4, "big") + numbers
    return (JoinGroupRequestProtocol("range", b"\x00\x01\x00\x00\x00\x01\x00\x06orders\xff\xff\xff\xff" + owned),)


def _partitions(assignment: bytes) -> tuple[int, ...]:
    return tuple([number for topic in read_assignment(assignment).assigned_partitions for number in topic.partitions])


def test_a_classic_group_in_use_is_taken_over_with_its_generation_and_its_members() -> None:
    lab = ConsumerGroupLab()
    classic = _classic(lab)

    told = Member(lab, "A").join()

    assert (told.error_code, told.member_epoch, told.assignment.topic_partitions) == (Code.NONE, 2, ())
    assert _kind(lab) == ("consumer", "Reconciling")
    assert lab.assigned() == {classic: (0, 1, 2, 3), "A": ()}
    assert [member.member_type for member in lab.described().members] == [0, 1]


def test_a_classic_member_is_told_to_join_again_and_who_says_that_it_owns_nothing_has_its_share_at_once() -> None:
    lab = ConsumerGroupLab()
    classic = _classic(lab)
    newcomer = Member(lab, "A")
    newcomer.join()

    beat = lab.beat(1, classic)
    joined = lab.join(classic)
    kept = _partitions(lab.sync(2, classic).assignment)
    newcomer.beat()

    assert (beat, joined.generation_id, joined.leader, joined.members) == (Code.REBALANCE_IN_PROGRESS, 2, "", ())
    assert len(kept) == 2
    assert sorted(kept + newcomer.assigned) == [0, 1, 2, 3]
    assert lab.beat(2, classic) == Code.NONE
    assert _kind(lab) == ("consumer", "Stable")


def test_a_classic_member_that_keeps_what_it_has_gives_up_first_and_joins_once_more() -> None:
    lab = ConsumerGroupLab()
    classic = _classic(lab)
    newcomer = Member(lab, "A")
    newcomer.join()

    revoking = lab.join(classic, protocols=_owning(0, 1, 2, 3))
    kept = _partitions(lab.sync(revoking.generation_id, classic).assignment)
    beat = lab.beat(revoking.generation_id, classic)
    newcomer.beat()
    before = newcomer.assigned
    joined = lab.join(classic, protocols=_owning(*kept))
    newcomer.beat()

    assert (revoking.generation_id, beat, joined.generation_id) == (1, Code.REBALANCE_IN_PROGRESS, 2)
    assert (len(kept), before) == (2, ())
    assert sorted(kept + newcomer.assigned) == [0, 1, 2, 3]


def test_a_classic_member_that_does_not_join_again_in_time_is_fenced() -> None:
    lab = ConsumerGroupLab()
    joined = lab.new_member(rebalance_ms=5_000)
    lab.sync(1, joined.member_id, {joined.member_id: b""})
    newcomer = Member(lab, "A")
    newcomer.join()
    lab.beat(1, joined.member_id)

    lab.run(6)

    assert list(lab.assigned()) == ["A"]
    assert lab.beat(1, joined.member_id) == Code.UNKNOWN_MEMBER_ID


def test_the_group_is_classic_again_when_the_last_member_by_the_consumer_protocol_leaves() -> None:
    lab = ConsumerGroupLab()
    classic = _classic(lab)
    newcomer = Member(lab, "A")
    newcomer.join()

    newcomer.leave()

    assert _kind(lab) == ("classic", "PreparingRebalance")
    assert lab.join(classic).generation_id == 3
    described = lab.line.call(ApiKey.DESCRIBE_GROUPS, DescribeGroupsRequest((GROUP,)), 5).groups[0]
    assert [member.member_id for member in described.members] == [classic]
    assert lab.described().error_code == Code.GROUP_ID_NOT_FOUND


def test_a_failover_finds_a_mixed_group_as_it_was() -> None:
    lab = ConsumerGroupLab()
    _classic(lab)
    Member(lab, "A").join()
    before = lab.described()
    lab.run(0.5)

    lab.cluster.crash(lab.coordinator)
    line = lab.loaded(broker=lab.coordinator % 3 + 1)

    assert lab.described(line=line) == before


def test_an_empty_group_goes_to_whichever_protocol_asks() -> None:
    lab = ConsumerGroupLab()
    kinds = []
    lab.commit(7)
    member = Member(lab, "A")
    member.join()
    kinds.append(_kind(lab))
    member.leave()

    classic = lab.new_member()
    kinds.append(_kind(lab))
    lab.leave(MemberIdentity(classic.member_id))
    Member(lab, "A").join()
    kinds.append(_kind(lab))

    assert kinds == [("consumer", "Stable"), ("classic", "CompletingRebalance"), ("consumer", "Stable")]
    assert lab.position() == (Code.NONE, 7)


def test_a_group_of_another_kind_of_members_is_not_taken_over() -> None:
    lab = ConsumerGroupLab()
    lab.new_member(kind="connect")

    told = Member(lab, "A").join()

    assert told.error_code == Code.GROUP_ID_NOT_FOUND
    assert told.error_message == (
        f"Cannot upgrade classic group {GROUP} to consumer group because the group does not use the consumer embedded protocol."
    )


def test_what_a_custom_assignor_says_besides_would_be_lost_so_the_group_stays_classic() -> None:
    lab = ConsumerGroupLab()
    joined = lab.new_member()
    lab.sync(1, joined.member_id, {joined.member_id: b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01x"})

    told = Member(lab, "A").join()

    assert told.error_code == Code.GROUP_ID_NOT_FOUND
    assert "custom assignor" in told.error_message
    assert _kind(lab) == ("classic", "Stable")


def test_the_migration_policy_forbids_either_way() -> None:
    closed = ConsumerGroupLab(group_consumer_migration_policy=MigrationPolicy.DISABLED)
    _classic(closed)
    refused = Member(closed, "A").join()
    upward = ConsumerGroupLab(group_consumer_migration_policy=MigrationPolicy.UPGRADE)
    _classic(upward)
    newcomer = Member(upward, "A")
    newcomer.join()
    newcomer.leave()

    assert refused.error_code == Code.GROUP_ID_NOT_FOUND
    assert _kind(closed) == ("classic", "Stable")
    assert _kind(upward)[0] == "consumer"


def test_nobody_joins_by_the_classic_protocol_without_a_protocol_in_common() -> None:
    lab = ConsumerGroupLab()
    Member(lab, "A").join()
    lab.run(ASSIGNMENT_INTERVAL_S)

    codes = [lab.join(kind=kind).error_code for kind in ("connect", "consumer")]

    assert codes == [Code.INCONSISTENT_GROUP_PROTOCOL, Code.MEMBER_ID_REQUIRED]


def test_a_static_member_may_come_back_by_the_other_protocol() -> None:
    lab = ConsumerGroupLab()
    Member(lab, "S", instance="i").join()

    classic = lab.join(instance="i")
    after = _kind(lab)
    again = Member(lab, "T", instance="i")
    told = again.join()

    assert (classic.error_code, classic.generation_id) == (Code.NONE, 2)
    assert after == ("classic", "Stable")
    assert (told.error_code, again.assigned) == (Code.NONE, (0, 1, 2, 3))
