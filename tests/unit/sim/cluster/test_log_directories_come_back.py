"""Which log directory a broker can do without, what a repaired one holds for its next life, and what the controller makes of it all."""

from __future__ import annotations

import pytest

from producer.errors import Code
from sim.cluster.broker.log_directory import id_of, logs_in
from sim.cluster.cluster import DiskLoss
from sim.cluster.controller.election import ElectionKind
from sim.cluster.metadata_states import UNASSIGNED
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import (
    BatchReplicated,
    BecameLeader,
    BrokerCrashed,
    BrokerFenced,
    BrokerRegistered,
    BrokerStarted,
    BrokerStopped,
    BrokerStopping,
    BrokerUnfenced,
    HighWatermarkAdvanced,
    LeaderElected,
    LogDirectoryFailed,
    LogTruncated,
)
from sim.world.units import SECOND_US
from tests.unit.sim.jbod import ALL, FIRST, SECOND, fail, jbod, offline_replicas, state_of
from tests.unit.sim.raw_client import ORDERS, Lab, send_batch

# -- which one ---------------------------------------------------------------------------------------------------------


def test_without_the_directory_of_the_metadata_log_a_broker_halts_and_does_not_start() -> None:
    lab = jbod()
    found = fail(lab, 1, 1)

    crashed = lab.run_to(BrokerCrashed, broker=1)
    assert (crashed.at_us, crashed.disk) == (found.at_us, "kept")
    with pytest.raises(ValueError, match="broker 1 cannot start: log directory 1, with the metadata log, has failed"):
        lab.cluster.restart(1)

    lab.cluster.repair_log_directory(1, 1)
    lab.cluster.restart(1)
    assert lab.settle()


def test_a_rolling_restart_stays_with_a_broker_that_cannot_start() -> None:
    lab = jbod()
    lab.cluster.roll((1, 2))
    lab.cluster.fail_log_directory(1, 1)
    lab.run(40)

    assert lab.cluster.brokers[1].process is None
    assert lab.cluster.rolling_restart is not None
    assert not lab.events(BrokerStopping, broker=2)
    lab.cluster.heal()
    assert lab.settle()


def test_a_broker_with_one_directory_halts_with_it() -> None:
    lab = Lab(TopicConfig("orders", replicas=(ALL,)))
    lab.client.produce(b"a")
    lab.cluster.fail_log_directory(1, 1)
    connection = lab.client.connect(1)
    asked = send_batch(connection, b"b")

    assert connection.wait(asked) is None
    assert lab.events(BrokerCrashed, broker=1)
    lab.run_to(LeaderElected, leader=2)
    lab.run(1)
    assert lab.client.read() == [b"a"]


def test_a_broker_goes_on_until_its_last_directory() -> None:
    lab = jbod(log_dirs=3, partitions=3)
    for directory, partition in ((2, "orders-1"), (3, "orders-2")):
        assert fail(lab, 1, directory).offline_partitions == (partition,)
    lab.run(1)

    assert offline_replicas(lab, 2) == {0: (), 1: (1,), 2: (1,)}
    assert lab.client.produce(b"a", tp=FIRST).error_code == Code.NONE


# -- back again --------------------------------------------------------------------------------------------------------


def test_a_repaired_directory_is_taken_up_by_the_next_life_alone() -> None:
    lab = jbod()
    lab.client.produce(b"a", tp=SECOND)
    fail(lab, 1, 2)
    lab.run(1)
    lab.client.produce(b"b", tp=SECOND)

    lab.cluster.repair_log_directory(1, 2)
    lab.run(40)
    assert state_of(lab, SECOND).isr == (2, 3)
    assert lab.client.produce(b"c", tp=SECOND).error_code == Code.NONE

    lab.cluster.crash(1)
    lab.run(15)
    lab.cluster.restart(1)
    assert lab.settle()
    # It begins with what it had, and copies the rest.
    assert [event.base_offset for event in lab.events(BatchReplicated, broker=1, partition=1)] == [1, 2]
    assert offline_replicas(lab, 1) == {0: (), 1: ()}


def test_a_life_that_begins_without_a_directory_leaves_its_replicas_where_they_are() -> None:
    lab = jbod()
    lab.client.produce(b"a", tp=SECOND)
    lab.cluster.crash(1)
    lab.run(15)
    lab.cluster.fail_log_directory(1, 2)
    lab.cluster.restart(1)
    lab.run_to(BrokerUnfenced, broker=1)
    lab.run(40)

    # An empty log in the other directory would be another replica (seen on Apache Kafka 4.3.1: it stays out of sync).
    assert [tp for tp, _ in logs_in(lab.cluster.brokers[1].disk.directories[0])] == [FIRST]
    assert state_of(lab, SECOND).isr == (2, 3)
    assert state_of(lab, FIRST).isr == (2, 3, 1)
    assert offline_replicas(lab, 3) == {0: (), 1: (1,)}


