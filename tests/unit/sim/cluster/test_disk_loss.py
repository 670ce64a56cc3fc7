"""What a crash takes from a disk is told in the trace, whatever the process had come to: what a disk loses is what its files held.

The check behind every test: the logs as the trace tells them are the logs that lie on the disks.
"""

from collections.abc import Callable

import pytest

from producer.records import TopicPartition
from sim.cluster.broker import DiskLoss
from sim.cluster.broker.log_directory import CHECKPOINT_FILE, log_end_offsets
from sim.cluster.topic_config import TopicConfig
from sim.judges.ledger import Ledger
from sim.trace.events import BrokerCrashed, BrokerRegistered, LogFlushed, LogTruncated
from sim.world.kernel import Stream
from tests.unit.sim.raw_client import ORDERS, Lab, send_batch

WIPED, UNFLUSHED_LOST, KEPT = DiskLoss.WIPED, DiskLoss.UNFLUSHED_LOST, DiskLoss.KEPT
REASONS = {WIPED: "disk wiped", UNFLUSHED_LOST: "unflushed lost"}

Batch = tuple[int, int, int, int]


def on_disks(lab: Lab) -> dict[tuple[TopicPartition, int], list[Batch]]:
    """Every log with something in it, as it lies on a disk."""
    return {
        (tp, number): [(one.base_offset, one.last_offset, one.leader_epoch, one.header.crc) for one in entries]
        for number, broker in lab.cluster.brokers.items()
        for tp in log_end_offsets(broker.disk)
        if (entries := broker.disk.directories[0].file(str(tp)).entries)
    }


def as_told(lab: Lab) -> dict[tuple[TopicPartition, int], list[Batch]]:
    """Every log with something in it, as the judges read it out of the trace."""
    return {
        (tp, number): [(one.base_offset, one.last_offset, one.leader_epoch, one.crc) for one in log.entries]
        for tp, logs in Ledger(lab.trace).logs.items()
        for number, log in logs.items()
        if log.entries
    }


def gone(lab: Lab, broker: int) -> list[tuple[TopicPartition, int, int, str]]:
    """What a broker's crashes took: partition, new end, old end, why."""
    return [
        (TopicPartition(event.topic, event.partition), event.to_offset, event.from_offset, event.reason)
        for event in lab.events(LogTruncated, broker=broker)
    ]


def written(records: int = 3, *topics: TopicConfig) -> Lab:
    """A settled cluster with that many batches in `orders-0` on all three brokers, none of them flushed."""
    lab = Lab(*topics)
    for number in range(records):
        lab.client.produce(b"%d" % number)
    assert lab.settle()
    return lab


def long_down(lab: Lab, broker: int) -> None:
    lab.cluster.crash(broker)
    lab.run(12)


def in_service(lab: Lab, broker: int) -> None:
    assert lab.cluster.brokers[broker].is_running


def paused(lab: Lab, broker: int) -> None:
    lab.cluster.pause(broker)
    lab.run(0.5)


def just_begun(lab: Lab, broker: int) -> None:
    long_down(lab, broker)
    lab.cluster.restart(broker)


def not_registered(lab: Lab, broker: int) -> None:
    just_begun(lab, broker)
    lab.run(0.5)


def paused_before_it_registered(lab: Lab, broker: int) -> None:
    not_registered(lab, broker)
    lab.cluster.pause(broker)
    lab.run(3)


def cut_off_from_the_controller(lab: Lab, broker: int) -> None:
    just_begun(lab, broker)
    lab.cluster.network.cut(f"b{broker}", "controller")
    lab.run(7)


def registered_and_not_caught_up(lab: Lab, broker: int) -> None:
    just_begun(lab, broker)
    lab.run_to(BrokerRegistered, broker=broker)
    process = lab.cluster.brokers[broker].process
    assert process is not None
    assert not process.replicas.partitions


def back_in_sync(lab: Lab, broker: int) -> None:
    just_begun(lab, broker)
    assert lab.settle()


