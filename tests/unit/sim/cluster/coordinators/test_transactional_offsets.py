"""Positions in a transaction: written by who may, told to nobody until it commits, forgotten if it aborts, and found by the next coordinator."""

import pytest

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages.delete_groups import DeleteGroupsRequest
from producer.wire.messages.leave_group import MemberIdentity
from producer.wire.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
)
from sim.trace.events import OffsetsCompleted
from sim.world.units import SECOND_US
from tests.unit.sim.group_client import GROUP
from tests.unit.sim.transactional_offsets_client import OffsetsLab

INSTANCE = "instance-1"
SECOND = TopicPartition("orders", 1)


@pytest.mark.parametrize("is_commit", [True, False])
def test_a_position_counts_when_its_transaction_commits_and_never_if_it_aborts(is_commit: bool) -> None:
    lab = OffsetsLab()
    assert lab.group.commit(1) is Code.NONE
    lab.add_group()

    assert lab.write(5) is Code.NONE
    while_open = lab.told(), lab.told(is_stable=True)
    lab.finish(is_commit=is_commit)

    assert while_open == ((Code.NONE, 1), (Code.UNSTABLE_OFFSET_COMMIT, -1))
    expected = (Code.NONE, 5 if is_commit else 1)
    assert (lab.told(), lab.told(is_stable=True)) == (expected, expected)
    assert [(one.is_commit, one.positions) for one in lab.events(OffsetsCompleted)] == [
        (is_commit, ((GROUP, "orders", 0, 5),))
    ]


def test_a_position_that_no_transaction_holds_is_told_while_another_is_not() -> None:
    lab = OffsetsLab()
    assert lab.group.commit(1) is Code.NONE
    assert lab.group.commit(2, tp=SECOND) is Code.NONE
    lab.add_group()
    assert lab.write(5) is Code.NONE

    assert lab.told(is_stable=True) == (Code.UNSTABLE_OFFSET_COMMIT, -1)
    assert lab.told(is_stable=True, tp=SECOND) == (Code.NONE, 2)


@pytest.mark.parametrize(
    ("version", "code"),
    [(2, Code.INVALID_TXN_STATE), (3, Code.INVALID_TXN_STATE), (4, Code.TRANSACTION_ABORTABLE), (5, Code.NONE)],
)
def test_a_group_that_was_not_added_is_refused_and_with_kip_890_added(version: int, code: Code) -> None:
    lab = OffsetsLab()

    assert lab.write(5, version=version) is code
    assert lab.state == ("Ongoing" if code is Code.NONE else "Empty")


def test_with_verification_off_nobody_is_asked() -> None:
    lab = OffsetsLab(transaction_partition_verification=False)

    assert lab.write(5) is Code.NONE
    assert lab.state == "Empty"


def test_a_plain_position_that_is_newer_than_the_transactions_stays() -> None:
    lab = OffsetsLab()
    lab.add_group()
    assert lab.write(5) is Code.NONE
    assert lab.group.commit(9) is Code.NONE

    lab.finish(is_commit=True)

    assert lab.told() == (Code.NONE, 9)


def test_the_position_of_the_last_write_in_a_transaction_counts() -> None:
    lab = OffsetsLab()
    lab.add_group()
    for offset in (5, 7, 6):
        assert lab.write(offset) is Code.NONE

    lab.finish(is_commit=True)

    assert lab.told() == (Code.NONE, 6)


def test_who_is_fenced_writes_no_position() -> None:
    lab = OffsetsLab()
    lab.add_group()
    assert lab.write(5) is Code.NONE
    zombie = lab.epoch
    lab.pid, lab.epoch = lab.identity()

    assert lab.commit_offset(lab.group.line, lab.pid, zombie, 6, version=5) is Code.INVALID_PRODUCER_EPOCH
    assert lab.told(is_stable=True) == (Code.NONE, -1)


# -- members -----------------------------------------------------------------------------------------------------------


def test_only_who_is_in_the_generation_of_now_writes_positions_but_who_says_nothing_of_itself_may() -> None:
    lab = OffsetsLab()
    joined = lab.group.living()
    lab.add_group()
    generation, member = joined.generation_id, joined.member_id

    codes = [
        lab.write(5, generation=generation, member_id="stranger"),
        lab.write(5, generation=generation - 1, member_id=member),
        lab.write(5, generation=generation, member_id=member, instance="other"),
        lab.write(5, generation=generation, member_id=member),
        lab.write(6, version=2),
    ]

    assert codes == [Code.UNKNOWN_MEMBER_ID, Code.ILLEGAL_GENERATION, Code.UNKNOWN_MEMBER_ID, Code.NONE, Code.NONE]


