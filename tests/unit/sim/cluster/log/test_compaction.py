"""Compaction: what a cleaner keeps of each key, of tombstones and of producers, and what it does not touch. As Apache Kafka's Cleaner."""

from __future__ import annotations

import pytest

from producer.errors import Code
from producer.wire.compacted_batch import NO_HORIZON, delete_horizon_ms
from producer.wire.compression import Codec
from producer.wire.record_batch import encode_batch, read_header
from tests.unit.sim.cluster.log.compacted import ONE_RECORD_BYTES, CompactedLab
from tests.unit.sim.raw_client import ORDERS, send_batch
from tests.unit.sim.transactional_writer import end, write

PRODUCER = 7


def test_every_replica_keeps_the_last_record_of_each_key_where_it_was() -> None:
    lab = CompactedLab()
    lab.put_in_turn(9)

    lab.run(3)

    # The last segment is written to: what is in it makes nothing old.
    assert lab.offsets() == [[6, 7, 8]] * 3
    assert [(record.offset, record.key, record.value) for record in lab.client.read_records()] == [
        (6, b"k0", b"6"),
        (7, b"k1", b"7"),
        (8, b"k0", b"8"),
    ]
    assert lab.watch.look()


def test_segments_that_became_small_become_one() -> None:
    lab = CompactedLab()
    lab.put_in_turn(9)
    lab.run(3)
    lab.put_in_turn(8)

    lab.run(3)

    # As far as they were small before this round.
    assert [lab.file(broker).bases for broker in lab.cluster.brokers] == [[0, 8, 10, 12, 14, 16]] * 3
    assert lab.offsets() == [[14, 15, 16]] * 3


def test_nothing_is_cleaned_above_the_high_watermark() -> None:
    lab = CompactedLab(min_insync_replicas=1)
    lab.put_in_turn(4)
    leader = lab.cluster.leader_of(ORDERS)
    for follower in lab.cluster.followers_of(ORDERS):
        lab.cluster.pause(follower)
    connection = lab.client.connect(leader)
    for number in range(6):
        send_batch(connection, acks=1, records=encode_batch([(b"k0", b"x", (), lab.now_ms + number)]))

    lab.run(4)

    assert [record.offset for record in lab.held(leader)] == [2, 3, *range(4, 10)]
    assert max(event.to_offset for event in lab.cleaned(broker=leader)) == 4


def test_a_log_that_is_clean_enough_is_left_alone() -> None:
    lab = CompactedLab(min_cleanable_dirty_ratio=0.5)
    lab.put_in_turn(13, keys=5)
    lab.run(3)
    before = lab.offsets()
    # Five records are left in the clean part, and four are new: less than half of all.
    lab.put_in_turn(4, keys=5)

    lab.run(3)

    assert before == [[7, 8, 9, 10, 11, 12]] * 3
    assert lab.offsets() == [[*before[0], 13, 14, 15, 16]] * 3


def test_what_is_young_is_not_cleaned_yet() -> None:
    lab = CompactedLab(min_compaction_lag_ms=5_000)
    lab.put_in_turn(9)

    lab.run(3)
    young = lab.offsets()
    lab.run(4)

    assert young == [list(range(9))] * 3
    assert lab.offsets() == [[6, 7, 8]] * 3


def test_what_is_too_old_is_cleaned_however_little_it_is() -> None:
    lab = CompactedLab(min_cleanable_dirty_ratio=1.0, max_compaction_lag_ms=5_000)
    lab.put_in_turn(9)

    lab.run(3)
    young = lab.offsets()
    lab.run(4)

    assert young == [list(range(9))] * 3
    assert lab.offsets() == [[6, 7, 8]] * 3


@pytest.mark.parametrize(("waits_s", "left"), [(1, [1, 5, 6]), (6, [5, 6])])
def test_a_tombstone_takes_what_was_before_it_and_goes_with_the_first_round_after_its_time(
    waits_s: int, left: list[int]
) -> None:
    lab = CompactedLab(delete_retention_ms=4_000)
    for key, value in ((b"k0", b"1"), (b"k0", None), (b"k1", b"2"), (b"k1", b"3"), (b"k1", b"4")):
        lab.put(key, value)
    lab.run(2)
    first_round = lab.offsets()
    tombstone = lab.file(1).entries[0]
    (began_ms,) = {event.began_ms for event in lab.cleaned(broker=1)}

    # Time alone brings no cleaner by: something has to be dirty.
    lab.run(waits_s)
    waiting = lab.offsets()
    lab.put(b"k1", b"5")
    lab.put(b"k1", b"6")
    lab.run(1)

    assert first_round == waiting == [[1, 3, 4]] * 3
    assert delete_horizon_ms(tombstone.header) == began_ms + 4_000
    assert [delete_horizon_ms(stored.header) for stored in lab.file(1).entries[1:]] == [NO_HORIZON] * (len(left) - 1)
    assert lab.offsets() == [left] * 3
    assert lab.watch.look()


def test_records_of_one_batch_go_one_by_one_and_it_stays_compressed() -> None:
    lab = CompactedLab()
    records = [
        (b"k%d" % (number % 3), b"v" * 40 + b"%d" % number, (("h", b"x"),), lab.now_ms + number) for number in range(6)
    ]
    for records_of_batch in (records, records[3:4], records[:1]):
        batch = encode_batch(records_of_batch, codec=Codec.ZSTD)
        assert lab.client.produce(records=batch).error_code == Code.NONE

    lab.run(3)

    first = lab.file(1).entries[0]
    assert (first.base_offset, first.last_offset, first.header.record_count) == (0, 5, 2)
    assert first.header.codec is Codec.ZSTD
    assert [record.offset for record in lab.held(1)] == [4, 5, 6, 7]
    assert [record.headers for record in lab.held(1)] == [(("h", b"x"),)] * 4


