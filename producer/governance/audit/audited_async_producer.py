"""The same on asyncio: `AsyncAuditedProducer` waits for its intent without blocking the loop."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable
from typing import Any, Self

from producer.drivers.async_future import AsyncSendFuture
from producer.drivers.clock import epoch_ms
from producer.errors import ProducerError
from producer.governance.audit.lines import NOT_ASKED, Who
from producer.governance.audit.store import AuditStore
from producer.governance.audit.writer import AuditWriter
from producer.governance.audit.writing import OnDelivery, intent_of, outcome_of, refused
from producer.records import Record, RecordMetadata, header_pairs


class AsyncAuditedProducer:
    """Audits an `AsyncProducer`, as `AuditedProducer` does a `Producer`. Key and value are bytes: serializers go before it."""

    def __init__(
        self,
        producer: Any,
        store: AuditStore,
        who: Who,
        *,
        verdict_of: Callable[[Record], str] | None = None,
        clock_ms: Callable[[], int] = epoch_ms,
    ) -> None:
        """Wrap `producer` and `store`, which are closed with this one. Raises AuditError."""
        self._producer = producer
        self._writer = AuditWriter(store, who, clock_ms)
        self._verdict_of = verdict_of
        self._numbers = itertools.count(1)

    async def send(
        self,
        topic: str,
        value: bytes | None = None,
        *,
        key: bytes | None = None,
        partition: int | None = None,
        headers: Iterable[tuple[str, bytes | None]] = (),
        timestamp_ms: int | None = None,
        on_delivery: OnDelivery | None = None,
    ) -> AsyncSendFuture:
        """Do as `AsyncProducer.send` does. Raises AuditError besides: nothing was sent then. Cancelled, it has sent nothing."""
        record = Record(topic, value, key, partition, header_pairs(headers) if headers else (), timestamp_ms)
        return await self.send_record(record, on_delivery)

    async def send_record(self, record: Record, on_delivery: OnDelivery | None = None) -> AsyncSendFuture:
        """Do as `send` does, with a record as a value."""
        number = next(self._numbers)
        verdict = NOT_ASKED if self._verdict_of is None else self._verdict_of(record)
        loop, durable = asyncio.get_running_loop(), asyncio.Event()
        intent = intent_of(number, record, is_serialized=False, verdict=verdict)
        self._writer.intend(intent, lambda: loop.call_soon_threadsafe(durable.set))

        def when_known(metadata: RecordMetadata | None, error: ProducerError | None) -> None:
            self._writer.tell(outcome_of(number, record, metadata, error))
            if on_delivery is not None:
                on_delivery(metadata, error)

        try:
            await durable.wait()
            self._writer.check()
            return await self._producer.send_record(record, when_known)  # type: ignore[no-any-return]  # the wrapped one's own
        except BaseException as error:
            self._writer.tell(refused(number, record, error))
            raise

    async def flush(self, timeout_s: float | None = None) -> None:
        """Wait until everything sent so far has its answer, and the audit all its lines. Raises TimeoutError, or AuditError."""
        await self._producer.flush(timeout_s)
        await asyncio.to_thread(self._writer.flush, timeout_s)

    async def close(self, timeout_s: float | None = None) -> None:
        """Close the producer, then the audit."""
        try:
            await self._producer.close(timeout_s)
        finally:
            await asyncio.to_thread(self._writer.close, timeout_s)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *raised: object) -> None:
        await self.close(None if kind is None else 0)
