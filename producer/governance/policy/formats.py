"""The formats that a policy may want of a field, one a row; a value is looked at, and never told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID  # noqa: TID251 - the type: none is drawn here

TEXT_CHARACTERS_MAX = 10_000
"""A longer text has no format: patterns are not let loose on it."""
EPOCH_MS_MAX = 253_402_300_800_000
"""The year 10000."""

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
_COUNTRY = re.compile(r"[A-Z]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")


def _is_timestamp(value: Any) -> bool:
    """A time with its offset (RFC 3339), milliseconds since 1970, or Avro's logical type."""
    if isinstance(value, datetime):
        return True
    if isinstance(value, str):
        try:
            return "T" in value.upper() and datetime.fromisoformat(value).tzinfo is not None
        except ValueError:
            return False
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < EPOCH_MS_MAX


def _is_date(value: Any) -> bool:
    if isinstance(value, str):
        try:
            date.fromisoformat(value)
        except ValueError:
            return False
        return True
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_uuid(value: Any) -> bool:
    if isinstance(value, UUID):
        return True
    try:
        return isinstance(value, str) and str(UUID(value)) == value.lower()
    except ValueError:
        return False


def _matching(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


FORMATS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "timestamp": ("a time with its offset, or milliseconds since 1970", _is_timestamp),
    "date": ("a date such as 2026-12-01", _is_date),
    "uuid": ("a UUID", _is_uuid),
    "email": ("an e-mail address", _matching(_EMAIL)),
    "country": ("two capital letters (ISO 3166)", _matching(_COUNTRY)),
    "currency": ("three capital letters (ISO 4217)", _matching(_CURRENCY)),
    "text": ("a text that is not empty", lambda value: isinstance(value, str) and bool(value)),
    "number": ("a number", _is_number),
    "integer": ("a whole number", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    "boolean": ("true or false", lambda value: isinstance(value, bool)),
}
"""Name -> what it wants, and whether a value is so."""


def is_of(name: str, value: Any) -> bool:
    """Whether a value has a format."""
    if isinstance(value, str) and len(value) > TEXT_CHARACTERS_MAX:
        return False
    return FORMATS[name][1](value)
