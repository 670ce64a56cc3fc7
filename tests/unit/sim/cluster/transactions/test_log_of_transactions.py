"""What a log knows of the transactions in it: where the first undecided one begins, and which were aborted, after cuts and restarts, too."""

from __future__ import annotations

import pytest

from producer.errors import Code
from producer.wire.end_markers import EndMarker, encode_end_marker
from producer.wire.record_batch import encode_batch, read_header
from sim.cluster.broker.log_file import LogFile
from sim.cluster.broker.partition_log import PartitionLog
from sim.cluster.stored_batch import StoredBatch


class Written:
    """A log that is written to by hand, every batch of one record."""

    def __init__(self) -> None:
        self.file = LogFile()
        self.log = PartitionLog(self.file, high_watermark=0)
        self.sequences: dict[tuple[int, int], int] = {}

    def _append(self, data: bytes) -> int:
        header = read_header(data)
        self.log.append(header, data, 0)
        return header.base_offset

    def plain(self) -> int:
        """A record of nobody's transaction."""
        return self._append(encode_batch([(None, b"x", (), 1_000)], base_offset=self.log.end_offset))

    def record(self, producer_id: int, *, epoch: int = 0, timestamp_ms: int = 1_000) -> int:
        """A record of a producer's transaction."""
        sequence = self.sequences.get((producer_id, epoch), 0)
        self.sequences[producer_id, epoch] = sequence + 1
        return self._append(
            encode_batch(
                [(None, b"x", (), timestamp_ms)],
                producer_id=producer_id,
                producer_epoch=epoch,
                base_sequence=sequence,
                base_offset=self.log.end_offset,
                is_transactional=True,
            )
        )

    def end(self, producer_id: int, *, is_commit: bool, epoch: int = 0, coordinator_epoch: int = 0) -> int:
        """The end of that producer's transaction."""
        marker = EndMarker(is_commit, coordinator_epoch)
        return self._append(
            encode_end_marker(
                marker,
                producer_id=producer_id,
                producer_epoch=epoch,
                timestamp_ms=1_000,
                base_offset=self.log.end_offset,
            )
        )

    def commit_all(self) -> None:
        """Everything is on every replica."""
        self.log.high_watermark = self.log.end_offset

    def aborted(self, log: PartitionLog | None = None) -> list[tuple[int, int, int]]:
        """Producer id, first offset and marker of every aborted transaction."""
        log = log or self.log
        told = log.aborted_transactions(log.start_offset, log.end_offset)
        return [(one.producer_id, one.first_offset, one.last_offset) for one in told]

    def opened_again(self) -> PartitionLog:
        """The log as the next life of its broker finds it."""
        return PartitionLog(self.file, high_watermark=self.log.high_watermark)


def test_without_transactions_the_last_stable_offset_is_the_high_watermark() -> None:
    written = Written()
    for _ in range(3):
        written.plain()
    written.log.high_watermark = 2

    assert written.log.last_stable_offset == 2


def test_the_last_stable_offset_stays_before_an_open_transaction() -> None:
    written = Written()
    written.plain()
    begin = written.record(7)
    written.plain()
    written.commit_all()

    assert written.log.last_stable_offset == begin


def test_a_marker_decides_nothing_before_it_is_committed() -> None:
    written = Written()
    written.record(7)
    written.commit_all()
    marker = written.end(7, is_commit=True)
    held = written.log.last_stable_offset
    written.log.high_watermark = marker + 1

    assert held == 0
    assert written.log.last_stable_offset == marker + 1


def test_the_first_of_two_open_transactions_counts_whichever_ends_first() -> None:
    written = Written()
    written.record(7)
    second = written.record(8)
    written.end(8, is_commit=True)
    written.commit_all()
    before = written.log.last_stable_offset
    written.end(7, is_commit=True)
    written.commit_all()

    assert (before, written.log.last_stable_offset) == (0, written.log.end_offset)
    assert second == 1


@pytest.mark.parametrize("is_commit", [True, False])
def test_only_aborted_transactions_are_told(is_commit: bool) -> None:
    written = Written()
    written.record(7)
    marker = written.end(7, is_commit=is_commit)
    written.commit_all()

    assert written.aborted() == ([] if is_commit else [(7, 0, marker)])


def test_a_marker_of_nothing_ends_nothing() -> None:
    written = Written()
    written.end(7, is_commit=False)
    written.commit_all()

    assert written.aborted() == []
    assert written.log.last_stable_offset == 1


def test_aborted_transactions_are_told_to_who_reads_within_them_and_to_nobody_behind() -> None:
    written = Written()
    written.record(7)
    written.record(7)
    marker = written.end(7, is_commit=False)
    after = written.plain()
    written.commit_all()

    within = written.log.aborted_transactions(1, after + 1)
    behind = written.log.aborted_transactions(marker + 1, after + 1)

    assert [one.producer_id for one in within] == [7]
    assert behind == []


