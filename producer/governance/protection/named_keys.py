"""Which tenants' keys a record names, without opening anything: for whoever wants to know what is encrypted under which key."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from producer.governance.errors import ProtectionError
from producer.governance.protection.envelope import FIELD, HEADER, sealed_field, sealed_value

if TYPE_CHECKING:
    from producer.governance.protection.key_service import UnwrapDataKey
    from producer.records import Headers

_FIELD = re.compile(re.escape(FIELD.encode()) + rb"[A-Za-z0-9_-]+")


def named_keys(key: bytes | None, value: bytes | None, headers: Headers) -> tuple[UnwrapDataKey, ...]:
    """Give each data key once, in the order in which it is met; what is broken names none."""
    found: dict[UnwrapDataKey, None] = {}
    for part in (key, value):
        for text in _FIELD.findall(part or b""):
            with suppress(ProtectionError):
                found[sealed_field(text.decode(), "").request] = None
    if value is not None and any(name == HEADER for name, _ in headers):
        with suppress(ProtectionError):
            found[sealed_value(value).request] = None
    return tuple(found)
