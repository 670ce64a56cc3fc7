"""Two answers that change places: what was said of one batch is taken for the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.engine.sender import Sender
from producer.engine.verdicts import Refused
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.engine.batch import Batch
    from producer.engine.verdicts import Verdict


class _Mixing(Sender):
    """Puts a refusal aside while another batch of its partition is on its way, and gives each the other's answer."""

    _aside: tuple[Batch, Verdict] | None = None

    def _complete(self, batch: Batch, verdict: Verdict, now_us: int) -> None:
        flying = [
            one for one in self._verdicts.in_flight.values() if one.partition == batch.partition and one is not batch
        ]
        aside, self._aside = self._aside, None
        if aside is not None and aside[0] is not batch and aside[0] in flying:
            super()._complete(aside[0], verdict, now_us)
            super()._complete(batch, aside[1], now_us)
        elif isinstance(verdict, Refused) and flying and aside is None:
            self._aside = (batch, verdict)
        else:
            super()._complete(batch, verdict, now_us)


ANSWER_MATCHED_TO_WRONG_REQUEST = Mutant(
    "answer_matched_to_wrong_request", "a refusal is taken for the answer to the request behind it", sender=_Mixing
)
