"""Leaders that die, freeze and come back: who leads next, and which records survive (kafka.md 5.6 to 5.10)."""

import pytest

from producer.errors import Code
from producer.wire.messages import produce
from sim.cluster.broker import DiskLoss
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import (
    BatchAppended,
    BatchReplicated,
    BecameLeader,
    BrokerFenced,
    LeaderElected,
    LogTruncated,
    ProduceAnswered,
)
from sim.world.units import SECOND_US
from tests.unit.sim.raw_client import ORDERS, Lab, part_of, send_batch


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("is_paused", [False, True])
def test_a_dead_leader_is_replaced_after_7_to_10_seconds(seed: int, *, is_paused: bool) -> None:
    lab = Lab(seed=seed)
    lab.run(seed * 0.37)
    began_us = lab.world.now_us

    if is_paused:
        lab.cluster.pause(1)
    else:
        lab.cluster.crash(1)
    lab.run_to(BecameLeader, broker=2)

    assert 6.9 * SECOND_US < lab.world.now_us - began_us < 9.7 * SECOND_US


def test_a_paused_deposed_leader_acknowledges_acks_one_and_then_loses_the_record() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    lab.cluster.pause(1)
    correlation_id = send_batch(connection, b"doomed", acks=1)
    lab.run_to(BecameLeader, broker=2)
    lab.run(1)

    resumed_us = lab.world.now_us
    lab.cluster.resume(1)
    answer = part_of(connection.wait(correlation_id))
    truncated = lab.run_to(LogTruncated, broker=1)
    lab.settle()

    assert (answer.error_code, answer.base_offset) == (Code.NONE, 0)
    assert connection.answered_us[correlation_id] - resumed_us < 19_000
    assert (truncated.from_offset, truncated.to_offset) == (1, 0)
    assert truncated.at_us - resumed_us < 2 * SECOND_US
    assert lab.client.read() == []


def test_a_paused_deposed_leader_denies_acks_all_but_names_the_offset_it_used() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    lab.client.produce(b"kept")
    lab.cluster.pause(1)
    correlation_id = send_batch(connection, b"doomed")
    lab.run_to(BecameLeader, broker=2)

    lab.cluster.resume(1)
    answer = connection.wait(correlation_id)
    lab.settle()

    assert part_of(answer).error_code == Code.NOT_LEADER_OR_FOLLOWER
    assert part_of(answer).base_offset == 1
    assert part_of(answer).current_leader == (2, 1)
    assert lab.client.read() == [b"kept"]


def test_a_retry_at_the_next_leader_is_written_once_under_its_epoch_and_the_old_leader_is_truncated() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    lab.client.produce(b"before", identity=(7, 0), sequence=0)
    crash = lab.trace.watch(BatchAppended, lambda _: lab.world.call_first(lab.cluster.crash, 1))
    correlation_id = send_batch(connection, b"in flight", identity=(7, 0), sequence=1)
    assert connection.wait(correlation_id) is None
    crash()

    lab.run_to(BecameLeader, broker=2)
    retried = lab.client.produce(b"in flight", identity=(7, 0), sequence=1)
    lab.cluster.restart(1)
    lab.settle()

    assert (retried.error_code, retried.base_offset) == (Code.NONE, 1)
    truncated = lab.events(LogTruncated, broker=1)
    assert [(event.from_offset, event.to_offset) for event in truncated] == [(2, 1)]
    assert lab.events(BatchReplicated, broker=1)[-1].leader_epoch == 1
    assert lab.client.read() == [b"before", b"in flight"]


def test_an_in_flight_batch_that_was_replicated_is_recognised_by_the_next_leader() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    crash = lab.trace.watch(ProduceAnswered, lambda _: lab.world.call_first(lab.cluster.crash, 1))
    connection.wait(send_batch(connection, b"a", identity=(7, 0), sequence=0))
    crash()

    lab.run_to(BecameLeader, broker=2)
    retried = lab.client.produce(b"a", identity=(7, 0), sequence=0)

    assert (retried.error_code, retried.base_offset) == (Code.NONE, 0)
    assert lab.client.read() == [b"a"]


def test_acks_one_is_lost_when_only_the_dead_leader_had_it() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    lab.cluster.pause(2)
    lab.cluster.pause(3)
    # Longer than a Fetch waits at the leader: nothing of the followers' is left there to be completed.
    lab.run(1.5)
    for number in range(5):
        assert part_of(connection.wait(send_batch(connection, b"%d" % number, acks=1))).error_code == Code.NONE

    lab.cluster.crash(1)
    lab.cluster.resume(2)
    lab.cluster.resume(3)
    lab.run_to(BecameLeader)
    lab.run(1)

    assert lab.client.read() == []


def test_a_followers_pending_fetch_saves_the_first_batch_in_its_socket() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    lab.run(1.0)
    lab.cluster.pause(2)
    lab.cluster.pause(3)
    for number in range(3):
        connection.wait(send_batch(connection, b"%d" % number, acks=1))

    lab.cluster.crash(1)
    lab.cluster.resume(2)
    lab.cluster.resume(3)
    lab.run_to(BecameLeader)
    lab.run(1)

    assert lab.client.read() == [b"0"]


