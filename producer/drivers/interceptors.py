"""Interceptors (KIP-42): application code that sees each record before it is queued, and each verdict before the callback.

What an interceptor raises is logged and goes no further: neither the record, nor the interceptors after it, nor the
application's own callback suffer from it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from producer.drivers.callbacks import call_each
from producer.errors import SendError
from producer.records import OFFSET_UNKNOWN, Record, RecordMetadata, TopicPartition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from producer.errors import ProducerError
    from producer.records import Headers

    OnDelivery = Callable[[RecordMetadata | None, ProducerError | None], object]

log = logging.getLogger(__name__)

PARTITION_UNKNOWN = -1
TIMESTAMP_UNKNOWN = -1


class Interceptor:
    """Does nothing; override what is of interest (`org.apache.kafka.clients.producer.ProducerInterceptor`)."""

    def on_send(self, record: Record) -> Record:
        """See a record on the thread that sends it, before a partition is chosen; return it, or another in its place.

        It gets what the interceptor before it returned. If this raises, the record goes on as it came in.
        """
        return record

    def on_acknowledgement(self, metadata: RecordMetadata, error: ProducerError | None, headers: Headers) -> None:
        """Hear what became of a record, before its own callback does; on the producer's thread, so it must not block.

        With an error, `metadata` has the offset -1, and the partition -1 if none had been chosen. Also called, on the
        sending thread, for a record that `send` refused.
        """

    def close(self) -> None:
        """The producer is closed; nothing is called any more."""


class Interceptors:
    """The interceptors of one producer, in the order given."""

    __slots__ = ("_chain",)

    def __init__(self, chain: Iterable[Interceptor] = ()) -> None:
        self._chain = tuple(chain)

    def __bool__(self) -> bool:
        return bool(self._chain)

    def on_send(self, record: Record) -> Record:
        """Give what the interceptors make of a record."""
        for interceptor in self._chain:
            try:
                changed = interceptor.on_send(record)
                if not isinstance(changed, Record):
                    # Checked inside: an interceptor that forgets to return is one that failed.
                    raise TypeError(f"on_send returned {type(changed).__name__}, must return a Record")
                record = changed
            except Exception:
                log.exception("interceptor %r failed in on_send; the record goes on without it", interceptor)
        return record

    def acknowledging(self, record: Record, then: OnDelivery | None) -> OnDelivery:
        """Give a delivery callback that tells the interceptors first, and then calls `then`."""

        def on_delivery(metadata: RecordMetadata | None, error: ProducerError | None) -> None:
            try:
                self._tell(record, metadata, error)
            finally:
                if then is not None:
                    then(metadata, error)

        return on_delivery

    def refused(self, record: Record, error: ProducerError) -> None:
        """Tell the interceptors of a record that was not queued."""
        self._tell(record, None, error)

    def close(self) -> None:
        """Close each, once; none is called any more."""
        chain, self._chain = self._chain, ()
        call_each(_Method(interceptor, "close") for interceptor in chain)

    def _tell(self, record: Record, metadata: RecordMetadata | None, error: ProducerError | None) -> None:
        if metadata is None:
            metadata = _nowhere(record, error)
        told = [_Method(interceptor, "on_acknowledgement") for interceptor in self._chain]
        call_each(told, metadata, error, record.headers)


class _Method:
    """A method looked up when it is called: an interceptor without it is one that failed."""

    def __init__(self, interceptor: Interceptor, name: str) -> None:
        self.interceptor = interceptor
        self.name = name

    def __call__(self, *given: object) -> None:
        getattr(self.interceptor, self.name)(*given)

    def __repr__(self) -> str:
        return f"{self.name} of interceptor {self.interceptor!r}"


def _nowhere(record: Record, error: ProducerError | None) -> RecordMetadata:
    partition = record.partition
    if isinstance(error, SendError) and isinstance(error.partition, TopicPartition):
        partition = error.partition.partition
    if partition is None:
        partition = PARTITION_UNKNOWN
    sizes = [-1 if part is None else len(part) for part in (record.key, record.value)]
    return RecordMetadata(record.topic, partition, OFFSET_UNKNOWN, TIMESTAMP_UNKNOWN, *sizes)
