"""A producer that wraps another one and audits it: an intent is durable before a record is sent, an outcome follows its answer."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable
from typing import Any, Self

from producer.drivers.clock import epoch_ms
from producer.drivers.future import SendFuture
from producer.errors import ProducerError
from producer.governance.audit.lines import NOT_ASKED, Who
from producer.governance.audit.store import AuditStore
from producer.governance.audit.writer import AuditWriter
from producer.governance.audit.writing import OnDelivery, intent_of, outcome_of, refused, serialized
from producer.records import Record, RecordMetadata, header_pairs


class AuditedProducer:
    """Audits a `Producer`, or whatever has its `send_record`; safe to use from many threads.

    `send` costs a flush of the audit, shared by all threads that send at the time. A record that is acknowledged has both lines, unless
    the process ends in between: then it has its intent, and what became of it is unknown. If the audit cannot be kept nothing is sent.
    """

    def __init__(
        self,
        producer: Any,
        store: AuditStore,
        who: Who,
        *,
        verdict_of: Callable[[Record], str] | None = None,
        clock_ms: Callable[[], int] = epoch_ms,
    ) -> None:
        """Wrap `producer` and `store`, which are closed with this one. `verdict_of` gives a policy's word on a record, never its values.

        Raises AuditError.
        """
        self._producer = producer
        self._writer = AuditWriter(store, who, clock_ms)
        self._verdict_of = verdict_of
        self._numbers = itertools.count(1)

    def send(
        self,
        topic: str,
        value: Any = None,
        *,
        key: Any = None,
        partition: int | None = None,
        headers: Iterable[tuple[str, bytes | None]] = (),
        timestamp_ms: int | None = None,
        on_delivery: OnDelivery | None = None,
    ) -> SendFuture:
        """Do as `Producer.send` does. Raises AuditError besides: nothing was sent then."""
        record = Record(topic, value, key, partition, header_pairs(headers) if headers else (), timestamp_ms)
        return self.send_record(record, on_delivery)

    def send_record(self, record: Record, on_delivery: OnDelivery | None = None) -> SendFuture:
        """Do as `send` does, with a record as a value."""
        value = record.value
        record, is_serialized = serialized(self._producer, record)
        number = next(self._numbers)
        verdict = NOT_ASKED if self._verdict_of is None else self._verdict_of(record)
        durable = threading.Event()
        intent = intent_of(
            number, record, is_serialized=is_serialized, verdict=verdict, producer=self._producer, value=value
        )
        self._writer.intend(intent, durable.set)

        def when_known(metadata: RecordMetadata | None, error: ProducerError | None) -> None:
            self._writer.tell(outcome_of(number, record, metadata, error))
            if on_delivery is not None:
                on_delivery(metadata, error)

        try:
            durable.wait()
            self._writer.check()
            return self._producer.send_record(record, when_known)  # type: ignore[no-any-return]  # the wrapped one's own future
        except BaseException as error:
            self._writer.tell(refused(number, record, error))
            raise

    def flush(self, timeout_s: float | None = None) -> None:
        """Wait until everything sent so far has its answer, and the audit all its lines. Raises TimeoutError, or AuditError."""
        self._producer.flush(timeout_s)
        self._writer.flush(timeout_s)

    def close(self, timeout_s: float | None = None) -> None:
        """Close the producer, then the audit."""
        try:
            self._producer.close(timeout_s)
        finally:
            self._writer.close(timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *raised: object) -> None:
        self.close(None if kind is None else 0)
