"""The next coordinator of a group by the consumer protocol knows its epochs, its members, and what they have yet to give up."""

from producer.errors import Code
from sim.world.units import SECOND_US
from tests.unit.sim.consumer_group_client import ConsumerGroupLab, Member, pair


def test_the_next_coordinator_knows_epochs_members_and_what_they_have_yet_to_give_up() -> None:
    lab = ConsumerGroupLab(partitions=4)
    first, second = pair(lab)
    first.beat()
    before = lab.described()
    lab.run(0.5)

    lab.cluster.crash(lab.coordinator)
    line = lab.loaded(broker=lab.coordinator % 3 + 1)

    assert lab.described(line=line) == before
    lab.line = line
    first.reconcile()
    second.reconcile()
    assert sorted(first.owned + second.owned) == [0, 1, 2, 3]
    assert len(first.owned) == 2


def test_a_member_that_died_with_the_coordinator_is_missed_by_the_next_one() -> None:
    lab = ConsumerGroupLab(group_consumer_session_timeout_us=10 * SECOND_US)
    Member(lab, "A").join()
    lab.run(0.5)

    lab.cluster.crash(lab.coordinator)
    line = lab.loaded(broker=lab.coordinator % 3 + 1)
    before = lab.described(line=line).group_state
    lab.run(11)

    assert (before, lab.described(line=line).group_state) == ("Stable", "Empty")


def test_a_member_is_missed_once_its_fencing_can_be_written_again() -> None:
    lab = ConsumerGroupLab(group_consumer_session_timeout_us=10 * SECOND_US)
    Member(lab, "A").join()
    followers = [broker for broker in (1, 2, 3) if broker != lab.coordinator]
    for broker in followers:
        lab.cluster.crash(broker)

    lab.run(60)
    before = lab.described().group_state
    for broker in followers:
        lab.cluster.restart(broker)
    lab.run(30)

    assert (before, lab.described().group_state) == ("Stable", "Empty")


def test_a_member_whose_goodbye_could_not_be_written_is_missed_by_the_next_coordinator_alone() -> None:
    # Its timers are cancelled before its records are refused, as in Kafka: GroupMetadataManager.consumerGroupFenceMembers.
    lab = ConsumerGroupLab(group_consumer_session_timeout_us=10 * SECOND_US)
    member = Member(lab, "A")
    member.join()
    followers = [broker for broker in (1, 2, 3) if broker != lab.coordinator]
    for broker in followers:
        lab.cluster.crash(broker)
    lab.run(15)
    code = member.leave().error_code
    for broker in followers:
        lab.cluster.restart(broker)
    lab.run(60)
    before = lab.described().group_state

    lab.cluster.crash(lab.coordinator)
    line = lab.loaded(broker=lab.coordinator % 3 + 1)
    lab.run(11)

    assert code == Code.COORDINATOR_NOT_AVAILABLE
    assert (before, lab.described(line=line).group_state) == ("Stable", "Empty")
