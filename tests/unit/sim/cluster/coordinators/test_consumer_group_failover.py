"""The next coordinator of a group by the consumer protocol knows its epochs, its members, and what they have yet to give up."""

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.consumer_group_heartbeat import ConsumerGroupHeartbeatRequest
from sim.world.units import SECOND_US
from tests.unit.sim.consumer_group_client import ConsumerGroupLab, Member, pair
from tests.unit.sim.group_client import GROUP


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


def test_a_goodbye_waits_for_replicas_and_the_member_is_gone_once_they_are_back() -> None:
    # Kafka's CoordinatorPartitionWriter appends as under acks=1: min.insync.replicas holds back the high watermark alone.
    lab = ConsumerGroupLab()
    member = Member(lab, "A")
    member.join()
    followers = [broker for broker in (1, 2, 3) if broker != lab.coordinator]
    for broker in followers:
        lab.cluster.crash(broker)
    lab.run(15)

    began_us = lab.world.now_us
    code = member.leave().error_code
    waited_us = lab.world.now_us - began_us
    before = lab.described().group_state
    for broker in followers:
        lab.cluster.restart(broker)
    lab.run(5)

    assert code == Code.COORDINATOR_NOT_AVAILABLE
    assert waited_us >= 5 * SECOND_US
    assert (before, lab.described().group_state) == ("Stable", "Empty")


def test_a_goodbye_that_is_lost_with_its_coordinator_is_missed_by_the_next_one() -> None:
    lab = ConsumerGroupLab(group_consumer_session_timeout_us=10 * SECOND_US)
    member = Member(lab, "A")
    member.join()
    coordinator = lab.coordinator
    for broker in (1, 2, 3):
        if broker != coordinator:
            lab.cluster.pause(broker)
    # What they had asked for before is answered into their sockets.
    lab.run(2)
    lab.line.send(ApiKey.CONSUMER_GROUP_HEARTBEAT, ConsumerGroupHeartbeatRequest(GROUP, member.member_id, -1), 1)
    lab.run(0.5)

    lab.cluster.crash(coordinator)
    for broker in (1, 2, 3):
        if broker != coordinator:
            lab.cluster.resume(broker)
    line = lab.loaded(broker=coordinator % 3 + 1)
    before = lab.described(line=line).group_state
    lab.run(11)

    assert (before, lab.described(line=line).group_state) == ("Stable", "Empty")
