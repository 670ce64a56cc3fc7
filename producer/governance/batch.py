"""A batch under a policy: its good records go on, and each of the others has an error of its own (KIP-467's record errors)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from producer.governance.governor import Ruling, Verdict
from producer.records import Record


class RecordError(NamedTuple):
    """Why one record of a batch was refused, as a Produce answer has it."""

    batch_index: int
    """Its place in the batch, from 0."""
    message: str


class BatchRuling(NamedTuple):
    """What becomes of the records of one batch."""

    passed: tuple[tuple[int, Record], ...]
    """Place in the batch, and what goes on in its place."""
    dead_lettered: tuple[tuple[int, Record], ...]
    errors: tuple[RecordError, ...]
    """Of those that do not go on to their topic."""


def batch_ruling(rulings: Sequence[Ruling]) -> BatchRuling:
    """Put the rulings on a batch's records together, in their order."""
    going: dict[Verdict, list[tuple[int, Record]]] = {verdict: [] for verdict in Verdict}
    errors = []
    for place, one in enumerate(rulings):
        if one.record is not None:
            going[one.verdict].append((place, one.record))
        if one.error is not None:
            errors.append(RecordError(place, str(one.error)))
    return BatchRuling(tuple(going[Verdict.PASSED]), tuple(going[Verdict.DEAD_LETTERED]), tuple(errors))
