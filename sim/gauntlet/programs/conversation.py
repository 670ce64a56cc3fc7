"""What every program has in common: its properties, the lines that it is told, and the lines that it says.

How a transactional call ended is `done`, or what its error asks of an application: `again` (the same call), `abortable`, `fenced`, `fatal`.

It knows nothing of ours, so that what is measured is the library and nothing beside it.
"""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Any, NamedTuple

NONE = "-"


class Send(NamedTuple):
    """A record to be sent."""

    number: int
    topic: str
    key: bytes | None
    value: bytes | None
    partition: int | None
    timestamp_ms: int | None
    headers: list[tuple[str, bytes]]


_SAYING = Lock()


def begun() -> dict[str, Any]:
    """Say that the library is loaded, and wait for the properties of its producer."""
    _say("ready")
    properties: dict[str, Any] = json.loads(sys.stdin.readline())
    return properties


def told() -> Iterator[Send | str]:
    """Give every line that comes: a record, `flush`, a transactional call, or `close`, behind which there is none."""
    for line in sys.stdin:
        word, *rest = line.rstrip("\n").split("\t")
        yield _send(rest) if word == "send" else word
        if word == "close":
            return


def acknowledged(number: int, partition: int, offset: int, timestamp_ms: int | None) -> None:
    """Say that the library says that a record is written. Any thread may call it."""
    _say("acknowledged", number, partition, offset, -1 if timestamp_ms is None else timestamp_ms)


def failed(number: int, error: object, *, code: int = -1, is_certain: bool = False) -> None:
    """Say that the library says that a record failed; `is_certain`: it never left the process. Any thread may call it."""
    _say("failed", number, "failed" if is_certain else "unknown", code, _why(error))


def carry_out(
    call: str, calls: Mapping[str, Callable[[], object]], refusal: Callable[[Exception], tuple[str, int]]
) -> None:
    """Make a transactional call, and say how it ended. `refusal` says what an error asks of an application, and its code."""
    try:
        calls[call]()
    except Exception as error:  # noqa: BLE001 - whatever a library raises is its answer
        refused(call, error, *refusal(error))
    else:
        done(call)


def done(call: str) -> None:
    """Say that a transactional call is over."""
    _say("done", call)


def refused(call: str, error: Exception, outcome: str, code: int) -> None:
    """Say that a transactional call came to nothing."""
    _say("refused", call, outcome, code, _why(error))


def closed() -> None:
    """Say that the library has closed."""
    _say("closed")


def _why(error: object) -> str:
    why = f"{type(error).__name__}: {error}" if isinstance(error, BaseException) else str(error)
    return " ".join(why.split())


def _say(*words: object) -> None:
    with _SAYING:
        sys.stdout.write("\t".join(map(str, words)) + "\n")
        sys.stdout.flush()


def _send(words: list[str]) -> Send:
    number, topic, key, value, partition, timestamp_ms, *headers = words
    pairs = [header.split("=", 1) for header in headers]
    return Send(
        int(number),
        topic,
        _bytes(key),
        _bytes(value),
        None if partition == NONE else int(partition),
        None if timestamp_ms == NONE else int(timestamp_ms),
        [(name, _bytes(text) or b"") for name, text in pairs],
    )


def _bytes(text: str) -> bytes | None:
    return None if text == NONE else b64decode(text)
