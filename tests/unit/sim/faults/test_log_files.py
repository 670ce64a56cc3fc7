"""Logs that are cut short while their broker is down, and disks that only say that they flushed."""

import pytest

from producer.records import TopicPartition
from sim.cluster.cluster import DiskLoss
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import LogFlushed, LogTruncated
from tests.unit.sim.raw_client import ORDERS, Lab

VALUES = [b"a", b"b", b"c"]


def filled(**config: bool) -> Lab:
    """Three replicas, led by b1, of three batches."""
    lab = Lab(TopicConfig("orders", replication_factor=3, min_insync_replicas=2), **config)
    for value in VALUES:
        lab.client.produce(value)
    lab.run(1)
    assert lab.cluster.leader_of(ORDERS) == 1
    return lab


def test_a_log_that_was_cut_short_is_filled_again_by_whoever_leads_meanwhile() -> None:
    lab = filled()
    lab.cluster.crash(1)
    lab.cluster.cut_log_short(1, ORDERS, 2)
    (cut,) = lab.events(LogTruncated, broker=1)
    assert (cut.to_offset, cut.from_offset, cut.reason) == (1, 3, "file cut short")
    lab.run(15)

    lab.cluster.restart(1)
    lab.settle()

    assert lab.client.read() == VALUES
    assert lab.cluster.brokers[1].process is not None
    assert lab.cluster.brokers[1].process.replicas.partitions[ORDERS].log.end_offset == 3


@pytest.mark.parametrize("is_in_order", [True, False], ids=["stopped", "crashed"])
def test_only_a_broker_that_ended_in_good_order_is_trusted_with_what_is_left(is_in_order: bool) -> None:
    lab = filled()
    for broker in (2, 3, 1):
        if is_in_order:
            lab.cluster.stop(broker)
            lab.run(5)
        else:
            lab.cluster.crash(broker)
    lab.cluster.cut_log_short(1, ORDERS, 2)

    lab.cluster.restart(1)
    lab.run(20)
    for broker in (2, 3):
        lab.cluster.restart(broker)
    lab.settle()

    assert lab.client.read() == (VALUES[:1] if is_in_order else VALUES)


def test_a_log_is_never_cut_beyond_its_beginning() -> None:
    lab = filled()
    lab.cluster.crash(3)

    lab.cluster.cut_log_short(3, ORDERS, 99)

    (cut,) = lab.events(LogTruncated, broker=3)
    assert (cut.to_offset, cut.from_offset) == (0, 3)


def test_what_is_open_or_not_there_is_refused() -> None:
    lab = filled()

    with pytest.raises(ValueError, match="broker 1 runs, and has its logs open"):
        lab.cluster.cut_log_short(1, ORDERS, 1)
    with pytest.raises(ValueError, match="broker 1 has no log of orders-7"):
        lab.cluster.unsync_log(1, TopicPartition("orders", 7))


def test_an_unsynced_log_is_flushed_by_word_alone() -> None:
    for is_unsynced in (False, True):
        lab = filled()
        if is_unsynced:
            for broker in (1, 2, 3):
                lab.cluster.unsync_log(broker, ORDERS)
        lab.run(40)
        assert lab.events(LogFlushed, broker=1, to_offset=3)

        for broker in (1, 2, 3):
            lab.cluster.crash(broker, DiskLoss.UNFLUSHED_LOST)
        for broker in (1, 2, 3):
            lab.cluster.restart(broker)
        lab.settle()

        assert lab.client.read() == ([] if is_unsynced else VALUES)


def test_what_was_flushed_before_stays() -> None:
    lab = filled()
    lab.run(40)
    for broker in (1, 2, 3):
        lab.cluster.unsync_log(broker, ORDERS)
    lab.client.produce(b"later")
    lab.run(40)

    for broker in (1, 2, 3):
        lab.cluster.crash(broker, DiskLoss.UNFLUSHED_LOST)
    lab.cluster.heal()
    lab.settle()

    assert lab.client.read() == VALUES


def test_a_healed_cluster_flushes() -> None:
    lab = filled()
    lab.cluster.unsync_log(2, ORDERS)

    lab.cluster.heal()
    lab.run(40)
    lab.cluster.crash(2, DiskLoss.UNFLUSHED_LOST)

    assert not lab.events(LogTruncated, broker=2)
