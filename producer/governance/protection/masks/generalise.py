"""Generalise: less is told, and it is still true: the year of a birthday, the decade of an age, the first digits of a postcode."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Any

from producer.governance.protection.masks.mask import UnfitError, kind

_KEPT = ("year", "month", "day", "hour")
_BLANK = {"month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0, "microsecond": 0}


class Step:
    """Numbers become the multiple of a step below them."""

    def __init__(self, step: float) -> None:
        self._step = step

    def hide(self, value: Any) -> Any:
        """Give the multiple. Raises UnfitError for what is no number."""
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise UnfitError(f"is a {kind(value)}, of which there is no step")
        step = int(self._step) if float(self._step).is_integer() else self._step
        return type(value)(value // step * step)


class Truncate:
    """Times and dates become the beginning of their year, month, day or hour; texts stay texts, milliseconds milliseconds."""

    def __init__(self, to: str) -> None:
        self._blank = {unit: first for unit, first in _BLANK.items() if unit not in _KEPT[: _KEPT.index(to) + 1]}

    def hide(self, value: Any) -> Any:
        """Give the beginning. Raises UnfitError for what is no time."""
        if isinstance(value, (datetime, date)):
            return self._begun(value)
        if isinstance(value, int) and not isinstance(value, bool):
            try:
                moment = self._begun(datetime.fromtimestamp(value // 1_000, UTC))
            except (OverflowError, ValueError, OSError):
                raise UnfitError("is a number that is no time") from None
            return int(moment.timestamp()) * 1_000
        if isinstance(value, str):
            try:
                is_date = len(value) == len("2026-12-01")
                read = date.fromisoformat(value) if is_date else datetime.fromisoformat(value)
            except ValueError:
                raise UnfitError("is a text that is no time") from None
            text = self._begun(read).isoformat()
            return text.removesuffix("+00:00") + "Z" if value.endswith(("Z", "z")) else text
        raise UnfitError(f"is a {kind(value)}, which is no time")

    def _begun(self, value: Any) -> Any:
        units = self._blank if isinstance(value, datetime) else {k: v for k, v in self._blank.items() if k in _KEPT[:3]}
        return value.replace(**units)


class Keep:
    """Of texts the first characters are kept, and the others become stars."""

    def __init__(self, keep: int) -> None:
        self._keep = keep

    def hide(self, value: Any) -> Any:
        """Give the beginning. Raises UnfitError for what is no text, or is no longer than what would be kept."""
        if not isinstance(value, str):
            raise UnfitError(f"is a {kind(value)}, of which no beginning can be kept")
        if len(value) <= self._keep:
            return "*" * len(value)
        return value[: self._keep] + "*" * (len(value) - self._keep)
