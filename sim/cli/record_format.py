"""How `acklab consume -f` writes a record: text with tokens in it, the same letters as kcat's."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from sim.cli.delimiters import unescaped
from sim.cli.endings import CommandError

if TYPE_CHECKING:
    from sim.clients.consumer import ConsumedRecord

Part = Callable[["ConsumedRecord"], bytes]

_TOKEN = re.compile(r"%(.?)", re.DOTALL)
_NONE = -1
"""The length of what is null."""


def record_format(text: str, *, null: bytes) -> Part:
    """Give the function that writes a record by a format; `null` stands for a key or a value that is null. Raises CommandError."""
    tokens: dict[str, Part] = {
        "%": lambda _: b"%",
        "t": lambda record: record.topic.encode(),
        "p": lambda record: b"%d" % record.partition,
        "o": lambda record: b"%d" % record.offset,
        "T": lambda record: b"%d" % record.timestamp_ms,
        "k": lambda record: null if record.key is None else record.key,
        "s": lambda record: null if record.value is None else record.value,
        "K": lambda record: b"%d" % _length(record.key),
        "S": lambda record: b"%d" % _length(record.value),
        "R": lambda record: struct.pack(">i", _length(record.value)),
        "h": headers_text,
    }
    parts: list[Part] = []
    end = 0
    for match in _TOKEN.finditer(text):
        parts.append(_literal(text[end : match.start()]))
        end = match.end()
        token = tokens.get(match[1])
        if token is None:
            raise CommandError(f"-f {text!r}: {match[0]!r} is none of {', '.join(f'%{one}' for one in tokens)}")
        parts.append(token)
    parts.append(_literal(text[end:]))
    return lambda record: b"".join([part(record) for part in parts])


def headers_text(record: ConsumedRecord) -> bytes:
    """Write headers as `name=value,name=value`; a value that is null is NULL."""
    return b",".join(name.encode() + b"=" + (b"NULL" if value is None else value) for name, value in record.headers)


def _literal(text: str) -> Part:
    written = unescaped(text, option="-f")
    return lambda _: written


def _length(data: bytes | None) -> int:
    return _NONE if data is None else len(data)
