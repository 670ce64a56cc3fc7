"""One log: offsets, epochs, truncation, and what is read back from the disk."""

import pytest

from producer.wire.record_batch import encode_batch, read_header, stamp_offsets
from sim.cluster.broker.log_file import LogFile
from sim.cluster.broker.partition_log import PartitionLog
from sim.cluster.stored_batch import EpochEnd, StoredBatch


def make_log(*batches: tuple[int, int]) -> PartitionLog:
    """A log of (leader epoch, records) batches."""
    log = PartitionLog(LogFile(), high_watermark=0)
    for sequence, (epoch, records) in enumerate(batches):
        append(log, epoch, records, sequence)
    return log


def append(log: PartitionLog, epoch: int, records: int, sequence: int = 0) -> StoredBatch:
    batch = encode_batch([(None, b"v", (), 1)] * records, producer_id=7, producer_epoch=0, base_sequence=sequence)
    data = stamp_offsets(batch, base_offset=log.end_offset, partition_leader_epoch=epoch)
    return log.append(read_header(data), data, epoch)


def test_offsets_are_dense() -> None:
    log = make_log((0, 3), (0, 2), (1, 1))

    assert [(stored.base_offset, stored.last_offset) for stored in log.file.entries] == [(0, 2), (3, 4), (5, 5)]
    assert log.end_offset == 6


@pytest.mark.parametrize(
    "epoch, end",
    [
        (-1, None),
        (0, EpochEnd(0, 2)),
        (1, EpochEnd(0, 2)),
        (2, EpochEnd(2, 5)),
        (4, EpochEnd(2, 5)),
        (5, EpochEnd(5, 6)),
        (6, None),
    ],
)
def test_the_end_of_an_epoch_is_where_the_next_begins(epoch: int, end: EpochEnd | None) -> None:
    log = make_log((0, 2), (2, 3), (5, 1))

    assert log.end_of_epoch(epoch) == end


def test_an_epoch_before_every_known_one_ends_where_the_first_begins() -> None:
    log = make_log()
    log.begin_epoch(3)
    append(log, 3, 1)

    assert log.end_of_epoch(1) == EpochEnd(1, 0)


def test_a_term_without_a_batch_leaves_no_trace() -> None:
    log = make_log((0, 2))
    log.begin_epoch(1)
    log.begin_epoch(2)

    assert log.end_of_epoch(1) == EpochEnd(0, 2)
    assert log.last_epoch == 2


@pytest.mark.parametrize("to_offset, end", [(0, 0), (2, 2), (3, 2), (4, 2), (5, 5), (9, 6)])
def test_truncation_never_leaves_half_a_batch(to_offset: int, end: int) -> None:
    log = make_log((0, 2), (2, 3), (5, 1))
    log.high_watermark = 6

    was_cut = log.truncate(to_offset)

    assert log.end_offset == end
    assert was_cut == (end < 6)
    assert log.high_watermark == min(6, end)
    assert log.file.flushed <= len(log.file.entries)


def test_truncation_forgets_epochs_and_producers_of_what_is_gone() -> None:
    log = make_log((0, 1), (1, 1))
    gone = log.file.entries[1].header

    log.truncate(1)

    assert log.last_epoch == 0
    assert log.producers.duplicate_of(gone) is None
    assert log.producers.duplicate_of(log.file.entries[0].header) == (0, 0)


@pytest.mark.parametrize(
    "diverging, to_offset",
    [(EpochEnd(0, 1), 1), (EpochEnd(0, 2), 2), (EpochEnd(1, 4), 2), (EpochEnd(2, 4), 4), (EpochEnd(2, 99), 5)],
)
def test_a_follower_truncates_to_the_end_of_the_last_common_epoch(diverging: EpochEnd, to_offset: int) -> None:
    log = make_log((0, 2), (2, 3), (5, 1))

    assert log.offset_for(diverging) == to_offset


def test_reading_gives_whole_batches_below_a_bound_and_the_first_whatever_its_size() -> None:
    log = make_log((0, 2), (0, 2), (0, 2))
    size = len(log.file.entries[0].data)

    def read(from_offset: int, up_to_offset: int, bytes_max: int) -> list[int]:
        batches = log.read(from_offset, up_to_offset=up_to_offset, bytes_max=bytes_max)
        return [stored.base_offset for stored in batches]

    assert read(0, 6, 10_000) == [0, 2, 4]
    assert read(3, 6, 10_000) == [2, 4]
    assert read(0, 5, 10_000) == [0, 2]
    assert read(0, 6, 1) == [0]
    assert read(0, 6, 2 * size) == [0, 2]
    assert read(6, 6, 10_000) == []


def test_everything_but_the_high_watermark_is_read_back_from_the_file() -> None:
    log = make_log((0, 2), (2, 3))

    again = PartitionLog(log.file, high_watermark=99)

    assert (again.end_offset, again.last_epoch, again.high_watermark) == (5, 2, 5)
    assert again.producers.duplicate_of(log.file.entries[1].header) == (2, 4)


def test_truncation_forgets_a_term_in_which_nothing_was_written_even_if_no_batch_goes() -> None:
    log = make_log((0, 2))
    log.begin_epoch(3)

    was_cut = log.truncate(2)

    assert not was_cut
    assert log.last_epoch == 0


def test_a_restart_forgets_a_term_in_which_nothing_was_written_as_kafkas_checkpoint_does() -> None:
    log = make_log((0, 2), (2, 3))
    log.begin_epoch(7)

    again = PartitionLog(log.file, high_watermark=0)

    # LogLoader cuts the checkpoint at the end of the log, and with it an epoch that begins there.
    assert (log.last_epoch, again.last_epoch) == (7, 2)
    assert [again.end_of_epoch(epoch) for epoch in (0, 2)] == [EpochEnd(0, 2), EpochEnd(2, 5)]