STATES = (
    in_service, paused, just_begun, not_registered, paused_before_it_registered, cut_off_from_the_controller,
    registered_and_not_caught_up, back_in_sync,
)  # fmt: skip


@pytest.mark.parametrize("loss", [WIPED, UNFLUSHED_LOST])
@pytest.mark.parametrize("state", STATES)
def test_a_disk_that_is_lost_is_told_lost_whatever_the_process_had_come_to(
    state: Callable[[Lab, int], None], loss: DiskLoss
) -> None:
    lab = written()
    state(lab, 1)

    lab.cluster.crash(1, loss)

    assert gone(lab, 1) == [(ORDERS, 0, 3, REASONS[loss])]
    assert (ORDERS, 1) not in as_told(lab)
    assert as_told(lab) == on_disks(lab)


@pytest.mark.parametrize("state", STATES)
def test_a_disk_that_is_kept_is_not_told_lost(state: Callable[[Lab, int], None]) -> None:
    lab = written()
    state(lab, 1)

    lab.cluster.crash(1, KEPT)

    assert gone(lab, 1) == []
    assert len(as_told(lab)[ORDERS, 1]) == 3
    assert as_told(lab) == on_disks(lab)


@pytest.mark.parametrize("state", STATES)
def test_what_was_flushed_outlasts_the_power_and_what_came_after_does_not(state: Callable[[Lab, int], None]) -> None:
    lab = written()
    lab.run_to(LogFlushed, broker=1)
    lab.client.produce(b"not flushed")
    assert lab.settle()
    state(lab, 1)
    # Whoever came far enough to flush again has lost nothing at all.
    flushed = lab.events(LogFlushed, broker=1)[-1].to_offset

    lab.cluster.crash(1, UNFLUSHED_LOST)

    assert flushed in {3, 4}
    assert gone(lab, 1) == ([(ORDERS, 3, 4, "unflushed lost")] if flushed == 3 else [])
    assert as_told(lab) == on_disks(lab)


def test_a_broker_that_starts_to_wipe_twice_loses_its_disk_once() -> None:
    lab = written()
    not_registered(lab, 1)
    lab.cluster.crash(1, WIPED)
    lab.cluster.restart(1)
    lab.run(0.5)

    lab.cluster.crash(1, WIPED)

    assert gone(lab, 1) == [(ORDERS, 0, 3, "disk wiped")]


def test_a_power_cut_then_a_lost_disk_tell_each_its_own_part() -> None:
    lab = written()
    lab.run_to(LogFlushed, broker=1)
    lab.client.produce(b"not flushed")
    lab.cluster.crash(1, UNFLUSHED_LOST)
    lab.cluster.restart(1)
    lab.run(0.5)

    lab.cluster.crash(1, WIPED)

    assert gone(lab, 1) == [(ORDERS, 3, 4, "unflushed lost"), (ORDERS, 0, 3, "disk wiped")]
    assert as_told(lab) == on_disks(lab)


def test_a_crash_of_what_is_down_is_refused_and_takes_nothing() -> None:
    lab = written()
    lab.cluster.crash(1)
    told = as_told(lab)

    with pytest.raises(ValueError, match="broker 1 is down"):
        lab.cluster.crash(1, WIPED)

    assert len(lab.events(BrokerCrashed, broker=1)) == 1
    assert gone(lab, 1) == []
    assert as_told(lab) == told == on_disks(lab)


def test_every_partition_of_the_disk_is_told_and_the_empty_ones_are_not() -> None:
    full, names_with_dashes = TopicConfig("orders", partitions=3), TopicConfig("orders-by-day-7", partitions=2)
    lab = written(2, full, names_with_dashes)
    lab.client.produce(b"a", tp=TopicPartition("orders", 2))
    lab.client.produce(b"b", tp=TopicPartition("orders-by-day-7", 1))
    assert lab.settle()
    not_registered(lab, 2)

    lab.cluster.crash(2, WIPED)

    assert sorted(gone(lab, 2)) == [
        (ORDERS, 0, 2, "disk wiped"),
        (TopicPartition("orders", 2), 0, 1, "disk wiped"),
        (TopicPartition("orders-by-day-7", 1), 0, 1, "disk wiped"),
    ]
    assert as_told(lab) == on_disks(lab)


