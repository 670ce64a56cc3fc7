"""Unended: all is healed, and a transaction is still open although its time is over, or somebody still waits for an answer.

No promise about records breaks by it, so it is no guarantee of `sim.judges.guarantees`; it is what a search of stories in
transactions looks for besides. A world that never healed shows nothing: a schedule that is shrunk keeps what ends its faults.
The witnesses are the readers: where one who is given only what is committed stands before one who is given everything,
something is open in between. A run waits two minutes for them, which is longer than the time of any transaction that is drawn.
And the log of the coordinators, read back at the end: an id whose transaction is decided there, and not over a minute and a half
later, is not going to be free.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.coordinators.transactions.record_kinds import TRANSACTION_LOG, metadata_of
from sim.cluster.coordinators.transactions.states import TransactionState
from sim.cluster.internal_topics import TRANSACTION_STATE
from sim.stories.runner import FAILED_ASSERTION
from sim.trace.events import (
    BatchAppended,
    GroupMemberBegan,
    ReaderEnded,
    ReaderIsolated,
    RecordRead,
)
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from sim.judges.report import Report

NAME = "unended"
HEALED_US = 120 * SECOND_US
"""So long after all is healed everybody has what it waits for: a request's time is over after half a minute, and so is a pause of who writes markers."""
PREPARED = frozenset({TransactionState.PREPARE_COMMIT, TransactionState.PREPARE_ABORT})
PREPARED_US = 90 * SECOND_US
"""How long markers may take that nobody keeps away any more: two requests whose answers never came, and a pause of who writes them."""


def is_unended(report: Report) -> bool:
    """Whether a call never ended, or a transaction is open at the end of a run whose cluster is at rest."""
    if not report.is_settled or report.stopped.startswith(FAILED_ASSERTION):
        return False
    if report.stopped and report.virtual_us < report.healed_us + HEALED_US:
        # It was cut short in a world that had only just been healed, or not at all.
        return False
    if report.stopped:
        return True
    ended_us = report.trace[-1].at_us
    if any(ended_us - us > PREPARED_US for us in _prepared_us(report)):
        return True
    isolated: set[str] = set()
    members: set[str] = set()
    ended: list[ReaderEnded] = []
    for event in report.trace:
        match event:
            case ReaderIsolated():
                isolated.add(event.client)
            case GroupMemberBegan():
                # It stands where its group has come, perhaps not yet in a partition that it was just given.
                members.add(event.client)
            case ReaderEnded(error=""):
                ended.append(event)
            case _:
                pass
    positions: dict[tuple[str, int], list[tuple[bool, int]]] = {}
    for one in ended:
        # Who ended before, as its application did, stands where it stood then.
        if one.at_us == ended_us and one.client not in members:
            positions.setdefault((one.topic, one.partition), []).append((one.client in isolated, one.position))
    return any(_is_held_back(ends) for ends in positions.values())


def _prepared_us(report: Report) -> list[int]:
    """Since when each id is that is decided in the log of its coordinator, and not over: since all is healed, if that was later."""
    appended_us: dict[tuple[int, int], int] = {}
    latest: dict[bytes, RecordRead] = {}
    for event in report.trace:
        match event:
            case BatchAppended(topic=topic) if topic == TRANSACTION_STATE:
                appended_us |= {
                    (event.partition, offset): event.at_us for offset in range(event.base_offset, event.last_offset + 1)
                }
            case RecordRead(topic=topic) if topic == TRANSACTION_STATE:
                latest[event.key or b""] = event
            case _:
                pass
    return [
        max(report.healed_us, appended_us[one.partition, one.offset])
        for one in latest.values()
        if one.value is not None and metadata_of(TRANSACTION_LOG.read_value(one.value)).state in PREPARED
    ]


def _is_held_back(ends: list[tuple[bool, int]]) -> bool:
    """Whether who is given only what is committed stands before who is given everything."""
    everything = [position for is_isolated, position in ends if not is_isolated]
    committed = [position for is_isolated, position in ends if is_isolated]
    return bool(everything) and any(position < max(everything) for position in committed)