def test_what_a_producer_wrote_last_stays_as_an_empty_batch_and_its_sequence_goes_on() -> None:
    lab = CompactedLab()
    for sequence in range(3):
        lab.put(b"k0", b"%d" % sequence, producer_id=PRODUCER, producer_epoch=0, base_sequence=sequence)
    lab.put_in_turn(4, keys=1)
    lab.run(3)
    left = [(stored.base_offset, stored.header.record_count) for stored in lab.file(1).entries]
    for broker in lab.cluster.brokers:
        lab.cluster.crash(broker)
    for broker in lab.cluster.brokers:
        lab.cluster.restart(broker)
    assert lab.settle()

    def write(sequence: int) -> tuple[Code, int]:
        batch = encode_batch(
            [(b"k0", b"x", (), lab.now_ms)], producer_id=PRODUCER, producer_epoch=0, base_sequence=sequence
        )
        told = lab.client.produce(records=batch)
        return Code(told.error_code), told.base_offset

    assert left == [(2, 0), (5, 1), (6, 1)]
    assert write(5) == (Code.OUT_OF_ORDER_SEQUENCE_NUMBER, -1)
    assert write(1) == (Code.NONE, 1)
    assert write(3) == (Code.NONE, 7)


def test_records_without_a_key_go_where_a_topic_is_compacted_from_now_on() -> None:
    lab = CompactedLab(cleanup_policy=("delete",))
    for _ in range(3):
        lab.put(None, b"x")
    lab.put_in_turn(4)
    lab.run(3)
    before = lab.offsets()

    lab.cluster.alter_topic("orders", "cleanup.policy", "compact")
    lab.run(3)

    assert before == [list(range(7))] * 3
    assert lab.offsets() == [[4, 5, 6]] * 3
    assert lab.client.produce(b"no key").error_code == Code.INVALID_RECORD


def test_a_topic_that_is_not_to_be_compacted_any_more_is_left_as_it_is() -> None:
    lab = CompactedLab()
    lab.put_in_turn(9)
    lab.run(3)
    lab.cluster.alter_topic("orders", "cleanup.policy", "delete")
    lab.put_in_turn(9)

    lab.run(5)

    assert lab.offsets() == [[6, 7, 8, *range(9, 18)]] * 3


def test_a_topic_of_both_policies_is_compacted_and_rid_of_old_segments() -> None:
    lab = CompactedLab(cleanup_policy=("compact", "delete"), retention_ms=6_000)
    lab.put_in_turn(9)
    lab.run(3)
    compacted = lab.offsets()

    lab.run(8)

    assert compacted == [[6, 7, 8]] * 3
    assert lab.offsets() == [[]] * 3
    assert lab.watch.look()


def test_nothing_is_compacted_without_a_cleaner() -> None:
    lab = CompactedLab(lab={"log_cleaner_enable": False})
    lab.put_in_turn(9)

    lab.run(5)

    assert lab.offsets() == [list(range(9))] * 3


def test_what_finds_no_room_among_the_keys_is_left_to_the_next_round() -> None:
    # Three keys: 80 bytes of 24 each, of which nine tenths are used.
    lab = CompactedLab(lab={"log_cleaner_dedupe_buffer_bytes": 100})
    lab.put_in_turn(17, keys=8)

    lab.run(4)

    assert lab.offsets() == [list(range(8, 17))] * 3
    assert len({event.began_ms for event in lab.cleaned(broker=1)}) > 1


@pytest.mark.parametrize("flipped", [0, 3])
def test_a_log_with_a_batch_that_has_gone_bad_is_not_cleaned(flipped: int) -> None:
    lab = CompactedLab()
    lab.put_in_turn(9)
    lab.cluster.flip_bit(1, ORDERS, flipped)

    lab.run(3)

    assert [stored.base_offset for stored in lab.file(1).entries] == list(range(9))
    assert [record.offset for record in lab.held(2)] == [6, 7, 8]


def test_batches_are_what_kafka_makes_of_them() -> None:
    lab = CompactedLab(internal_segment_bytes=4 * ONE_RECORD_BYTES)
    lab.put_in_turn(6)

    lab.run(3)

    for stored in lab.file(2).entries:
        assert read_header(stored.data) == stored.header
        assert (stored.base_offset, stored.last_offset) == (stored.header.base_offset, stored.header.last_offset)


def test_what_an_aborted_transaction_wrote_makes_nothing_old_and_an_open_one_holds_the_cleaner_up() -> None:
    # There is no coordinator, and no leader asks for one.
    lab = CompactedLab(lab={"transaction_partition_verification": False})
    lab.put(b"k0", b"committed")
    connection = lab.client.connect(lab.cluster.leader_of(ORDERS))
    aborted = encode_batch(
        [(b"k0", b"x", (), lab.now_ms)], producer_id=8, producer_epoch=0, base_sequence=0, is_transactional=True
    )
    assert write(connection, aborted, name="transfer", version=11).error_code == Code.NONE
    lab.put_in_turn(6, keys=3)
    lab.put(b"k1", b"x")
    lab.run(3)
    undecided = lab.offsets()

    assert end(connection, 8, 0, is_commit=False, version=1) is Code.NONE
    for number in range(5):
        lab.put(b"k%d" % (5 + number), b"x")
    lab.run(3)

    assert undecided == [list(range(9))] * 3
    # The first of k0 is made old by its next one, which is committed; the aborted one stays, and so does its marker.
    assert [offsets[:4] for offsets in lab.offsets()] == [[1, 5, 7, 8]] * 3
    assert lab.watch.look()
