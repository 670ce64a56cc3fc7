"""read_committed: the records of transactions that were committed, whatever else lies between them, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producer.errors import MalformedError
from producer.wire.messages.fetch import AbortedTransaction, FetchPartitionResponse
from producer.wire.record_batch import encode_batch
from sim.clients.consumer.batches import Taken, take_batches
from tests.unit.sim.clients.consumer.reading_room import ORDERS, batch, marker


@dataclass
class Log:
    """A leader's log, and what a consumer is to be told of it."""

    data: bytes = b""
    end: int = 0
    open: dict[int, tuple[int, list[int]]] = field(default_factory=dict)
    """By producer id: the first offset of its transaction, and the offsets in it."""
    aborted: list[AbortedTransaction] = field(default_factory=list)
    committed: list[int] = field(default_factory=list)

    def append(self, producer_id: int, count: int) -> None:
        self.data += batch(self.end, *[b"v"] * count, producer_id=producer_id, producer_epoch=0, is_transactional=True)
        _, offsets = self.open.setdefault(producer_id, (self.end, []))
        offsets += range(self.end, self.end + count)
        self.end += count

    def append_plain(self, count: int) -> None:
        """Records of a producer that knows of no transactions."""
        self.data += batch(self.end, *[b"v"] * count, producer_id=77, producer_epoch=0)
        self.committed += range(self.end, self.end + count)
        self.end += count

    def finish(self, producer_id: int, *, commits: bool) -> None:
        self.data += marker(self.end, producer_id, commits=commits)
        self.end += 1
        if producer_id in self.open:
            first, offsets = self.open.pop(producer_id)
            if commits:
                self.committed += offsets
            else:
                self.aborted.append(AbortedTransaction(producer_id, first))

    def finish_all(self) -> None:
        """Nothing lies behind the last stable offset then."""
        for producer_id in list(self.open):
            self.finish(producer_id, commits=producer_id % 2 == 0)

    def take(self, position: int = 0, *, committed_only: bool = True) -> Taken:
        told = FetchPartitionResponse(0, 0, self.end, self.end, 0, aborted_transactions=tuple(self.aborted))
        told = told._replace(records=self.data)
        return take_batches(ORDERS, told, position=position, end_offset=-1, committed_only=committed_only)


steps = st.lists(
    st.tuples(st.sampled_from(["append", "append", "commit", "abort", "plain"]), st.integers(1, 3), st.integers(1, 3)),
    max_size=30,
)


@given(steps=steps, data=st.data())
@settings(max_examples=200)
def test_what_was_committed_is_read_and_nothing_else(steps: list[tuple[str, int, int]], data: st.DataObject) -> None:
    log = Log()
    for what, producer_id, count in steps:
        if what == "append":
            log.append(producer_id, count)
        elif what == "plain":
            log.append_plain(count)
        else:
            log.finish(producer_id, commits=what == "commit")
    log.finish_all()
    position = data.draw(st.integers(0, log.end))

    taken = log.take(position)

    assert [record.offset for record in taken.records] == [one for one in sorted(log.committed) if one >= position]
    assert taken.position == log.end, "also behind markers and what was aborted"


def test_read_uncommitted_reads_aborted_records_as_well_but_no_markers() -> None:
    log = Log()
    log.append(1, 2)
    log.finish(1, commits=False)
    log.append_plain(1)

    taken = log.take(committed_only=False)

    assert [record.offset for record in taken.records] == [0, 1, 3]
    assert taken.position == 4


def test_a_producer_that_aborted_may_commit_its_next_transaction() -> None:
    log = Log()
    log.append(1, 1)
    log.finish(1, commits=False)
    log.append(1, 1)
    log.finish(1, commits=True)

    assert [record.offset for record in log.take().records] == [2]


def test_a_marker_without_a_transaction_is_passed_over() -> None:
    log = Log()
    log.finish(1, commits=False)
    log.append_plain(1)

    assert [record.offset for record in log.take().records] == [1]


def test_the_end_stops_within_a_batch() -> None:
    told = FetchPartitionResponse(0, records=batch(0, b"a", b"b", b"c"))

    taken = take_batches(ORDERS, told, position=1, end_offset=2, committed_only=False)

    assert [record.value for record in taken.records] == [b"b"]


def test_a_control_batch_that_says_nothing_is_malformed() -> None:
    wrong = encode_batch([(None, b"", (), 0)], producer_id=1, producer_epoch=0, is_transactional=True, is_control=True)
    told = FetchPartitionResponse(0, records=wrong, aborted_transactions=(AbortedTransaction(1, 0),))

    with pytest.raises(MalformedError, match="without a control record"):
        take_batches(ORDERS, told, position=0, end_offset=-1, committed_only=True)


@pytest.mark.parametrize("committed_only", [False, True])
def test_null_records_and_null_transactions_are_empty(committed_only: bool) -> None:
    told = FetchPartitionResponse(0, aborted_transactions=None, records=None)

    taken = take_batches(ORDERS, told, position=3, end_offset=-1, committed_only=committed_only)

    assert taken == Taken([], 3, -1)
