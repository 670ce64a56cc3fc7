"""What threads and asyncio share: a record becomes an intent, its answer an outcome."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from producer.errors import Outcome as Fate
from producer.errors import ProducerError, SendError
from producer.governance.audit.lines import ACKNOWLEDGED, Intent, Outcome
from producer.records import OFFSET_UNKNOWN, Record, RecordMetadata
from producer.serialization.serializer import Role
from producer.serialization.wire_format import unframe

OnDelivery = Callable[[RecordMetadata | None, ProducerError | None], object]


def schema_named(record: Record) -> str | None:
    """Give the schema that a serialized value names: an id in digits, or a GUID; None if it names none."""
    if not isinstance(record.value, bytes):
        return None
    try:
        return str(unframe(Role.VALUE, list(record.headers), record.value).key)
    except ProducerError:
        return None


def registered_as(producer: Any, topic: str, value: Any, schema: str | None) -> tuple[str | None, int | None]:
    """Give subject and version of the schema that a value's bytes name, where the producer's registry has said them.

    `value` is the application's own. Another schema than the bytes name, which the serializer may have learned meanwhile, says nothing.
    """
    ask = getattr(producer, "written_by", None)
    found = None if ask is None or schema is None else ask(topic, value)
    if found is None or str(found.key) != schema:
        return None, None
    return found.subject or None, found.version or None


def outcome_of(number: int, record: Record, metadata: RecordMetadata | None, error: ProducerError | None) -> Outcome:
    """Say what an answer tells."""
    if metadata is not None:
        offset = None if metadata.offset == OFFSET_UNKNOWN else metadata.offset
        return Outcome(number, ACKNOWLEDGED, metadata.topic, metadata.partition, offset, None)
    fate = error.outcome if isinstance(error, SendError) else Fate.FAILED
    name = error.code.name if isinstance(error, SendError) else type(error).__name__
    return Outcome(number, fate.name.lower(), record.topic, record.partition, None, name)


def refused(number: int, record: Record, error: BaseException) -> Outcome:
    """Say that `send` itself refused a record, so nothing was written."""
    return Outcome(number, "refused", record.topic, record.partition, None, type(error).__name__)


def intent_of(
    number: int, record: Record, *, is_serialized: bool, verdict: str, producer: Any = None, value: Any = None
) -> Intent:
    """Say what is about to be sent: nothing of key, value and headers but the name of the schema.

    `producer` made the record's bytes of `value`, if it did, and knows what the registry calls that schema.
    """
    schema = schema_named(record) if is_serialized else None
    subject, version = registered_as(producer, record.topic, value, schema)
    return Intent(number, record.topic, record.partition, schema, subject, version, verdict)


def serialized(producer: Any, record: Record) -> tuple[Record, bool]:
    """Let the producer's serializers make bytes of a record, and say whether they made the value's."""
    make = getattr(producer, "serialized", None)
    given: tuple[Any, Any] = (record.key, record.value)
    if make is None or all(isinstance(one, bytes | None) for one in given):
        return record, False
    made = make(record.topic, record.value, key=record.key, headers=record.headers)
    return record._replace(key=made.key, value=made.value, headers=made.headers), not isinstance(given[1], bytes)
