"""What is said to a client program and what it says, a line each: words with a tab between, bytes in base64, `-` for none.

To it: `send NUMBER TOPIC KEY VALUE PARTITION TIMESTAMP_MS HEADER=VALUE…`, `flush`, `close`, and the transactional calls `init`, `begin`,
`commit`, `abort`. From it: `ready` once its library is loaded, `acknowledged NUMBER PARTITION OFFSET TIMESTAMP_MS`,
`failed NUMBER OUTCOME CODE TEXT`, `done CALL`, `refused CALL OUTCOME CODE TEXT`, `closed`. The first line to it are its properties, as
JSON: it makes its producer when it has read them.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection
from typing import TYPE_CHECKING

from producer.errors import Code
from sim.judges.history import ACKNOWLEDGED, FAILED, UNKNOWN
from sim.serve.inputs import Answered, CallEnded

if TYPE_CHECKING:
    from producer.records import Record

NONE = "-"
READY = "ready"
CLOSED = "closed"
FLUSH = "flush"
CLOSE = "close"
INIT, BEGIN, COMMIT, ABORT = "init", "begin", "commit", "abort"
CALLS = frozenset({INIT, BEGIN, COMMIT, ABORT})
DONE, REFUSED = "done", "refused"
AGAIN, ABORTABLE, FENCED, FATAL = "again", "abortable", "fenced", "fatal"
REFUSALS = frozenset({AGAIN, ABORTABLE, FENCED, FATAL})
"""What a library that refuses a call leaves to its application: the same call again, to abort, or to close."""
_KNOWN_CODES = frozenset(int(code) for code in Code)


class SpokenError(Exception):
    """A client program said what is no line of it; the message has the line."""


def send_line(number: int, record: Record) -> str:
    """Ask for a send."""
    topic, value, key, partition, headers, timestamp_ms = record
    words = ["send", str(number), topic, _bytes(key), _bytes(value), _number(partition), _number(timestamp_ms)]
    words += [f"{name}={_bytes(value)}" for name, value in headers]
    return "\t".join(words)


def heard(client: str, line: str) -> Answered | CallEnded | None:
    """Read what became of a record, or of a call; None for a line about something else. Raises SpokenError."""
    word, *rest = line.split("\t")
    try:
        match word:
            case "acknowledged":
                number, partition, offset, timestamp_ms = map(int, rest)
                return Answered(client, number, ACKNOWLEDGED, partition, offset, timestamp_ms, 0, "")
            case "failed":
                number_text, outcome, code, why = rest
                outcome = _one_of({FAILED, UNKNOWN}, outcome)
                return Answered(client, int(number_text), outcome, -1, -1, -1, _code(int(code)), why)
            case "done":
                (call,) = rest
                return CallEnded(client, _one_of(CALLS, call), DONE, 0, "")
            case "refused":
                call, outcome, code, why = rest
                return CallEnded(client, _one_of(CALLS, call), _one_of(REFUSALS, outcome), _code(int(code)), why)
            case _:
                pass
    except ValueError as error:
        raise SpokenError(f"{client} said {line!r}: {error}") from error
    if word not in {READY, CLOSED}:
        raise SpokenError(f"{client} said {line!r}, which is none of its words")
    return None


def _one_of(known: Collection[str], word: str) -> str:
    if word not in known:
        raise ValueError(f"{word!r} is none of {', '.join(sorted(known))}")
    return word


def _code(code: int) -> int:
    """Keep a code of Kafka's; those that a library has of its own mean that no broker said anything."""
    return code if code in _KNOWN_CODES and code else int(Code.UNKNOWN_SERVER_ERROR)


def _bytes(data: bytes | None) -> str:
    return NONE if data is None else b64encode(data).decode()


def _number(value: int | None) -> str:
    return NONE if value is None else str(value)
