"""What `send` is given: checked, serialised and weighed as kafka-python does it."""

from __future__ import annotations

from typing import Any

from producer.records import TOPIC_LENGTH_MAX, is_topic_name
from producer.wire.record_batch import BATCH_OVERHEAD
from producer.wire.varint import zigzag_size

RECORD_OVERHEAD_BYTES_MAX = 21
"""What kafka-python takes a record to need besides what is in it."""


def check_topic(topic: object) -> None:
    """Raise TypeError or ValueError for what is no topic's name."""
    if topic is None:
        raise TypeError("All topics must not be None")
    if not isinstance(topic, str):
        raise TypeError("All topics must be strings")
    if not topic:
        raise ValueError("All topics must be non-empty strings")
    if topic in {".", ".."}:
        raise ValueError('Topic name cannot be "." or ".."')
    if len(topic) > TOPIC_LENGTH_MAX:
        raise ValueError(
            f'Topic name is illegal, it can\'t be longer than {TOPIC_LENGTH_MAX} characters, topic: "{topic}"'
        )
    if not is_topic_name(topic):
        raise ValueError(
            f'Topic name "{topic}" is illegal, it contains a character other than ASCII alphanumerics, ".", "_" and "-"'
        )


def checked_partition(given: object) -> int | None:
    """Give a partition's number. Raises TypeError, ValueError; whether the topic has it is another question."""
    if given is None:
        return None
    if not isinstance(given, int):
        raise TypeError(f"partition must be an int, not {type(given).__name__}")
    if given < 0:
        raise ValueError("partition must be >= 0")
    return int(given)


def checked_timestamp(given: object, highest: int) -> int | None:
    """Give a time in epoch milliseconds. Raises TypeError, ValueError."""
    if given is None:
        return None
    if type(given) is not int:
        raise TypeError(given)
    if not 0 <= given <= highest:
        raise ValueError(f"timestamp_ms {given} is invalid: must be >= 0 and <= {highest}")
    return given


def checked_headers(headers: object) -> list[tuple[str, bytes]]:
    """Give headers. Raises TypeError, UnicodeEncodeError."""
    if headers is None:
        return []
    if not isinstance(headers, list):
        raise TypeError("headers must be list-type")
    for item in headers:
        if not (isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str) and isinstance(item[1], bytes)):
            raise TypeError("All headers items must be (str, bytes) tuples")
    return [(str(name), bytes(value)) for name, value in headers]


def serialized(serializer: Any, topic: str, headers: list[tuple[str, bytes]], data: Any) -> Any:
    """Give what a serializer makes of a key or a value; whatever that raises."""
    if serializer is None:
        return data
    serialize = getattr(serializer, "serialize", None)
    if serialize is None:
        return serializer(data)
    try:
        return serialize(topic, headers, data)
    except TypeError:
        # Older ones take no headers.
        return serialize(topic, data)


def bytes_of(role: str, given: Any) -> bytes | None:
    """Give the bytes of what was serialised. Raises TypeError."""
    if given is None or type(given) is bytes:
        return given
    if type(given) in {bytearray, memoryview}:
        return bytes(given)
    raise TypeError(f"Unsupported type for serialized {role}: {type(given)}")


def estimated_bytes(key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]) -> int:
    """Give what kafka-python holds against `max_request_size`: the record in a batch of its own, with room to spare."""
    parts = [key, value, *(part for name, header in headers for part in (name.encode(), header))]
    sizes = (zigzag_size(-1) if part is None else zigzag_size(len(part)) + len(part) for part in parts)
    return BATCH_OVERHEAD + RECORD_OVERHEAD_BYTES_MAX + sum(sizes) + zigzag_size(len(headers))
