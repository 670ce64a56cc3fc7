"""A producer that wraps another one and tells which topics it writes, as OpenLineage run events."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Self

from producer.drivers.clock import epoch_us
from producer.governance.lineage.dataset import Dataset
from producer.governance.lineage.run import LineageRun
from producer.records import Record


class LineageProducer:
    """Wraps a `Producer`, or whatever has its `send_record`; safe to use from many threads. A run is from its first record to `close`."""

    def __init__(
        self,
        producer: Any,
        run: LineageRun,
        emit: Callable[[dict[str, Any]], object],
        *,
        namespace: str,
        datasets: Mapping[str, Dataset] | None = None,
        clock_us: Callable[[], int] = epoch_us,
    ) -> None:
        """`emit` takes each event, in order, on the thread that calls; `datasets` says more of topics: fields, and what they are made of."""
        self._producer = producer
        self._run = run
        self._emit = emit
        self._namespace = namespace
        self._datasets = datasets or {}
        self._clock_us = clock_us
        self._lock = threading.Lock()

    def send(self, topic: str, value: Any = None, **options: Any) -> Any:
        """Do as `Producer.send` does."""
        self._tell(topic)
        return self._producer.send(topic, value, **options)

    def send_record(self, record: Record, on_delivery: Any = None) -> Any:
        """Do as `Producer.send_record` does."""
        self._tell(record.topic)
        return self._producer.send_record(record, on_delivery)

    def reads(self, dataset: Dataset) -> None:
        """Tell of what the application makes its records."""
        with self._lock:
            self._emit_one(self._run.reads(dataset, self._clock_us()))

    def flush(self, timeout_s: float | None = None) -> None:
        """Do as `Producer.flush` does."""
        self._producer.flush(timeout_s)

    def close(self, timeout_s: float | None = None, *, error: BaseException | None = None) -> None:
        """Close the producer, and tell how the run ended: FAIL with the error's name, if there is one."""
        try:
            self._producer.close(timeout_s)
        except BaseException as raised:
            error = error or raised
            raise
        finally:
            self._end(error)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.close(None if kind is None else 0, error=error)

    def _tell(self, topic: str) -> None:
        dataset = self._datasets.get(topic) or Dataset(self._namespace, topic)
        with self._lock:
            self._emit_one(self._run.writes(dataset, self._clock_us()))

    def _end(self, error: BaseException | None) -> None:
        with self._lock:
            if not self._run.is_over:
                now_us = self._clock_us()
                self._emit(
                    self._run.complete(now_us) if error is None else self._run.fail(now_us, type(error).__name__)
                )

    def _emit_one(self, event: dict[str, Any] | None) -> None:
        if event is not None:
            self._emit(event)
