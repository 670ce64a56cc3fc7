"""A batch as it lies in a log, the same on every broker, and where an epoch ends there."""

from __future__ import annotations

from typing import NamedTuple

from producer.wire.record_batch import BatchHeader


class StoredBatch(NamedTuple):
    """A batch as the leader stamped it: the same value in every replica's log."""

    base_offset: int
    last_offset: int
    leader_epoch: int
    header: BatchHeader
    data: bytes


class EpochEnd(NamedTuple):
    """Where an epoch ends in a log: the largest epoch that is at most the one asked for, and the offset after it."""

    epoch: int
    end_offset: int