def test_a_partition_made_while_a_broker_was_down_is_told_lost_only_once_it_lay_there() -> None:
    lab = written()
    long_down(lab, 3)
    lab.cluster.create_topic(TopicConfig("new", replication_factor=2))
    lab.run(1)
    new = TopicPartition("new", 0)
    lab.client.produce(b"new", tp=new)
    lab.cluster.restart(3)
    lab.run(0.5)
    lab.cluster.crash(3, WIPED)
    lab.cluster.restart(3)
    assert lab.settle()
    holders = [broker for broker in (1, 2, 3) if (new, broker) in on_disks(lab)]

    for broker in (1, 2, 3):
        lab.cluster.crash(broker, WIPED)

    assert holders == [1, 2]
    assert [one[:3] for one in gone(lab, 3)] == [(ORDERS, 0, 3), (ORDERS, 0, 3)]
    assert [one[0] for broker in holders for one in gone(lab, broker)].count(new) == 2
    assert as_told(lab) == on_disks(lab) == {}


def test_brokers_that_are_wiped_while_they_start_are_filled_again_from_the_one_that_was_not() -> None:
    lab = written()
    for broker in (1, 2):
        lab.cluster.crash(broker)
    for broker in (1, 2):
        lab.cluster.restart(broker)
    lab.run(0.5)

    for broker in (1, 2):
        lab.cluster.crash(broker, WIPED)
    lab.run(12)
    lab.cluster.heal()
    assert lab.settle()

    assert lab.client.read() == [b"0", b"1", b"2"]
    assert as_told(lab) == on_disks(lab)
    assert [len(batches) for batches in as_told(lab).values()] == [3, 3, 3]


def test_a_broker_that_cannot_register_keeps_the_high_watermarks_that_lie_on_its_disk() -> None:
    lab = written()
    lab.run(6)
    checkpoint = lab.cluster.brokers[1].disk.directories[0].file(CHECKPOINT_FILE)
    assert checkpoint.entries == [{ORDERS: 3}]

    cut_off_from_the_controller(lab, 1)

    assert checkpoint.entries == [{ORDERS: 3}]


def disturb(lab: Lab, chance: Stream) -> None:
    """Do one thing to one broker, as likely as not while it starts; what makes no sense just now is left out."""
    cluster = lab.cluster
    broker = chance.randrange(3) + 1
    try:
        match chance.randrange(10):
            case 0:
                cluster.crash(broker)
            case 1 | 2:
                cluster.crash(broker, UNFLUSHED_LOST)
            case 3 | 4:
                cluster.crash(broker, WIPED)
            case 5 | 6:
                cluster.restart(broker)
            case 7:
                cluster.pause(broker)
            case 8:
                cluster.resume(broker)
            case _:
                cluster.add_partitions("orders", len(cluster.controller.metadata.partitions) + 1)
    except ValueError:
        pass


@pytest.mark.parametrize("seed", range(30))
def test_the_trace_tells_the_logs_that_lie_on_the_disks_after_every_crash(seed: int) -> None:
    lab = Lab(TopicConfig("orders", partitions=2), seed=seed, log_flush_interval_us=3_000_000)
    chance = Stream(seed=seed, name="disks")

    for number in range(60):
        disturb(lab, chance)
        for tp in tuple(lab.cluster.controller.metadata.partitions):
            leader = lab.cluster.leader_of(tp)
            connection = lab.client.connect(leader) if leader > 0 else None
            if connection is not None and connection.is_open:
                send_batch(connection, b"%d" % number, tp=tp, acks=1)
        lab.run(chance.randrange(1_500) / 1_000)
        assert as_told(lab) == on_disks(lab)
    lab.cluster.heal()

    assert lab.settle(within_us=300_000_000)
    assert as_told(lab) == on_disks(lab)