def test_a_replaced_directory_has_another_id_and_its_replicas_are_filled_again() -> None:
    lab = jbod()
    lab.client.produce(b"a", tp=SECOND)
    before = id_of(lab.cluster.brokers[1].disk.directories[1])
    fail(lab, 1, 2)
    lab.cluster.crash(1)
    lab.cluster.repair_log_directory(1, 2, is_wiped=True)
    (gone,) = lab.events(LogTruncated, broker=1)
    assert (gone.partition, gone.to_offset, gone.reason) == (1, 0, "disk wiped")
    lab.run(15)
    lab.cluster.restart(1)
    assert lab.settle()
    lab.run(1)

    now = id_of(lab.cluster.brokers[1].disk.directories[1])
    assert now != before
    assert state_of(lab, SECOND).directories[0] == now
    assert [tp for tp, _ in logs_in(lab.cluster.brokers[1].disk.directories[1])] == [SECOND]
    lab.cluster.move_leader(SECOND)
    lab.run(1)
    assert lab.client.read(SECOND, broker=1) == [b"a"]


def test_a_directory_is_not_replaced_under_a_process_that_writes_there() -> None:
    lab = jbod()
    lab.cluster.fail_log_directory(1, 2)

    with pytest.raises(
        ValueError, match="broker 1 has its logs in log directory 2 open, and has yet to find that it failed"
    ):
        lab.cluster.repair_log_directory(1, 2, is_wiped=True)


def test_a_device_that_works_again_before_anybody_wrote_there_was_never_missed() -> None:
    lab = jbod()
    lab.cluster.fail_log_directory(1, 2)
    lab.run(0.001)
    lab.cluster.repair_log_directory(1, 2)
    lab.run(20)

    assert not lab.events(LogDirectoryFailed)
    assert lab.client.produce(b"a", tp=SECOND).error_code == Code.NONE


@pytest.mark.parametrize(
    "directory, refused", [(3, "broker 1 has no log directory 3, they are 1..2"), (2, "has failed already")]
)
def test_what_is_not_there_or_has_failed_cannot_fail(directory: int, refused: str) -> None:
    lab = jbod()
    lab.cluster.fail_log_directory(1, 2)

    with pytest.raises(ValueError, match=refused):
        lab.cluster.fail_log_directory(1, directory)
    with pytest.raises(ValueError, match="log directory 1 of broker 1 has not failed"):
        lab.cluster.repair_log_directory(1, 1)


# -- what the controller makes of it -----------------------------------------------------------------------------------


def test_nobody_is_elected_whose_replica_is_offline() -> None:
    lab = jbod()
    fail(lab, 2, 2)
    fail(lab, 3, 2)
    lab.run(1)

    lab.cluster.crash(1)
    lab.run_to(BrokerFenced, broker=1)
    lab.run(60)

    assert state_of(lab, SECOND).leader == -1
    assert state_of(lab, FIRST).leader == 2
    with pytest.raises(ValueError, match="ELIGIBLE_LEADERS_NOT_AVAILABLE"):
        lab.cluster.elect(SECOND, ElectionKind.UNCLEAN)


def test_a_failure_that_the_controller_cannot_be_told_of_ends_the_broker() -> None:
    lab = jbod(broker_session_timeout_us=120 * SECOND_US)
    lab.cluster.network.cut("b1", "controller")
    lab.cluster.network.cut("controller", "b1")
    found = fail(lab, 1, 2)

    stopping = lab.run_to(BrokerStopping, broker=1)

    assert stopping.at_us - found.at_us == 30 * SECOND_US


def test_one_that_was_told_of_does_not() -> None:
    lab = jbod()
    fail(lab, 1, 2)
    lab.run(60)

    assert not lab.events(BrokerStopping)


def test_a_controller_that_takes_over_knows_which_directories_are_offline() -> None:
    lab = jbod(controllers=3)
    fail(lab, 1, 2)
    lab.run(1)
    lab.cluster.quorum.crash(lab.cluster.quorum.named("controller"))
    lab.run(15)

    assert lab.cluster.leader_of(SECOND) == 2
    with pytest.raises(ValueError, match="broker 1 cannot lead orders-1"):
        lab.cluster.move_leader(SECOND, 1)
    assert offline_replicas(lab, 1) == {0: (), 1: (1,)}


