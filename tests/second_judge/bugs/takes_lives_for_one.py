"""A judge that takes the later lives of an application for its first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.judges.guarantees import Ledger
from tests.second_judge.agreement import JudgeBug


class _Merging(Ledger):
    def __init__(self, events: Iterable[Any]) -> None:
        super().__init__(
            event._replace(client=event.client.partition(".")[0]) if "client" in event._fields else event
            for event in events
        )


BUG = JudgeBug("takes_lives_for_one", "record 4 of app.2 is record 4 of app for it", ledger=_Merging)
