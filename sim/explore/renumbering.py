"""Whether a producer numbered batches anew for a reason: what it writes twice by that is Java's own way only if it had one.

A new epoch is what follows a gap (KIP-360): a batch was given up, a broker has forgotten the producer, or nothing is left before
a batch that is out of order. As long as something before it waits for its retry, it will be in order after that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.errors import Code
from producer.events import BatchAcknowledged, BatchFailed, BatchResequenced, BatchRetried, BatchSent, BatchSplit

if TYPE_CHECKING:
    from collections.abc import Iterable


Identity = tuple[int, int]
"""Producer id and epoch."""


class _Sequences:
    """One client's batches of one partition, as far as they are under way."""

    __slots__ = ("has_gap", "identity", "waiting")

    def __init__(self) -> None:
        self.waiting: dict[int, None] = {}
        """Batches that were sent and have no verdict, the oldest first."""
        self.has_gap = False
        """Whether something calls for a new epoch."""
        self.identity: Identity | None = None
        """Under which its batches were numbered last."""

    def is_called_for(self, identity: Identity) -> bool:
        """Whether there was a reason to number batches anew under that identity; a gap is closed by one."""
        if identity == self.identity:
            return True
        self.identity = identity
        is_called_for, self.has_gap = self.has_gap, False
        return is_called_for


def is_needless(events: Iterable[Any]) -> bool:
    """Whether any batch of a run took new sequences although its partition had no gap."""
    partitions: dict[tuple[str, str, int], _Sequences] = {}
    for event in events:
        if not isinstance(event, _HEEDED):
            continue
        where = event.client, event.topic, event.partition
        sequences = partitions.setdefault(where, _Sequences())
        if isinstance(event, BatchResequenced):
            if not sequences.is_called_for((event.producer_id, event.producer_epoch)):
                return True
        else:
            _take(sequences, event)
    return False


def _take(
    sequences: _Sequences, event: BatchSent | BatchRetried | BatchAcknowledged | BatchFailed | BatchSplit
) -> None:
    waiting, batch = sequences.waiting, event.batch
    match event:
        case BatchSent():
            waiting.setdefault(batch)
            if event.attempt == 1:
                # Whether there was anything left that had to be numbered anew or not, the gap is closed.
                sequences.is_called_for((event.producer_id, event.producer_epoch))
        case BatchRetried(code=Code.UNKNOWN_PRODUCER_ID):
            sequences.has_gap = True
        case BatchRetried(code=Code.OUT_OF_ORDER_SEQUENCE_NUMBER):
            sequences.has_gap |= next(iter(waiting), batch) == batch
        case BatchRetried():
            pass
        case BatchSplit():
            sequences.waiting = {one: None for old in waiting for one in (event.parts if old == batch else (old,))}
        case BatchAcknowledged():
            waiting.pop(batch, None)
        case BatchFailed():
            waiting.pop(batch, None)
            sequences.has_gap = True


_HEEDED = (BatchSent, BatchRetried, BatchAcknowledged, BatchFailed, BatchSplit, BatchResequenced)
