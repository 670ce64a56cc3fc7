"""Hides what a policy names of a record: fields first, in the policy's order, then the key, then the whole value."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from producer.errors import SerializationError
from producer.governance.errors import ProtectionError
from producer.governance.paths import Path
from producer.governance.policy.words import Hidden, TopicPolicy
from producer.governance.protection.masks.making import KEYED, mask
from producer.governance.protection.masks.mask import UnfitError
from producer.governance.values import Format, Opened

if TYPE_CHECKING:
    from producer.governance.protection.key_material import KeyMaterial
    from producer.governance.protection.key_ring import KeyRing
    from producer.governance.protection.masks.mask import Mask
    from producer.records import Record

FIELDS_HEADER = "acklab.encrypted.fields"
"""Which fields are encrypted, as a JSON list of paths, so that a reader needs no policy."""
KEY_HEADER = "acklab.encrypted.key"
"""There where the record's key is encrypted."""
TENANT_CHARACTERS_MAX = 200
MASKS_MAX = 1_000


class Protector:
    """Makes of a record one that shows nothing of what is to be hidden. What it lacks of keys it raises."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self._masks: dict[tuple[Hidden, KeyMaterial | None], Mask] = {}

    def protected(self, record: Record, policy: TopicPolicy, opened: Opened | None, now_us: int) -> Record:
        """Give the record as it may be written; `opened` is its value looked into, None for a tombstone.

        Raises ProtectionError where a field cannot be hidden so, KeyWantedError, KeyServiceError.
        """
        if not policy.hides:
            return record
        tenant = self._tenant(record, policy, opened)
        value, headers = record.value, list(record.headers)
        if policy.protect and opened is not None and value is not None:
            value = self._fields(opened, value, policy, tenant, now_us)
            encrypted = [str(path) for path, words in policy.protect if words.by == "encrypt"]
            if encrypted:
                headers.append((FIELDS_HEADER, json.dumps(encrypted).encode()))
        key = record.key
        if policy.key is not None and key is not None:
            key = self._key(key, policy.key, tenant, now_us)
            if policy.key.by == "encrypt":
                headers.append((KEY_HEADER, b"1"))
        if policy.encrypt_value and value is not None:
            from producer.governance.protection.envelope import HEADER, VERSION, seal_value

            value = seal_value(value, self._keys.writing(tenant, now_us))
            headers.insert(0, (HEADER, VERSION))
        return record._replace(key=key, value=value, headers=tuple(headers))

    def _tenant(self, record: Record, policy: TopicPolicy, opened: Opened | None) -> str:
        """Say whose key encrypts; empty where nothing is encrypted. Raises ProtectionError."""
        words = policy.tenant
        encrypts = any(one.by == "encrypt" for _, one in policy.protect) and record.value is not None
        encrypts = encrypts or (policy.encrypt_value and record.value is not None)
        encrypts = encrypts or (policy.key is not None and policy.key.by == "encrypt" and record.key is not None)
        if not encrypts or words.name:
            return words.name
        named = f"header:{words.header}" if words.header else str(words.path)
        found: Any = None
        if words.header:
            said = [value for name, value in record.headers if name == words.header]
            found = said[-1].decode(errors="replace") if said and said[-1] is not None else None
        elif words.path is not None and opened is not None:
            found = next(iter(words.path.found(opened.fields)), None)
        if not isinstance(found, str) or not 0 < len(found) <= TENANT_CHARACTERS_MAX:
            raise ProtectionError(named, "names no tenant, so there is no key to encrypt with")
        return found

    def _fields(self, opened: Opened, value: bytes, policy: TopicPolicy, tenant: str, now_us: int) -> bytes:
        if opened.format is Format.BYTES:
            raise ProtectionError("value", "is neither JSON nor written by a schema, so its fields cannot be hidden")
        fields, is_changed = opened.fields, False
        for path, words in policy.protect:
            if not any(one is not None for one in path.found(fields)):
                continue
            is_changed = True
            try:
                hide = partial(self._hidden, path=path, words=words, tenant=tenant, now_us=now_us)
                fields = path.change(fields, hide)
            except UnfitError as error:
                raise ProtectionError(str(path), str(error)) from None
            except (ValueError, TypeError):
                # Protobuf's own words: they may show the value.
                raise ProtectionError(str(path), "cannot hold what hides it") from None
        if not is_changed:
            return value
        try:
            return opened.close(fields)
        except SerializationError as error:
            raise ProtectionError(error.field or "value", "cannot hold what hides it, by its schema") from None

    def _hidden(self, value: Any, path: Path, words: Hidden, tenant: str, now_us: int) -> Any:
        if words.by != "encrypt":
            return self._mask(words, now_us).hide(value)
        from producer.governance.protection.envelope import seal_field

        by = self._keys.writing(tenant, now_us)
        if isinstance(value, bytes):
            return seal_field(value.hex(), str(path), by).encode()
        return seal_field(value, str(path), by)

    def _key(self, key: bytes, words: Hidden, tenant: str, now_us: int) -> bytes:
        try:
            if words.by == "encrypt":
                from producer.governance.protection.envelope import seal_field

                return seal_field(key.hex(), "key", self._keys.writing(tenant, now_us)).encode()
            hidden = self._mask(words, now_us).hide(key.decode())
        except UnicodeDecodeError:
            raise ProtectionError("key", "is no text, so it cannot be hidden so") from None
        except UnfitError as error:
            raise ProtectionError("key", str(error)) from None
        return str(hidden).encode()

    def _mask(self, words: Hidden, now_us: int) -> Mask:
        key = self._keys.masking(words.key, now_us) if words.by in KEYED else None
        known = (words, key)
        if known not in self._masks:
            if len(self._masks) >= MASKS_MAX:
                self._masks.clear()
            self._masks[known] = mask(words, key)
        return self._masks[known]
