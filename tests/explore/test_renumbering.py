"""What a new epoch writes twice is Java's way where something called for the epoch, and a find where nothing did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from producer.errors import Code
from producer.events import BatchAcknowledged, BatchFailed, BatchResequenced, BatchRetried, BatchSent, BatchSplit
from sim.explore.renumbering import is_needless
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.stories.witness import read_witness

KILLS = Path(__file__).parent / "kills"
FIRST = (7, 0)
SECOND = (7, 1)
THIRD = (7, 2)


def sent(batch: int, identity: tuple[int, int] = FIRST, *, attempt: int = 1, partition: int = 0) -> BatchSent:
    return BatchSent(0, "app", batch, "orders", partition, 1, 1, 1, attempt, *identity, batch, 1, 100, 0)


def retried(batch: int, code: Code, *, partition: int = 0) -> BatchRetried:
    return BatchRetried(0, "app", batch, "orders", partition, code, 0)


def acknowledged(batch: int) -> BatchAcknowledged:
    return BatchAcknowledged(0, "app", batch, "orders", 0, 0, 0)


def failed(batch: int, *, partition: int = 0) -> BatchFailed:
    return BatchFailed(0, "app", batch, "orders", partition, Code.INVALID_RECORD, "failed", "")


def renumbered(batch: int, identity: tuple[int, int] = SECOND) -> BatchResequenced:
    return BatchResequenced(0, "app", batch, "orders", 0, *identity, 0)


OUT_OF_ORDER = Code.OUT_OF_ORDER_SEQUENCE_NUMBER
NEEDLESS: dict[str, list[Any]] = {
    "one before it waits": [sent(1), sent(2), retried(2, OUT_OF_ORDER), renumbered(1)],
    "one before it is to be retried": [
        sent(1),
        sent(2),
        retried(1, Code.NOT_LEADER_OR_FOLLOWER),
        retried(2, OUT_OF_ORDER),
        renumbered(1),
    ],
    "a part of one before it waits": [
        sent(1),
        sent(2),
        BatchSplit(0, "app", 1, "orders", 0, (3, 4)),
        acknowledged(3),
        retried(2, OUT_OF_ORDER),
        renumbered(4),
    ],
    "another partition's gap": [sent(1), sent(5, partition=1), failed(5, partition=1), renumbered(1)],
    "a gap that an epoch closed": [sent(1), sent(2), failed(1), renumbered(2), renumbered(2, THIRD)],
    "a gap that an epoch closed with nothing left": [
        sent(1),
        failed(1),
        sent(2, SECOND),
        sent(3, SECOND),
        renumbered(2, THIRD),
    ],
    "nothing at all": [sent(1), renumbered(1)],
}
CALLED_FOR: dict[str, list[Any]] = {
    "a batch was given up": [sent(1), sent(2), failed(1), renumbered(2)],
    "several batches of one epoch": [sent(1), sent(2), sent(3), failed(1), renumbered(2), renumbered(3)],
    "nothing is left before it": [sent(1), sent(2), acknowledged(1), retried(2, OUT_OF_ORDER), renumbered(2)],
    "the oldest itself": [sent(1), sent(2), retried(1, OUT_OF_ORDER), renumbered(1), renumbered(2)],
    "the broker has forgotten the producer": [sent(1), sent(2), retried(2, Code.UNKNOWN_PRODUCER_ID), renumbered(1)],
    "a retry under the old epoch closes no gap": [
        sent(1),
        sent(2),
        failed(1),
        sent(2, attempt=2),
        renumbered(2),
    ],
}


@pytest.mark.parametrize("events", NEEDLESS.values(), ids=NEEDLESS)
def test_a_new_epoch_without_a_gap_is_needless(events: list[Any]) -> None:
    assert is_needless(events)


@pytest.mark.parametrize("events", CALLED_FOR.values(), ids=CALLED_FOR)
def test_a_new_epoch_behind_a_gap_is_called_for(events: list[Any]) -> None:
    assert not is_needless(events)


@pytest.mark.parametrize("story", ["new_epoch_repeats_a_record", "fresh_producer_hole"])
def test_what_java_writes_twice_by_a_new_epoch_was_called_for(story: str) -> None:
    report = run(load(story))

    assert report.verdict("duplicated").findings
    assert any(type(event) is BatchResequenced for event in report.trace)
    assert not is_needless(report.trace.events)


def test_a_producer_that_takes_every_batch_out_of_order_for_a_gap_is_seen() -> None:
    witness = read_witness(KILLS / "out_of_order_always_bumps.json")

    assert is_needless(witness.replay().trace.events)