def test_with_min_isr_one_the_last_member_is_remembered_and_alone_may_lead_again() -> None:
    lab = Lab(TopicConfig("orders", replication_factor=2, min_insync_replicas=1))
    lab.client.produce(b"kept")
    lab.cluster.crash(2)
    lab.run_to(BrokerFenced, broker=2)
    lab.cluster.crash(1)
    gone = lab.run_to(LeaderElected, leader=-1)
    last_known_leader = lab.cluster.controller.replication.state_of(ORDERS).last_known_leader
    lab.cluster.restart(2)
    lab.run(30)
    assert lab.cluster.leader_of(ORDERS) == -1

    lab.cluster.restart(1)
    elected = lab.run_to(LeaderElected)
    lab.settle()

    assert (gone.isr, gone.eligible_leader_replicas, last_known_leader) == ((), (1,), 1)
    assert (elected.leader, elected.isr) == (1, (1,))
    assert lab.client.read() == [b"kept"]


def test_with_min_isr_two_the_eligible_replica_is_elected_cleanly() -> None:
    lab = Lab()
    lab.client.produce(b"kept")
    lab.cluster.crash(3)
    lab.run_to(BrokerFenced, broker=3)
    lab.cluster.pause(2)
    lab.run_to(BrokerFenced, broker=2)
    lab.cluster.crash(1)
    gone = lab.run_to(LeaderElected, leader=-1)

    lab.cluster.resume(2)
    elected = lab.run_to(LeaderElected)
    lab.cluster.heal()
    lab.settle()

    assert gone.eligible_leader_replicas == (1, 2)
    assert (elected.leader, elected.isr, elected.is_unclean) == (2, (2,), False)
    assert lab.client.read() == [b"kept"]


def test_a_replica_outside_isr_and_elr_is_never_elected_while_unclean_election_is_off() -> None:
    lab = Lab()
    lab.cluster.crash(3)
    lab.run_to(BrokerFenced, broker=3)
    lab.cluster.crash(2)
    lab.run_to(BrokerFenced, broker=2)
    lab.cluster.crash(1)
    lab.run_to(LeaderElected, leader=-1)

    lab.cluster.restart(3)
    lab.run(60)

    assert lab.cluster.leader_of(ORDERS) == -1


def test_a_wiped_leader_that_returns_is_elected_and_its_follower_truncates_to_nothing() -> None:
    lab = Lab(TopicConfig("orders", replication_factor=2, min_insync_replicas=1))
    lab.client.produce(b"committed on both")
    lab.cluster.crash(2)
    lab.run_to(BrokerFenced, broker=2)
    lab.cluster.crash(1, DiskLoss.WIPED)

    lab.cluster.restart(1)
    elected = lab.run_to(LeaderElected, leader=1)
    lab.cluster.restart(2)
    lab.settle()

    assert elected.is_unclean
    reasons = [(event.broker, event.to_offset, event.reason) for event in lab.events(LogTruncated)]
    assert reasons == [(1, 0, "disk wiped"), (2, 0, "diverging epoch")]
    assert lab.client.read() == []


def test_an_unclean_election_lets_the_laggard_lead_and_uses_offsets_again() -> None:
    lab = Lab(TopicConfig("orders", replication_factor=2, min_insync_replicas=1), unclean_leader_election=True)
    lab.cluster.shrink_isr(ORDERS, (2,), 60 * SECOND_US)
    lab.run(1)
    lost = lab.client.produce(b"lost")
    killed_us = lab.world.now_us

    lab.cluster.crash(1)
    elected = lab.run_to(LeaderElected, leader=2)
    lab.run(1)
    kept = lab.client.produce(b"kept")
    lab.cluster.restart(1)
    lab.settle()

    assert elected.is_unclean
    assert 6.9 * SECOND_US < elected.at_us - killed_us < 9.7 * SECOND_US
    assert lost.base_offset == kept.base_offset == 0
    assert lab.events(LogTruncated, broker=1)[-1].to_offset == 0
    assert lab.client.read() == [b"kept"]


def test_without_elr_the_last_member_stays_in_the_isr_and_leads_again() -> None:
    lab = Lab(TopicConfig("orders", replication_factor=2, min_insync_replicas=1), eligible_leader_replicas=False)
    lab.cluster.crash(2)
    lab.run_to(BrokerFenced, broker=2)
    lab.cluster.crash(1)
    gone = lab.run_to(LeaderElected, leader=-1)

    lab.cluster.restart(1)
    elected = lab.run_to(LeaderElected)

    assert gone.isr == (1,)
    assert (elected.leader, elected.is_unclean) == (1, False)


def test_a_power_cut_of_every_broker_loses_what_was_acknowledged_but_not_flushed() -> None:
    lab = Lab()
    assert lab.client.produce(b"acknowledged").error_code == Code.NONE

    for broker in (1, 2, 3):
        lab.cluster.crash(broker, DiskLoss.UNFLUSHED_LOST)
    lab.cluster.heal()
    assert lab.settle()

    assert lab.client.read() == []
    assert [event.reason for event in lab.events(LogTruncated)] == ["unflushed lost"] * 3


def test_a_broker_cut_off_from_the_controller_leads_on_in_its_own_eyes() -> None:
    lab = Lab()
    lab.cluster.network.cut("b1", "controller")
    lab.run_to(BecameLeader, broker=2)

    answer = lab.client.connect(1)
    stale = part_of(answer.wait(send_batch(answer, b"stale", acks=1)))
    lab.cluster.heal()
    assert lab.settle()

    assert stale.error_code == Code.NONE
    assert lab.client.read() == []
    assert isinstance(stale, produce.ProducePartitionResponse)