def test_a_transaction_that_began_in_an_earlier_segment_is_told_in_a_later_one() -> None:
    written = Written()
    written.record(7)
    written.log.roll(1)
    written.record(7)
    written.log.roll(2)
    marker = written.end(7, is_commit=False)
    written.commit_all()

    told = [written.log.aborted_transactions(offset, offset + 1) for offset in range(marker + 1)]

    assert [[(one.producer_id, one.first_offset) for one in within] for within in told] == [[(7, 0)]] * 3


def test_a_log_that_is_read_back_knows_the_same() -> None:
    written = Written()
    written.record(7)
    written.end(7, is_commit=False)
    written.record(8)
    written.commit_all()

    again = written.opened_again()

    assert again.last_stable_offset == written.log.last_stable_offset == 2
    assert written.aborted(again) == written.aborted() == [(7, 0, 1)]
    assert again.producers.described() == written.log.producers.described()


def test_a_cut_takes_the_marker_with_it_and_the_transaction_is_open_again() -> None:
    written = Written()
    written.record(7)
    written.record(7)
    marker = written.end(7, is_commit=False)
    written.log.high_watermark = marker
    written.log.truncate(marker)

    assert written.aborted() == []
    assert written.log.last_stable_offset == 0
    assert written.log.producers.is_in_transaction(7, 0)


def test_a_cut_takes_a_transaction_with_it() -> None:
    written = Written()
    written.plain()
    begin = written.record(7)
    written.log.high_watermark = begin
    written.log.truncate(begin)

    assert written.log.last_stable_offset == begin
    assert not written.log.producers.is_in_transaction(7, 0)


def test_what_removed_segments_told_of_an_open_transaction_stays_known() -> None:
    written = Written()
    written.record(7)
    written.log.roll(1)
    written.record(7)
    written.commit_all()
    written.log.advance_start(1)
    written.log.remove_segments_before(1)
    again = written.opened_again()
    again.advance_start(1)

    assert written.log.last_stable_offset == again.last_stable_offset == 1
    assert again.producers.transaction_of(7) == 0
    marker = written.end(7, is_commit=False)
    written.commit_all()
    assert written.aborted() == [(7, 0, marker)]


def test_aborted_transactions_go_with_the_segment_of_their_marker() -> None:
    written = Written()
    written.record(7)
    written.end(7, is_commit=False)
    written.log.roll(2)
    written.record(8)
    marker = written.end(8, is_commit=False)
    written.commit_all()
    written.log.advance_start(2)
    written.log.remove_segments_before(2)

    assert written.aborted() == [(8, 2, marker)]
    assert written.aborted(written.opened_again()) == [(8, 2, marker)]


def test_a_producer_in_an_open_transaction_is_not_forgotten_however_old() -> None:
    written = Written()
    written.record(7)
    written.record(8)
    written.end(8, is_commit=True)
    producers = written.log.producers

    producers.expire(now_ms=10_000_000, expiration_ms=1_000)

    assert producers.ids() == (7,)


def _batch(producer_id: int, *, epoch: int, sequence: int, is_transactional: bool = True) -> StoredBatch:
    data = encode_batch(
        [(None, b"x", (), 1_000)],
        producer_id=producer_id,
        producer_epoch=epoch,
        base_sequence=sequence,
        is_transactional=is_transactional,
    )
    return StoredBatch(0, 0, 0, read_header(data), data)


def test_a_record_outside_of_the_open_transaction_is_refused() -> None:
    written = Written()
    written.record(7)

    header = _batch(7, epoch=0, sequence=1, is_transactional=False).header

    assert written.log.producers.check(header) is Code.INVALID_TXN_STATE


def test_behind_a_marker_of_the_same_epoch_sequences_go_on() -> None:
    written = Written()
    written.record(7)
    written.end(7, is_commit=True)
    producers = written.log.producers

    assert producers.check(_batch(7, epoch=0, sequence=1).header) is Code.NONE
    assert producers.check(_batch(7, epoch=0, sequence=0).header) is Code.OUT_OF_ORDER_SEQUENCE_NUMBER


def test_behind_a_marker_of_the_next_epoch_sequences_begin_anew() -> None:
    written = Written()
    written.record(7)
    written.end(7, is_commit=True, epoch=1)
    producers = written.log.producers

    assert producers.check(_batch(7, epoch=0, sequence=1).header) is Code.INVALID_PRODUCER_EPOCH
    assert producers.check(_batch(7, epoch=1, sequence=1).header) is Code.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert producers.check(_batch(7, epoch=1, sequence=0).header) is Code.NONE


def test_a_marker_that_has_gone_bad_counts_as_an_abort() -> None:
    written = Written()
    written.record(7)
    marker = written.end(7, is_commit=True)
    written.commit_all()
    bad = written.file.entries[marker]
    written.file.entries[marker] = bad._replace(data=bad.data[:-1] + bytes([bad.data[-1] ^ 1]))

    assert written.aborted(written.opened_again()) == [(7, 0, marker)]
