"""A broker that is asked to stop: who leads next, who lets it go and when, what its disk says, and what its next life is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from producer.errors import Code
from sim.cluster.broker import DiskLoss
from sim.cluster.broker.log_directory import CLEAN_SHUTDOWN_FILE
from sim.cluster.config import ClusterConfig
from sim.cluster.controller.broker_control import Beat, BrokerControlState, next_control_state
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import (
    BatchReplicated,
    BrokerFenced,
    BrokerRegistered,
    BrokerStarted,
    BrokerStopped,
    BrokerStopping,
    ControlledShutdownBegan,
    FaultRefused,
    IsrChanged,
    LeaderElected,
    LogFlushed,
)
from sim.world.units import SECOND_US
from tests.unit.sim.cluster.test_alter_partition import ALL, Controlled
from tests.unit.sim.raw_client import ORDERS, Lab, part_of, send_batch

MS_US = 1_000


def stop(lab: Lab, broker: int, *, within_us: int = 400 * SECOND_US) -> int:
    """Stop a broker, and give how long it took until its process was gone."""
    asked_us = lab.world.now_us
    lab.cluster.stop(broker)
    stopped: BrokerStopped = lab.run_to(BrokerStopped, broker=broker, within_us=within_us)
    return stopped.at_us - asked_us


# -- the controller lets it go -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(1, 11))
def test_another_replica_leads_at_once_and_the_process_is_gone_after_two_seconds(seed: int) -> None:
    lab = Lab(seed=seed)
    lab.run(seed * 0.37)
    asked_us = lab.world.now_us

    lab.cluster.stop(1)
    elected = lab.run_to(LeaderElected, topic="orders")
    stopped = lab.run_to(BrokerStopped, broker=1)

    # Apache Kafka 4.3.1: the leader after 0.1 s; the process after 2.4 to 2.8 s, about 0.5 s of it the JVM's.
    assert (elected.leader, elected.isr, elected.is_unclean) == (2, (2, 3), False)
    assert elected.at_us - asked_us < 100 * MS_US
    assert 1.9 * SECOND_US < stopped.at_us - asked_us < 2.4 * SECOND_US


def test_a_broker_that_leads_nothing_is_gone_at_once() -> None:
    lab = Lab()

    assert stop(lab, 3) < 100 * MS_US
    assert lab.events(ControlledShutdownBegan) == []
    assert lab.cluster.controller.replication.state_of(ORDERS).isr == (1, 2)


def test_it_serves_until_it_is_let_go_and_says_who_leads_instead() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    lab.cluster.stop(1)
    lab.run_to(LeaderElected, leader=2)
    lab.run(0.1)

    answer = part_of(connection.wait(send_batch(connection, b"to the old leader")))

    assert answer.error_code == Code.NOT_LEADER_OR_FOLLOWER
    assert answer.current_leader == (2, 1)
    assert lab.cluster.brokers[1].process is not None
    lab.run_to(BrokerStopped, broker=1)
    lab.run(0.1)
    assert connection.closed == "closed by peer"


def test_what_waits_at_the_leader_for_its_followers_is_told_that_it_leads_no_longer() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    lab.cluster.pause(2)
    lab.cluster.pause(3)
    correlation_id = send_batch(connection, b"waits")
    lab.run(0.2)

    lab.cluster.stop(1)
    answer = part_of(connection.wait(correlation_id))

    assert answer.error_code == Code.NOT_LEADER_OR_FOLLOWER


def test_while_it_stops_it_is_in_no_isr_and_fetches_nothing_that_would_bring_it_back() -> None:
    lab = Lab(TopicConfig("orders", replicas=((1, 2, 3),)), TopicConfig("other", replicas=((2, 3, 1),)))
    lab.cluster.stop(1)
    lab.run_to(ControlledShutdownBegan, broker=1)
    lab.run(0.1)
    began_us = lab.world.now_us

    lab.client.produce(b"later")
    lab.run_to(BrokerStopped, broker=1)

    assert [one.isr for one in lab.events(IsrChanged) if one.at_us >= began_us] == []
    assert [one.broker for one in lab.events(BatchReplicated) if one.at_us >= began_us] == [3]
    assert {state.isr for state in lab.cluster.controller.metadata.partitions.values()} == {(2, 3)}


@pytest.mark.parametrize("broker", [2, 3])
def test_a_member_in_controlled_shutdown_makes_a_proposed_isr_ineligible(broker: int) -> None:
    controlled = Controlled()
    controlled.change(broker, is_in_controlled_shutdown=True)

    assert controlled.propose(*ALL).code is Code.INELIGIBLE_REPLICA


def test_the_last_replica_leaves_its_partition_without_a_leader_and_leads_again_when_it_is_back() -> None:
    lab = Lab(TopicConfig("orders", replicas=((2,),), min_insync_replicas=1))
    lab.client.produce(b"kept")

    stop(lab, 2)
    state = lab.cluster.controller.replication.state_of(ORDERS)

    # As `kafka-topics --describe` had it: Leader: none, Isr: , Elr: 2, LastKnownElr: 2.
    assert (state.leader, state.isr, state.eligible_leader_replicas, state.last_known_leader) == (-1, (), (2,), 2)
    lab.cluster.restart(2)
    assert lab.settle()
    assert lab.client.read() == [b"kept"]


def test_a_standing_broker_holds_up_the_one_that_stops_until_it_is_fenced() -> None:
    lab = Lab()
    lab.cluster.pause(3)
    asked_us = lab.world.now_us

    lab.cluster.stop(1)
    fenced = lab.run_to(BrokerFenced, broker=3)
    stopped = lab.run_to(BrokerStopped, broker=1)

    assert fenced.at_us - asked_us > 6 * SECOND_US
    assert stopped.at_us > fenced.at_us


def test_a_controller_that_cannot_be_reached_is_waited_for_five_minutes_and_the_end_is_in_good_order_all_the_same() -> (
    None
):
    lab = Lab()
    lab.cluster.network.cut("b1", "controller")

    took_us = stop(lab, 1)

    assert 300 * SECOND_US <= took_us < 301 * SECOND_US
    assert lab.cluster.brokers[1].disk.directories[0].files[CLEAN_SHUTDOWN_FILE].entries


def test_without_controlled_shutdown_it_is_gone_at_once_and_missed_only_after_its_session() -> None:
    lab = Lab(controlled_shutdown=False)
    asked_us = lab.world.now_us

    assert stop(lab, 1) < 100 * MS_US
    elected = lab.run_to(LeaderElected, topic="orders")

    assert lab.events(ControlledShutdownBegan) == []
    assert 6.9 * SECOND_US < elected.at_us - asked_us < 9.7 * SECOND_US


# -- what its disk says ------------------------------------------------------------------------------------------------


def test_every_log_is_on_the_disk_when_it_is_gone() -> None:
    lab = Lab()
    lab.client.produce(b"kept")
    lab.settle()

    for broker in (3, 2, 1):
        stop(lab, broker)
        lab.cluster.brokers[broker].disk.lose_unflushed()

    flushed = [(event.broker, event.to_offset) for event in lab.events(LogFlushed)]
    assert flushed == [(3, 1), (2, 1), (1, 1)]
    for broker in (1, 2, 3):
        lab.cluster.restart(broker)
    assert lab.settle()
    assert lab.client.read() == [b"kept"]


@pytest.mark.parametrize(
    "ends, eligible", [("stopped", (1,)), ("crashed", ()), ("crashed while it stops", ())], ids=str
)
def test_whoever_stopped_in_good_order_stays_eligible_and_whoever_did_not_is_trusted_no_longer(
    ends: str, eligible: tuple[int, ...]
) -> None:
    lab = Lab(TopicConfig("orders", replicas=((2, 1),)))
    lab.cluster.controller.replication.move_leader(ORDERS, 2)
    if ends == "stopped":
        stop(lab, 1)
    else:
        if ends == "crashed while it stops":
            lab.cluster.move_leader(ORDERS, 1)
            lab.cluster.stop(1)
            lab.run_to(ControlledShutdownBegan, broker=1)
        lab.cluster.crash(1)
        lab.run_to(BrokerFenced, broker=1)
    lab.cluster.crash(2)
    lab.run_to(BrokerFenced, broker=2)
    assert lab.cluster.controller.replication.state_of(ORDERS).eligible_leader_replicas == (1, 2)

    lab.cluster.restart(1)
    lab.run_to(BrokerRegistered, broker=1)
    lab.run(1)
    state = lab.cluster.controller.replication.state_of(ORDERS)

    if eligible:
        assert (state.leader, state.isr) == (1, (1,))
    else:
        assert (state.leader, state.isr, state.eligible_leader_replicas) == (-1, (), (2,))


def test_the_note_on_the_disk_counts_once() -> None:
    lab = Lab()
    stop(lab, 1)
    assert lab.cluster.brokers[1].disk.directories[0].files[CLEAN_SHUTDOWN_FILE].entries
    lab.cluster.restart(1)
    lab.settle()

    assert CLEAN_SHUTDOWN_FILE not in lab.cluster.brokers[1].disk.directories[0].files


def test_a_disk_that_is_wiped_after_a_clean_stop_says_nothing_of_it() -> None:
    lab = Lab(TopicConfig("orders", replicas=((2, 1),)))
    stop(lab, 1)
    lab.cluster.brokers[1].disk.wipe()
    lab.cluster.crash(2)
    lab.run_to(BrokerFenced, broker=2)

    lab.cluster.restart(1)
    lab.run_to(BrokerRegistered, broker=1)
    lab.run(1)

    assert lab.cluster.leader_of(ORDERS) == -1


# -- its next life -----------------------------------------------------------------------------------------------------


def test_the_next_life_is_registered_once_the_session_of_the_last_one_is_over() -> None:
    lab = Lab()
    stop(lab, 1)
    lab.cluster.restart(1)
    stopped_us = lab.world.now_us

    registered = lab.run_to(BrokerRegistered, broker=1)

    # Apache Kafka 4.3.1: ready 9 to 10 s after a clean stop, 3 to 5 s where it was started later than that.
    assert 8.9 * SECOND_US < registered.at_us - stopped_us < 9.2 * SECOND_US


def test_a_life_that_was_never_heard_of_after_its_registration_holds_nobody_up() -> None:
    lab = Lab()
    lab.cluster.crash(3)
    lab.run_to(BrokerFenced, broker=3)
    lab.cluster.restart(3)
    lab.run_to(BrokerRegistered, broker=3)

    lab.cluster.crash(3)
    lab.cluster.restart(3)
    began_us = lab.world.now_us
    registered = lab.run_to(BrokerRegistered, broker=3)

    assert registered.at_us - began_us < 1.6 * SECOND_US


# -- at any moment -----------------------------------------------------------------------------------------------------


def test_stopped_while_it_starts_it_is_gone_at_once() -> None:
    lab = Lab()
    lab.cluster.crash(1)
    lab.cluster.restart(1)

    lab.cluster.stop(1)

    assert len(lab.events(BrokerStopped, broker=1)) == 1


def test_a_paused_broker_stops_when_it_goes_on() -> None:
    lab = Lab()
    lab.cluster.pause(3)
    lab.cluster.stop(3)
    lab.run(3)
    assert lab.events(BrokerStopped) == []

    lab.cluster.resume(3)
    lab.run_to(BrokerStopped, broker=3, within_us=SECOND_US)


def test_what_makes_no_sense_is_refused() -> None:
    lab = Lab()
    lab.cluster.stop(1)

    with pytest.raises(ValueError, match="broker 1 is stopping already"):
        lab.cluster.stop(1)
    with pytest.raises(ValueError, match="broker 1 is stopping"):
        lab.cluster.restart(1)
    lab.run_to(BrokerStopped, broker=1)
    with pytest.raises(ValueError, match="broker 1 is down"):
        lab.cluster.stop(1)


@pytest.mark.parametrize("disk", list(DiskLoss))
def test_a_crash_ends_a_stop_and_the_next_life_is_not_asked_to_stop(disk: DiskLoss) -> None:
    lab = Lab()
    lab.cluster.stop(1)
    lab.cluster.crash(1, disk)
    lab.cluster.restart(1)

    assert lab.settle()
    assert lab.events(BrokerStopped) == []


def test_healing_starts_whoever_is_still_stopping() -> None:
    lab = Lab()
    lab.cluster.stop(1)
    lab.cluster.heal()

    assert lab.settle()
    assert len(lab.events(BrokerStarted, broker=1)) == 2


def test_two_that_stop_at_once_leave_the_third_in_sync_alone() -> None:
    lab = Lab()
    lab.cluster.stop(1)
    lab.cluster.stop(2)

    lab.run(10)
    state = lab.cluster.controller.replication.state_of(ORDERS)

    assert len(lab.events(BrokerStopped)) == 2
    assert (state.leader, state.isr) == (3, (3,))
    # Whoever left second left below min.insync.replicas.
    assert state.eligible_leader_replicas in {(1,), (2,)}


# -- the table ---------------------------------------------------------------------------------------------------------

FENCED, UNFENCED, SHUTDOWN, NOW = BrokerControlState
BEAT = Beat(is_caught_up=True, wants_shut_down=False, has_leaderships=False, is_known_everywhere=False)


@pytest.mark.parametrize(
    "state, beat, follows",
    [
        (FENCED, {}, UNFENCED),
        (FENCED, {"is_caught_up": False}, FENCED),
        (FENCED, {"wants_shut_down": True}, NOW),
        (UNFENCED, {}, UNFENCED),
        (UNFENCED, {"wants_shut_down": True}, NOW),
        (UNFENCED, {"wants_shut_down": True, "has_leaderships": True}, SHUTDOWN),
        (SHUTDOWN, {"wants_shut_down": True}, SHUTDOWN),
        (SHUTDOWN, {"wants_shut_down": True, "is_known_everywhere": True, "has_leaderships": True}, SHUTDOWN),
        (SHUTDOWN, {"wants_shut_down": True, "is_known_everywhere": True}, NOW),
        (NOW, {}, NOW),
    ],
)
def test_what_a_heartbeat_makes_of_a_broker(
    state: BrokerControlState, beat: dict[str, Any], follows: BrokerControlState
) -> None:
    assert next_control_state(state, replace_beat(beat)) is follows


def replace_beat(changed: dict[str, Any]) -> Beat:
    return BEAT._replace(**changed)


def test_a_stop_needs_a_time_out() -> None:
    with pytest.raises(ValueError, match="shutdown_timeout_us is 0"):
        replace(ClusterConfig(), shutdown_timeout_us=0)


def test_an_asked_broker_is_in_the_trace_before_anything_comes_of_it() -> None:
    lab = Lab()
    lab.cluster.stop(1)

    assert type(lab.trace.events[-1]) is BrokerStopping
    assert lab.events(FaultRefused) == []