def test_where_a_replica_lies_is_told_again_to_a_controller_that_did_not_hear() -> None:
    lab = Lab(TopicConfig("first"), log_dirs=2)
    lab.cluster.create_topic(TopicConfig("orders", replicas=(ALL,)))
    lab.run(0.05)
    lab.cluster.network.cut("b2", "controller")
    lab.run(3)
    assert state_of(lab, ORDERS).directory_of(2) == UNASSIGNED
    lab.cluster.network.open("b2")
    lab.run(10)

    assert UNASSIGNED not in state_of(lab, ORDERS).directories


def test_a_directory_that_fails_before_the_controller_knows_what_lies_there_takes_the_replica_offline_all_the_same() -> (
    None
):
    lab = Lab(TopicConfig("first"), log_dirs=2)
    lab.cluster.create_topic(TopicConfig("orders", replicas=(ALL,)))
    lab.run_to(BecameLeader, topic="orders")
    assert state_of(lab, ORDERS).directory_of(1) == UNASSIGNED

    lab.cluster.fail_log_directory(1, 2)
    refused = lab.client.produce(b"a", tp=ORDERS)
    elected = lab.run_to(LeaderElected, topic="orders", leader=2)

    assert refused.error_code == Code.KAFKA_STORAGE_ERROR
    assert elected.isr == (2, 3)


def test_a_clean_stop_without_a_directory_is_none_for_the_controller() -> None:
    lab = jbod()
    fail(lab, 1, 2)
    lab.cluster.stop(1)
    lab.run_to(BrokerStopped, broker=1)
    lab.cluster.repair_log_directory(1, 2)
    lab.cluster.restart(1)
    lab.run_to(BrokerRegistered, broker=1)

    # LogManager.readBrokerEpochFromCleanShutdownFiles: one directory says nothing of its end, so none is believed.
    process = lab.cluster.brokers[1].process
    assert process is not None
    assert process.link.previous_broker_epoch == -1


# -- topics and healing ------------------------------------------------------------------------------------------------


def test_a_topic_that_goes_while_its_log_is_offline_does_not_come_back_with_the_directory() -> None:
    lab = jbod()
    lab.client.produce(b"old", tp=SECOND)
    fail(lab, 1, 2)
    lab.run(1)
    lab.cluster.delete_topic("orders")
    lab.run(1)
    lab.cluster.create_topic(TopicConfig("orders", partitions=2, replicas=(ALL, ALL)))
    lab.run(1)
    # In the directory that is left.
    assert lab.client.produce(b"new", tp=SECOND).error_code == Code.NONE
    assert [tp for tp, _ in logs_in(lab.cluster.brokers[1].disk.directories[0])] == [FIRST, SECOND]

    lab.cluster.heal()
    assert lab.settle()

    assert lab.client.read(SECOND) == [b"new"]
    assert [tp for tp, _ in logs_in(lab.cluster.brokers[1].disk.directories[1])] == []


@pytest.mark.parametrize("directory", [1, 2])
@pytest.mark.parametrize("is_noticed", [True, False])
def test_a_healed_cluster_has_every_replica_again(directory: int, is_noticed: bool) -> None:
    lab = jbod()
    lab.client.produce(b"a", tp=SECOND)
    lab.cluster.fail_log_directory(1, directory)
    if is_noticed:
        lab.run_to(LogDirectoryFailed)
    lab.cluster.heal()

    assert lab.settle()
    assert bool(lab.events(BrokerStarted, broker=1)[1:]) == is_noticed
    assert not any(directory.is_failed for directory in lab.cluster.brokers[1].disk.directories)
    assert lab.client.read(SECOND) == [b"a"]


def test_a_wiped_machine_has_whole_directories_under_their_ids() -> None:
    lab = jbod()
    ids = [id_of(directory) for directory in lab.cluster.brokers[1].disk.directories]
    fail(lab, 1, 2)
    lab.cluster.crash(1, DiskLoss.WIPED)
    lab.run(15)
    lab.cluster.restart(1)

    assert lab.settle()
    assert [id_of(directory) for directory in lab.cluster.brokers[1].disk.directories] == ids


def test_an_offline_replica_advances_no_high_watermark() -> None:
    lab = jbod()
    failed = fail(lab, 2, 2)
    lab.run(1)
    for value in (b"a", b"b"):
        lab.client.produce(value, tp=SECOND)
    lab.run(5)

    late = [one for one in lab.events(HighWatermarkAdvanced, broker=2, partition=1) if one.at_us > failed.at_us]
    assert late == []
    assert lab.events(HighWatermarkAdvanced, broker=3, partition=1, high_watermark=2)
