"""The dead letter as a record: what its headers say of cause and origin, and the record that it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.dead_letters.failures import Failure, UnreadableRecordError, classify
from producer.errors import ProducerError, SendError, UsageError
from producer.records import Headers, Record, TopicPartition

if TYPE_CHECKING:
    from collections.abc import Iterable

PREFIX = "acklab.dead.letter."
"""Every header of ours begins with it."""

NO_CODE = 0
"""The error code in the headers when no broker gave one."""

ABSENT = -1
"""A partition or a timestamp that the headers do not give."""

DIGITS_MAX = 18

MESSAGE_CHARACTERS_MAX = 1_000
"""An error's text is cut here: a header must not be what makes a dead letter too large."""


class DeadLetter(NamedTuple):
    """What a dead letter's headers say; `read` gives it back."""

    error_code: int
    """Kafka's; 0 if no broker gave one."""
    error_name: str
    error_class: str
    error_message: str
    outcome: str
    """`failed`: certainly not in its topic. `unknown`: may be there all the same, so a replay may write it twice. `unreadable`: it is
    there, at `offset`, and a reader could make no value of it."""
    topic: str
    partition: int | None
    """The origin; None if no partition had been chosen."""
    timestamp_ms: int | None
    """The record's own, if the application had given one."""
    attempt: int
    """1 for a record that failed for the first time; one more each time a replayed one fails again."""
    failed_at_ms: int
    value_omitted: bool
    """The value was too large for any topic; its size and SHA-256 stand in `value_bytes` and `value_sha256`."""
    value_bytes: int
    value_sha256: str
    offset: int | None = None
    """Of a record that was read back; None of one that was sent."""


def dead_letter(record: Record, error: ProducerError, *, to: str, failed_at_ms: int) -> Record:
    """Make the record that goes to the dead-letter topic: key, value and headers kept, ours behind them."""
    kept, before = _split(record.headers)
    code, partition, outcome = NO_CODE, record.partition, "failed"
    name = type(error).__name__
    if isinstance(error, SendError):
        code, name, outcome = error.code.code, error.code.name, error.outcome.value
        if isinstance(error.partition, TopicPartition):
            partition = error.partition.partition
    offset = None
    if isinstance(error, UnreadableRecordError):
        partition, offset, outcome = error.partition, error.offset, "unreadable"
    is_omitted = classify(error) is Failure.TOO_LARGE and record.value is not None
    value = record.value
    said = {
        "error.code": str(code),
        "error.name": name,
        "error.class": f"{type(error).__module__}.{type(error).__qualname__}",
        "error.message": str(error)[:MESSAGE_CHARACTERS_MAX],
        "outcome": outcome,
        "topic": record.topic,
        "attempt": str(_number(before, "attempt", 0) + 1),
        "failed.at.ms": str(failed_at_ms),
    }
    if partition is not None:
        said["partition"] = str(partition)
    if offset is not None:
        said["offset"] = str(offset)
    if record.timestamp_ms is not None:
        said["timestamp.ms"] = str(record.timestamp_ms)
    if is_omitted and value is not None:
        from hashlib import sha256

        said["value.bytes"] = str(len(value))
        said["value.sha256"] = sha256(value).hexdigest()
        value = b""
    ours = tuple((PREFIX + name, text.encode()) for name, text in said.items())
    return Record(to, value, record.key, None, kept + ours, record.timestamp_ms)


def read(headers: Iterable[tuple[str, bytes | None]]) -> DeadLetter | None:
    """Read what a dead letter says of itself; None if it is none."""
    _, said = _split(tuple(headers))
    if "topic" not in said:
        return None
    partition = _number(said, "partition", ABSENT)
    timestamp_ms = _number(said, "timestamp.ms", ABSENT)
    offset = _number(said, "offset", ABSENT)
    return DeadLetter(
        _number(said, "error.code", NO_CODE),
        said.get("error.name", ""),
        said.get("error.class", ""),
        said.get("error.message", ""),
        said.get("outcome", "unknown"),
        said["topic"],
        None if partition == ABSENT else partition,
        None if timestamp_ms == ABSENT else timestamp_ms,
        _number(said, "attempt", 1),
        _number(said, "failed.at.ms", 0),
        "value.sha256" in said,
        _number(said, "value.bytes", -1),
        said.get("value.sha256", ""),
        None if offset == ABSENT else offset,
    )


def revive(key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes | None]]) -> Record:
    """Make of a dead letter the record that it was, to be sent again: only the attempt is remembered.

    The partition is left to the partitioner, which gives a key the same one. Raises UsageError if it is no dead letter,
    or if its value was omitted.
    """
    headers = tuple(headers)
    told = read(headers)
    if told is None:
        raise UsageError("the record is no dead letter: it has no header " + PREFIX + "topic")
    if told.value_omitted:
        raise UsageError(f"the value of {told.value_bytes} bytes was too large for the dead-letter topic")
    kept, _ = _split(headers)
    attempt = ((PREFIX + "attempt", str(told.attempt).encode()),)
    return Record(told.topic, value, key, None, kept + attempt, told.timestamp_ms)


def _split(headers: Headers) -> tuple[Headers, dict[str, str]]:
    kept = tuple(header for header in headers if not header[0].startswith(PREFIX))
    said = {
        name.removeprefix(PREFIX): value.decode(errors="replace")
        for name, value in headers
        if name.startswith(PREFIX) and value is not None
    }
    return kept, said


def _number(said: dict[str, str], name: str, default: int) -> int:
    text = said.get(name, "")
    digits = text.removeprefix("-")
    # Whoever wrote it may not have been us.
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) <= DIGITS_MAX else default
