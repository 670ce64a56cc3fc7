"""A producer in virtual time that is audited, around whatever a life sends with."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from producer.errors import error_code
from producer.governance.audit.lines import ACKNOWLEDGED, Intent, Outcome
from sim.clients.drivers import CODE_NOT_SENT
from sim.trace.events import RecordAcknowledged, RecordFailed, RecordSerialized

if TYPE_CHECKING:
    from producer.records import Record
    from sim.clients.audit_file import AuditKeeper
    from sim.trace.trace import Trace
    from sim.world.network import Host

    Story = Generator[Any, Any, None]


class AuditedSimProducer:
    """Its methods are parts of a story, as those of the producer within."""

    def __init__(self, producer: Any, client: str, keeper: AuditKeeper, trace: Trace, *, is_write_ahead: bool) -> None:
        """`producer` is a life's; with `is_write_ahead` an intent is durable before a record is sent, else only outcomes are told."""
        self._producer = producer
        self._client = client
        self._keeper = keeper
        self._is_write_ahead = is_write_ahead
        self._serialized: dict[int, RecordSerialized] = {}
        """By the record's number, until it is sent: which schema its value has, as its serializer told."""
        self._ends = (
            trace.watch(RecordSerialized, self._has_bytes),
            trace.watch(RecordAcknowledged, self._acknowledged),
            trace.watch(RecordFailed, self._failed),
        )

    @property
    def host(self) -> Host:
        return self._producer.host  # type: ignore[no-any-return]  # a producer of any make

    @property
    def access(self) -> Any:
        return self._producer.access

    @property
    def transactions(self) -> Any:
        return self._producer.transactions

    def send(self, record: Record, number: int, stands_for: bytes | None = None) -> Story:
        """Tell an intent, wait for it, and send."""
        if self._is_write_ahead:
            yield from self._keeper.intend(self._intent(record, number))
            # A process that stands still hears of it when it goes on.
            yield from self._producer.sleep(0)
        yield from self._producer.send(record, number, stands_for)

    def sleep(self, duration_us: int) -> Story:
        yield from self._producer.sleep(duration_us)

    def flush(self) -> Generator[Any, Any, bool]:
        """Wait for answers, and for the lines that tell them."""
        is_flushed = yield from self._producer.flush()
        yield from self._keeper.drained()
        return bool(is_flushed)

    def close(self) -> Story:
        """Close the producer, then the audit. Who was told that its intent is durable meanwhile finds the producer closed, and that is told."""
        yield from self._producer.close()
        yield from self._keeper.settled()
        self._leave()

    def kill(self) -> None:
        """End at once: what was not told by then is not told."""
        self._leave()
        self._producer.kill()

    def _leave(self) -> None:
        for end in self._ends:
            end()
        self._keeper.leave()

    def _intent(self, record: Record, number: int) -> Intent:
        told = self._serialized.pop(number, None)
        if told is None:
            return Intent(number, record.topic, record.partition)
        return Intent(
            number,
            record.topic,
            record.partition,
            told.schema_key or None,
            told.subject or None,
            told.version or None,
        )

    def _has_bytes(self, event: RecordSerialized) -> None:
        if event.client == self._client and self._is_write_ahead:
            self._serialized[event.record] = event

    def _acknowledged(self, event: RecordAcknowledged) -> None:
        if event.client == self._client:
            offset = None if event.offset < 0 else event.offset
            self._keeper.tell(Outcome(event.record, ACKNOWLEDGED, event.topic, event.partition, offset, None))

    def _failed(self, event: RecordFailed) -> None:
        if event.client == self._client:
            partition = None if event.partition < 0 else event.partition
            name = "NOT_SENT" if event.code == CODE_NOT_SENT else error_code(event.code).name
            self._keeper.tell(Outcome(event.record, event.outcome, event.topic, partition, None, name))
