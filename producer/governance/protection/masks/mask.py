"""What a way to hide a field does."""

from __future__ import annotations

from typing import Any, Protocol


class UnfitError(Exception):
    """A value cannot be hidden in this way; the message says why, and never what it is."""


class Mask(Protocol):
    """Hides one value. Equal values under an equal key are hidden equally."""

    def hide(self, value: Any, /) -> Any:
        """Give what stands in its place, of the same type. Raises UnfitError, saying why not and never what."""
        ...


def kind(value: Any) -> str:
    """Name what a value is, and not the value."""
    return type(value).__name__
