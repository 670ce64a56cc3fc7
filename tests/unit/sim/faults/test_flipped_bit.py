"""A bit that flips on a disk: whoever serves the batch does not notice, whoever copies or reads it does, and so does a recovery."""

from itertools import pairwise

import pytest

from producer.errors import MalformedError
from producer.records import TopicPartition
from producer.wire.record_batch import computed_crc
from sim.cluster.broker.log_directory import log_file
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import BitFlipped, CorruptBatchFetched, LogTruncated
from sim.world.units import SECOND_US
from tests.unit.sim.raw_client import ORDERS, Lab, send_batch

VALUES = [b"a", b"b", b"c"]


def filled() -> Lab:
    """Three replicas, led by b1, of three batches."""
    lab = Lab(TopicConfig("orders", replication_factor=3, min_insync_replicas=2))
    for value in VALUES:
        lab.client.produce(value)
    lab.run(1)
    assert lab.cluster.leader_of(ORDERS) == 1
    return lab


def is_whole(lab: Lab, broker: int) -> list[bool]:
    """Of each batch on a broker's disk, whether it matches its CRC."""
    entries = log_file(lab.cluster.brokers[broker].disk.directories[0], ORDERS).entries
    return [computed_crc(stored.data) == stored.header.crc for stored in entries]


def test_a_leader_serves_a_bad_batch_as_it_is() -> None:
    lab = filled()

    lab.cluster.flip_bit(1, ORDERS, 1)

    assert is_whole(lab, 1) == [True, False, True]
    (flipped,) = lab.events(BitFlipped)
    assert (flipped.base_offset, flipped.last_offset) == (1, 1)
    assert flipped.crc != flipped.computed_crc
    with pytest.raises(MalformedError, match="the batch at offset 1 fails its CRC32C"):
        lab.client.read()
    assert lab.client.read(offset=2) == VALUES[2:]


def test_a_bit_that_flips_back_was_never_wrong() -> None:
    lab = filled()

    lab.cluster.flip_bit(1, ORDERS, 1)
    lab.cluster.flip_bit(1, ORDERS, 1)

    assert is_whole(lab, 1) == [True, True, True]
    flipped = lab.events(BitFlipped)[1]
    assert flipped.crc == flipped.computed_crc
    assert lab.client.read() == VALUES
    assert lab.watch.look()


def test_followers_append_nothing_of_an_answer_with_a_bad_batch_and_ask_again_each_second() -> None:
    lab = filled()
    lab.cluster.shrink_isr(ORDERS, (2, 3), SECOND_US)
    lab.run(0.1)
    connection = lab.client.connect(1)
    for value in (b"d", b"e"):
        send_batch(connection, value, acks=1)
    lab.run(0.1)
    lab.cluster.flip_bit(1, ORDERS, 4)

    lab.run(4)

    for follower in (2, 3):
        refused = lab.events(CorruptBatchFetched, broker=follower)
        assert {(one.base_offset, one.leader) for one in refused} == {(4, 1)}
        pauses = [later.at_us - one.at_us for one, later in pairwise(refused)]
        assert pauses
        assert all(SECOND_US <= pause_us < 1.1 * SECOND_US for pause_us in pauses)
        assert len(is_whole(lab, follower)) == 3


def test_who_follows_is_none_the_worse_for_a_bad_batch_that_it_has_whole() -> None:
    lab = filled()
    lab.cluster.flip_bit(1, ORDERS, 0)

    lab.client.produce(b"d")
    lab.run(1)

    assert is_whole(lab, 2) == [True] * 4
    lab.cluster.move_leader(ORDERS, 2)
    lab.run(1)
    assert lab.client.read() == [*VALUES, b"d"]


def test_a_broker_that_crashed_cuts_its_log_at_the_bad_batch_and_copies_it_anew() -> None:
    lab = filled()
    lab.cluster.flip_bit(1, ORDERS, 1)

    lab.cluster.crash(1)
    lab.run(15)
    lab.cluster.restart(1)
    lab.settle()

    (cut,) = lab.events(LogTruncated, broker=1)
    assert (cut.to_offset, cut.from_offset, cut.reason) == (1, 3, "corrupt batch")
    assert is_whole(lab, 1) == [True] * 3
    assert lab.client.read() == VALUES


def test_a_broker_that_stopped_in_good_order_does_not_look() -> None:
    lab = filled()
    lab.cluster.flip_bit(1, ORDERS, 1)

    lab.cluster.stop(1)
    lab.run(15)
    lab.cluster.restart(1)
    lab.settle()

    assert not lab.events(LogTruncated, broker=1)
    assert is_whole(lab, 1) == [True, False, True]


def test_a_bad_batch_in_the_log_of_the_last_that_led_takes_all_behind_it_from_everybody() -> None:
    lab = filled()
    lab.cluster.flip_bit(1, ORDERS, 1)
    for broker in (2, 3, 1):
        lab.cluster.crash(broker)
        lab.run(12)

    for broker in (1, 2, 3):
        lab.cluster.restart(broker)
    lab.settle()

    assert lab.client.read() == VALUES[:1]


def test_what_is_not_there_is_refused() -> None:
    lab = filled()

    with pytest.raises(ValueError, match="broker 1 has no offset 3 of orders-0"):
        lab.cluster.flip_bit(1, ORDERS, 3)
    with pytest.raises(ValueError, match="broker 1 has no log of orders-7"):
        lab.cluster.flip_bit(1, TopicPartition("orders", 7), 0)
