"""A judge that does not know a batch again when it is sent a second time."""

from __future__ import annotations

from producer.events import BatchSent
from sim.judges.guarantees import Ledger
from tests.second_judge.agreement import JudgeBug


class _Once(Ledger):
    def _note_batch_sent(self, number: int, event: BatchSent) -> None:
        if all((one.client, one.batch) != (event.client, event.batch) for one in self.attempts.values()):
            super()._note_batch_sent(number, event)


BUG = JudgeBug("links_the_first_request_only", "what a retry brings is nobody's for it", ledger=_Once)
