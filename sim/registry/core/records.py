"""The records of `_schemas`, as Confluent writes them: JSON in key and value, the last value of a key holds.

A schema's value is replaced to delete it softly; without a value its key is deleted for good. DELETE_SUBJECT deletes all
versions up to one softly at once, CLEAR_SUBJECT lets what was deleted softly be gone. NOOP says nothing: whoever has written
one and reads it back has read everything before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from producer.schemas.schema import Reference, Schema, SchemaType
from sim.registry.core.entries import Config, Entry, Mode


class SchemaKey(NamedTuple):
    subject: str
    version: int


class ConfigKey(NamedTuple):
    subject: str | None
    """A subject, or a context; None for what holds elsewhere."""


class ModeKey(NamedTuple):
    subject: str | None


class DeleteSubjectKey(NamedTuple):
    subject: str


class ClearSubjectKey(NamedTuple):
    subject: str | None


class ContextKey(NamedTuple):
    context: str


class NoopKey(NamedTuple):
    """Of a record that only marks a place in the log."""


Key = SchemaKey | ConfigKey | ModeKey | DeleteSubjectKey | ClearSubjectKey | ContextKey | NoopKey
Value = Entry | Config | Mode | int | str
"""Of a schema's key its Entry, of ConfigKey and ModeKey a Config and a Mode, of DeleteSubjectKey the last version that goes,
of ContextKey and ClearSubjectKey a name."""


class Record(NamedTuple):
    """One record of the log."""

    key: Key
    value: Value | None = None
    """None: a tombstone; of NOOP always."""


class RecordError(ValueError):
    """A record of the log is none of a registry's. The message names what is wrong with it."""


_BATCH_BYTES = 61
_RECORD_BYTES_MAX = 21
"""What surrounds key and value in a batch of one record, at most."""
REQUEST_BYTES_MAX = 1_048_576
"""max.request.size of the registry's producer: larger records are refused (error 42209)."""


def encode(record: Record) -> tuple[bytes, bytes | None]:
    """Give the bytes of key and value."""
    key = _dump(_key_json(record.key))
    return key, None if record.value is None else _dump(_value_json(record.key, record.value))


def is_too_large(record: Record) -> bool:
    """Whether no producer would send it."""
    key, value = encode(record)
    return _BATCH_BYTES + _RECORD_BYTES_MAX + len(key) + len(value or b"") > REQUEST_BYTES_MAX


def decode(key: bytes | None, value: bytes | None) -> Record:
    """Read a record. Raises RecordError for what no registry has written."""
    try:
        told = json.loads(key or b"")
        read_key, read_value = _READERS[told["keytype"]]
        found: Key = read_key(told)
        return Record(found, None if value is None or read_value is None else read_value(json.loads(value)))
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        msg = f"key {(key or b'')[:100]!r} is no key of a registry, or its value none of its: {type(error).__name__}: {error}"
        raise RecordError(msg) from error


def _dump(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()


def _key_json(key: Key) -> dict[str, Any]:
    match key:
        case SchemaKey(subject, version):
            return {"keytype": "SCHEMA", "subject": subject, "version": version, "magic": 1}
        case ConfigKey(subject):
            return {"keytype": "CONFIG", "subject": subject, "magic": 0}
        case ModeKey(subject):
            return {"keytype": "MODE", "subject": subject, "magic": 0}
        case DeleteSubjectKey(subject):
            return {"keytype": "DELETE_SUBJECT", "subject": subject, "magic": 0}
        case ClearSubjectKey(subject):
            return {"keytype": "CLEAR_SUBJECT", "subject": subject, "magic": 0}
        case ContextKey(context):
            return {"keytype": "CONTEXT", "tenant": "default", "context": context, "magic": 0}
        case NoopKey():
            return {"keytype": "NOOP", "magic": 0}


def _value_json(key: Key, value: Value) -> dict[str, Any]:
    if isinstance(value, Entry):
        schema = value.schema
        told: dict[str, Any] = {"subject": value.subject, "version": value.version, "id": value.id}
        if schema.type is not SchemaType.AVRO:
            told["schemaType"] = str(schema.type)
        if schema.references:
            told["references"] = [one._asdict() for one in schema.references]
        told.update((name, json.loads(text)) for name, text in value.extras)
        return told | {"schema": schema.text, "deleted": value.is_deleted}
    if isinstance(value, Config):
        said = {"alias": value.alias, "normalize": value.normalize, "compatibilityLevel": value.level}
        return _of_subject(key) | {name: one for name, one in said.items() if one is not None}
    if isinstance(value, Mode):
        return _of_subject(key) | {"mode": str(value)}
    if isinstance(value, int):
        return _of_subject(key) | {"version": value}
    return {"tenant": "default", "context": value} if isinstance(key, ContextKey) else {"subject": value}


def _of_subject(key: Key) -> dict[str, Any]:
    """Say which subject it is about; nothing of what is about all."""
    subject = getattr(key, "subject", None)
    return {} if subject is None else {"subject": subject}


def schema_of(told: Mapping[str, Any]) -> Schema:
    """Read a schema as JSON has it. Raises LookupError, ValueError, TypeError for what is none."""
    return Schema(
        SchemaType(told.get("schemaType") or SchemaType.AVRO),
        str(told["schema"]),
        tuple([Reference(one["name"], one["subject"], int(one["version"])) for one in told.get("references") or ()]),
    )


def _read_entry(told: Mapping[str, Any]) -> Entry:
    return Entry(
        told["subject"],
        int(told["version"]),
        int(told["id"]),
        schema_of(told),
        extras_of(told),
        bool(told.get("deleted")),
    )


EXTRAS = ("metadata", "ruleSet")


def extras_of(told: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Give what is kept of a schema beside it, each as JSON with its keys in order."""
    return tuple([
        (name, json.dumps(told[name], separators=(",", ":"), sort_keys=True))
        for name in EXTRAS
        if told.get(name) is not None
    ])  # fmt: skip


def _read_config(told: Mapping[str, Any]) -> Config:
    return Config(told.get("compatibilityLevel"), told.get("normalize"), told.get("alias"))


_READERS: Mapping[str, tuple[Callable[[Mapping[str, Any]], Key], Callable[[Mapping[str, Any]], Value] | None]] = {
    "SCHEMA": (lambda told: SchemaKey(told["subject"], int(told["version"])), _read_entry),
    "CONFIG": (lambda told: ConfigKey(told.get("subject")), _read_config),
    "MODE": (lambda told: ModeKey(told.get("subject")), lambda told: Mode(told["mode"])),
    "DELETE_SUBJECT": (lambda told: DeleteSubjectKey(told["subject"]), lambda told: int(told["version"])),
    "CLEAR_SUBJECT": (lambda told: ClearSubjectKey(told.get("subject")), lambda told: str(told.get("subject") or "")),
    "CONTEXT": (lambda told: ContextKey(told["context"]), lambda told: str(told["context"])),
    "NOOP": (lambda _: NoopKey(), None),
}
