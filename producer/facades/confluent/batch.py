"""The messages of `produce_batch`: dicts, read and refused as confluent-kafka reads and refuses them."""

from __future__ import annotations

from typing import Any, NamedTuple


class BatchMessage(NamedTuple):
    """One message of a batch; None for what its dict does not say."""

    value: bytes | None
    key: bytes | None
    callback: Any


def messages_of(messages: list[dict[str, Any]]) -> list[BatchMessage]:
    """Read all of them. Raises TypeError, NotImplementedError for timestamps, UnicodeEncodeError."""
    return [_message_of(index, message) for index, message in enumerate(messages)]


def _message_of(index: int, message: dict[str, Any]) -> BatchMessage:
    if not isinstance(message, dict):
        raise TypeError(f"Message at index {index} must be a dict")
    value, key = _bytes_of(index, "value", message), _bytes_of(index, "key", message)
    partition = message.get("partition")
    if partition is not None and not isinstance(partition, int):
        raise TypeError(f"Message partition at index {index} must be int")
    if message.get("timestamp") is not None:
        raise NotImplementedError("Message timestamps are not currently supported in batch mode")
    if not isinstance(message.get("headers"), list | dict | None):
        raise ValueError(f"Invalid headers at index {index}")  # noqa: TRY004 - as there
    return BatchMessage(value, key, message.get("callback"))


def _bytes_of(index: int, role: str, message: dict[str, Any]) -> bytes | None:
    given = message.get(role)
    if given is None or isinstance(given, bytes):
        return None if given is None else bytes(given)
    if isinstance(given, str):
        return given.encode()
    raise TypeError(f"Message {role} at index {index} must be bytes or str")
