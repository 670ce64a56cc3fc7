"""Text from records and logs, such that a file can hold it and a reader sees what is there."""

from __future__ import annotations

_PICTURES = {code: chr(0x2400 + code) for code in range(0x20) if code != 0x0A} | {0x7F: "\u2421"}
_UNSHOWN = dict.fromkeys(
    [
        *range(0x80, 0xA0),
        *range(0xD800, 0xE000),
        0xFFFE,
        0xFFFF,
        # What would turn the line around, or hide in it: nobody should read another record than there is.
        *range(0x200B, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2066, 0x206A),
        0xFEFF,
    ],
    "\ufffd",
)
_TABLE = _PICTURES | _UNSHOWN


def clean(text: str) -> str:
    """Give control characters by their pictures, and the sign of replacement for lone surrogates and for what is not seen."""
    return text.translate(_TABLE)
