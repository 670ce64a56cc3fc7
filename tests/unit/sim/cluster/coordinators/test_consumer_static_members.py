"""Static members by the consumer protocol: they leave for a while, and find what they had under another id."""

from producer.errors import Code
from tests.unit.sim.consumer_group_client import ASSIGNMENT_INTERVAL_S, ConsumerGroupLab, Member, pair


def test_a_static_member_that_leaves_for_a_while_finds_what_it_had_under_another_id() -> None:
    lab = ConsumerGroupLab(partitions=4)
    first, second = pair(lab)
    first.leave()
    lab.run(ASSIGNMENT_INTERVAL_S)
    static = Member(lab, "S", instance="i")
    static.join()
    second.reconcile()
    static.reconcile()
    had = static.owned

    gone = static.leave(-2)
    kept = lab.assigned()["S"]
    again = Member(lab, "T", instance="i")
    again.join()

    assert (gone.error_code, gone.member_epoch) == (Code.NONE, -2)
    assert len(had) == 2
    assert kept == again.assigned == had
    assert static.beat().error_code == Code.FENCED_INSTANCE_ID


def test_an_instance_that_is_still_there_is_not_given_to_another() -> None:
    lab = ConsumerGroupLab()
    Member(lab, "S", instance="i").join()

    told = Member(lab, "T", instance="i").join()

    assert told.error_code == Code.UNRELEASED_INSTANCE_ID


def test_a_static_member_that_does_not_come_back_is_missed_after_its_session() -> None:
    lab = ConsumerGroupLab()
    member = Member(lab, "S", instance="i")
    member.join()
    member.leave(-2)

    lab.run(44)
    before = lab.described().group_state
    lab.run(2)

    assert (before, lab.described().group_state) == ("Reconciling", "Empty")
