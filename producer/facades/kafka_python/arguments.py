"""What `send` is given: checked and serialised as kafka-python does it."""

from __future__ import annotations

from reprlib import repr as shortened
from typing import Any

from producer.records import is_topic_name


def check_topic(topic: object) -> None:
    if not isinstance(topic, str):
        raise TypeError("topic must be string")
    if not is_topic_name(topic):
        raise ValueError(f"topic {topic!r} is invalid: must be chars [a-zA-Z0-9._-], and less than 250 length")


def check_number(name: str, given: object, highest: int) -> None:
    if given is None:
        return
    if not isinstance(given, int) or isinstance(given, bool):
        raise TypeError(f"{name} must be an int, not {type(given).__name__}")
    if not 0 <= given <= highest:
        raise ValueError(f"{name} {given} is invalid: must be >= 0 and <= {highest}")


def checked_headers(headers: object) -> list[tuple[str, bytes]]:
    if headers is None:
        return []
    if not isinstance(headers, list):
        raise TypeError("headers must be list-type")
    for item in headers:
        if not (isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str) and isinstance(item[1], bytes)):
            raise TypeError(f"All headers items must be (str, bytes) tuples, not {shortened(item)}")
    return headers


def serialized(role: str, serializer: Any, topic: str, headers: list[tuple[str, bytes]], data: object) -> bytes | None:
    if serializer is not None:
        serialize = getattr(serializer, "serialize", None)
        data = serializer(data) if serialize is None else serialize(topic, headers, data)
    if data is None or isinstance(data, bytes):
        return data
    if isinstance(data, bytearray | memoryview):
        return bytes(data)
    raise TypeError(f"Unsupported type for serialized {role}: {type(data)}")
