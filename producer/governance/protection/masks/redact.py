"""Redact: nothing of the value is left but its type."""

from __future__ import annotations

from typing import Any

from producer.governance.protection.masks.mask import UnfitError, kind


class Redact:
    """Texts become one text, numbers 0, booleans false, bytes none, lists and objects empty."""

    def __init__(self, text: str = "***") -> None:
        self._text = text

    def hide(self, value: Any) -> Any:
        """Give the same for all values of a type. Raises UnfitError for a type of which there is nothing empty."""
        if isinstance(value, str):
            return self._text
        for one in (bool, int, float, bytes, list, dict):
            if isinstance(value, one):
                return one()
        raise UnfitError(f"is a {kind(value)}, which cannot be redacted")
