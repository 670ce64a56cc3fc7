"""An application that is told that its record failed, where nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.engine.verdicts import Verdicts
from producer.errors import SendError
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.engine.batch import Batch
    from producer.errors import ErrorCode


class _Certain(Verdicts):
    """What ran out of time was, it says, not written."""

    def abandon(
        self, batch: Batch, error: ErrorCode, now_us: int, *, reason: str, kind: type[SendError] = SendError
    ) -> None:
        batch.may_be_written = False
        super().abandon(batch, error, now_us, reason=reason, kind=kind)


TIME_OUT_TOLD_AS_FAILED = Mutant(
    "time_out_told_as_failed",
    "a record whose time ran out in flight is told to be certainly not written",
    verdicts=_Certain,
)
