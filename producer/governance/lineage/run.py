"""One run of a job: START before its first record, RUNNING when it meets another dataset, and exactly one end."""

from __future__ import annotations

from typing import Any

from producer.errors import UsageError
from producer.governance.lineage.dataset import Dataset, Job
from producer.governance.lineage.events import EventType, run_event


class LineageRun:
    """Sans-IO: what is told becomes an event, for whoever keeps them."""

    def __init__(self, job: Job, run_id: str) -> None:
        """`run_id` is a UUID, fresh for each run."""
        self.job = job
        self.run_id = run_id
        self._inputs: dict[tuple[str, str], Dataset] = {}
        self._outputs: dict[tuple[str, str], Dataset] = {}
        self._is_started = False
        self._is_over = False

    @property
    def is_over(self) -> bool:
        """Whether its end was told."""
        return self._is_over

    def reads(self, dataset: Dataset, epoch_us: int) -> dict[str, Any] | None:
        """Tell that the run reads a dataset; gives an event the first time, and when it is known better by now."""
        return self._met(self._inputs, dataset, epoch_us)

    def writes(self, dataset: Dataset, epoch_us: int) -> dict[str, Any] | None:
        """Tell that the run writes a dataset; gives an event as `reads` does."""
        return self._met(self._outputs, dataset, epoch_us)

    def complete(self, epoch_us: int) -> dict[str, Any]:
        """End well. Raises UsageError if the run is over."""
        return self._end(EventType.COMPLETE, epoch_us, None)

    def fail(self, epoch_us: int, error: str) -> dict[str, Any]:
        """End badly, by the name of an error; never its text, which may hold anything. Raises UsageError if the run is over."""
        return self._end(EventType.FAIL, epoch_us, error)

    def _met(self, known: dict[tuple[str, str], Dataset], dataset: Dataset, epoch_us: int) -> dict[str, Any] | None:
        self._check()
        name = (dataset.namespace, dataset.name)
        if known.get(name) == dataset:
            return None
        known[name] = dataset
        kind = EventType.RUNNING if self._is_started else EventType.START
        self._is_started = True
        return self._event(kind, epoch_us, None)

    def _end(self, kind: EventType, epoch_us: int, error: str | None) -> dict[str, Any]:
        self._check()
        self._is_over = True
        return self._event(kind, epoch_us, error)

    def _event(self, kind: EventType, epoch_us: int, error: str | None) -> dict[str, Any]:
        inputs, outputs = tuple(self._inputs.values()), tuple(self._outputs.values())
        return run_event(kind, epoch_us, self.run_id, self.job, inputs=inputs, outputs=outputs, error=error)

    def _check(self) -> None:
        if self._is_over:
            raise UsageError(f"run {self.run_id} of {self.job.name} is over")
