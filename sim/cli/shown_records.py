"""How `acklab consume` prints records: bytes as they are, by a format, or as JSON text."""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from sim.cli.delimiters import unescaped
from sim.cli.endings import CommandError
from sim.cli.record_format import Part, record_format

if TYPE_CHECKING:
    from sim.cli.reading_back import Reading
    from sim.clients.consumer import ConsumedRecord

Show = Callable[[Iterable["ConsumedRecord"]], None]

PLAIN = "%p\\t%o\\t%k\\t%s\\n"
"""The format of a record where nobody asks for another."""
NULL = b"NULL"
"""What a key or a value that is null is printed as, if it is."""


def writer(*, form: str | None, separator: str | None, delimited_by: str | None, names_null: bool) -> Part:
    """Give what writes a record: by a format, or, where a delimiter is named, its key and its value alone. Raises CommandError."""
    null = NULL if names_null else b""
    if form is not None:
        return record_format(form, null=null)
    if separator is None and delimited_by is None:
        return record_format(PLAIN, null=null)
    end = unescaped("\\n" if delimited_by is None else delimited_by, option="-D")
    value = record_format("%s", null=null)
    if separator is None:
        return lambda record: value(record) + end
    between, key = unescaped(separator, option="-K"), record_format("%k", null=null)
    return lambda record: key(record) + between + value(record) + end


def check_alone(as_json: bool, **others: object) -> None:
    """Raise CommandError where JSON is asked for, and another form besides."""
    for option, given in others.items():
        if as_json and given is not None:
            raise CommandError(f"-J and -{option}: records are printed in one form")


def show_bytes(write: Part, reading: Reading | None = None) -> Show:
    """Give the function that prints records as bytes; decoded where `reading` says how."""

    def show(records: Iterable[ConsumedRecord]) -> None:
        for record in records:
            told = {} if reading is None else reading.told(record)
            if told is not None:
                sys.stdout.buffer.write(write(_decoded(record, told)))
        sys.stdout.flush()

    return show


def show_json(reading: Reading | None = None) -> Show:
    """Give the function that prints records as one JSON object each; decoded where `reading` says how."""

    def show(records: Iterable[ConsumedRecord]) -> None:
        for record in records:
            told = {} if reading is None else reading.told(record)
            if told is not None:
                print(json.dumps({**_as_json(record), **told}))
        sys.stdout.flush()

    return show


def _decoded(record: ConsumedRecord, told: dict[str, Any]) -> ConsumedRecord:
    """Give the record with JSON text in place of what was decoded."""
    if not told:
        return record
    key, value = (
        json.dumps(told[role], ensure_ascii=False).encode() if role in told else data
        for role, data in (("key", record.key), ("value", record.value))
    )
    return record._replace(key=key, value=value)


def _as_json(record: ConsumedRecord) -> dict[str, Any]:
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp_ms": record.timestamp_ms,
        "timestamp_type": "LogAppendTime" if record.is_append_time else "CreateTime",
        "headers": [[name, _text(value)] for name, value in record.headers],
        "key": _text(record.key),
        "value": _text(record.value),
    }


def _text(data: bytes | None) -> str | dict[str, str] | None:
    """Give bytes as JSON has them: as text, or in base64 where they are none, which every reader of JSON can turn back."""
    if data is None:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}
