"""Transactions in the logs that they write to: where their ends are, and up to where all of them are decided."""

from __future__ import annotations

from typing import NamedTuple


class MarkerAppended(NamedTuple):
    """A leader appended the end of a transaction, as a coordinator asked; that was told as `BatchAppended`, too, and is no record."""

    at_us: int
    broker: int
    topic: str
    partition: int
    offset: int
    leader_epoch: int
    producer_id: int
    producer_epoch: int
    coordinator_epoch: int
    is_commit: bool
    first_offset: int
    """Where the transaction begins in this log; -1 if nothing of it is here."""


class MarkerRefused(NamedTuple):
    """A leader did not append the end of a transaction."""

    at_us: int
    broker: int
    topic: str
    partition: int
    producer_id: int
    producer_epoch: int
    coordinator_epoch: int
    is_commit: bool
    code: int


class LastStableOffsetMoved(NamedTuple):
    """A replica knows up to where every transaction is decided. Told only while some are not, and when the last of them is.

    Before that, and after it, it is the high watermark.
    """

    at_us: int
    broker: int
    topic: str
    partition: int
    last_stable_offset: int
    high_watermark: int