def test_a_static_member_that_was_replaced_is_fenced() -> None:
    lab = OffsetsLab()
    joined = lab.group.join("", instance=INSTANCE)
    lab.group.sync(joined.generation_id, joined.member_id, {joined.member_id: b""}, instance=INSTANCE)
    lab.add_group()

    assert (
        lab.write(5, generation=joined.generation_id, member_id="before", instance=INSTANCE) is Code.FENCED_INSTANCE_ID
    )
    assert lab.write(5, generation=joined.generation_id, member_id=joined.member_id, instance=INSTANCE) is Code.NONE


def test_a_generation_of_a_group_that_there_is_not_is_an_old_one() -> None:
    lab = OffsetsLab()
    lab.add_group()

    assert lab.write(5, generation=1, member_id="m") is Code.ILLEGAL_GENERATION
    assert lab.write(5) is Code.NONE


def test_pending_positions_hold_back_the_next_owner_over_a_rebalance_until_the_transaction_ends() -> None:
    lab = OffsetsLab()
    first = lab.group.living()
    lab.add_group()
    assert lab.write(5, generation=first.generation_id, member_id=first.member_id) is Code.NONE
    lab.group.leave(MemberIdentity(first.member_id))

    second = lab.group.living()
    before = lab.told(is_stable=True)
    lab.finish(is_commit=True)

    assert second.generation_id > first.generation_id
    assert before == (Code.UNSTABLE_OFFSET_COMMIT, -1)
    assert lab.told(is_stable=True) == (Code.NONE, 5)


def test_what_is_too_much_to_keep_with_a_position_is_refused_for_that_position() -> None:
    lab = OffsetsLab(offset_metadata_bytes_max=0)
    lab.add_group()

    assert lab.write(5, metadata="x") is Code.OFFSET_METADATA_TOO_LARGE
    assert lab.write(5) is Code.NONE


# -- what goes ---------------------------------------------------------------------------------------------------------


def test_a_position_or_a_group_that_is_deleted_meanwhile_does_not_come_back() -> None:
    for is_group in (True, False):
        lab = OffsetsLab()
        assert lab.group.commit(1) is Code.NONE
        lab.add_group()
        assert lab.write(5) is Code.NONE

        if is_group:
            told = lab.group.line.call(ApiKey.DELETE_GROUPS, DeleteGroupsRequest((GROUP,))).results[0].error_code
        else:
            wanted = OffsetDeleteRequest(
                GROUP, (OffsetDeleteRequestTopic("orders", (OffsetDeleteRequestPartition(0),)),)
            )
            told = lab.group.line.call(ApiKey.OFFSET_DELETE, wanted).error_code

        assert Code(told) is Code.NONE
        lab.finish(is_commit=True)
        assert lab.told() == (Code.NONE, -1)


def test_a_group_with_an_open_transaction_does_not_expire() -> None:
    lab = OffsetsLab(offsets_retention_us=SECOND_US, offsets_retention_check_interval_us=SECOND_US)
    lab.add_group()
    assert lab.write(5) is Code.NONE
    lab.run(5)

    assert lab.told(is_stable=True) == (Code.UNSTABLE_OFFSET_COMMIT, -1)
    lab.finish(is_commit=True)
    assert lab.told(is_stable=True) == (Code.NONE, 5)
    lab.run(5)
    assert lab.told() == (Code.NONE, -1)


# -- the next coordinator ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_commit", [True, False])
def test_the_next_coordinator_of_the_group_knows_what_is_pending(is_commit: bool) -> None:
    lab = OffsetsLab()
    assert lab.group.commit(1) is Code.NONE
    lab.add_group()
    assert lab.write(5) is Code.NONE

    lab.cluster.crash(2)
    lab.next_coordinator(3)

    assert lab.told(is_stable=True) == (Code.UNSTABLE_OFFSET_COMMIT, -1)
    lab.finish(is_commit=is_commit)
    assert lab.told(is_stable=True) == (Code.NONE, 5 if is_commit else 1)


@pytest.mark.parametrize("is_commit", [True, False])
def test_a_coordinator_that_reads_its_log_back_knows_how_each_transaction_ended(is_commit: bool) -> None:
    lab = OffsetsLab()
    assert lab.group.commit(1) is Code.NONE
    lab.add_group()
    assert lab.write(5) is Code.NONE
    lab.finish(is_commit=is_commit)

    lab.cluster.crash(2)
    lab.next_coordinator(3)

    assert lab.told(is_stable=True) == (Code.NONE, 5 if is_commit else 1)
