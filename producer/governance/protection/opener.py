"""Gives a reader the record as it was before it was encrypted, where it has the right to the tenant's key."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from producer.errors import SerializationError
from producer.governance.errors import ProtectionError
from producer.governance.paths import Path
from producer.governance.protection.envelope import (
    FIELD,
    HEADER,
    VERSION,
    open_field,
    open_value,
    sealed_field,
    sealed_value,
)
from producer.governance.protection.protector import FIELDS_HEADER, KEY_HEADER
from producer.governance.values import Format, Values

if TYPE_CHECKING:
    from producer.governance.protection.key_ring import KeyRing
    from producer.records import Headers, Record

FIELDS_MAX = 1_000
"""A header that names more was not written by us."""


class Opener:
    """Decrypts records. What it lacks of keys and schemas it raises, as questions."""

    def __init__(self, keys: KeyRing, values: Values | None = None) -> None:
        self._keys = keys
        self._values = values or Values()

    def opened(self, record: Record, now_us: int) -> Record:
        """Give the record in plaintext, without the headers that say what was encrypted; as it is where nothing was.

        Raises ProtectionError for what nobody encrypted so, KeyServiceError where the key cannot be had (KeyForbiddenError, KeyShreddedError),
        KeyWantedError, SchemaUnknownError.
        """
        said = dict(record.headers)
        if not said.keys() & {HEADER, FIELDS_HEADER, KEY_HEADER}:
            return record
        value, key = record.value, record.key
        if HEADER in said and value is not None:
            if said[HEADER] != VERSION:
                raise ProtectionError("value", "is encrypted in a version that is not known")
            sealed = sealed_value(value)
            value = open_value(sealed, self._keys.reading(sealed.request, now_us))
        kept: Headers = tuple(one for one in record.headers if one[0] not in {HEADER, FIELDS_HEADER, KEY_HEADER})
        plain = record._replace(value=value, headers=kept)
        if FIELDS_HEADER in said and value is not None:
            plain = plain._replace(value=self._fields(plain, _paths(said[FIELDS_HEADER]), now_us))
        if KEY_HEADER in said and key is not None:
            plain = plain._replace(key=self._bytes(key, "key", now_us))
        return plain

    def _fields(self, record: Record, paths: list[Path], now_us: int) -> bytes:
        opened = self._values.opened(record)
        if opened.format is Format.BYTES:
            raise ProtectionError("value", "is neither JSON nor written by a schema, so it has no encrypted fields")
        fields = opened.fields
        for path in paths:
            fields = path.change(fields, partial(self._opened, path=path, now_us=now_us))
        try:
            return opened.close(fields)
        except SerializationError as error:
            raise ProtectionError(error.field or "value", "does not fit its schema once it is decrypted") from None

    def _opened(self, value: Any, path: Path, now_us: int) -> Any:
        if isinstance(value, bytes):
            return self._bytes(value, str(path), now_us)
        return self._field(value, str(path), now_us) if isinstance(value, str) else value

    def _bytes(self, value: bytes, path: str, now_us: int) -> bytes:
        told = self._field(value.decode(errors="replace"), path, now_us)
        try:
            return bytes.fromhex(told)
        except (ValueError, TypeError):
            raise ProtectionError(path, "was encrypted, and is no bytes") from None

    def _field(self, text: str, path: str, now_us: int) -> Any:
        if not text.startswith(FIELD):
            raise ProtectionError(path, "was to be encrypted, and is not")
        sealed = sealed_field(text, path)
        return open_field(sealed, path, self._keys.reading(sealed.request, now_us))


def _paths(header: bytes | None) -> list[Path]:
    """Read which fields are encrypted. Raises ProtectionError."""
    try:
        names = json.loads(header or b"[]")
        if isinstance(names, list) and len(names) <= FIELDS_MAX and all(isinstance(one, str) for one in names):
            return [Path.of(name) for name in names]
    except (ValueError, TypeError, RecursionError):
        pass
    raise ProtectionError("value", f"header {FIELDS_HEADER} names no fields")
