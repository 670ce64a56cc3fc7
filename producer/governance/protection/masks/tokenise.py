"""Tokenise: a token of the same length and the same kind of characters, by FF1 under a key; whoever has it can undo that."""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Any

from producer.errors import UsageError
from producer.governance.protection.ff1 import FF1
from producer.governance.protection.key_material import KeyMaterial
from producer.governance.protection.masks.mask import UnfitError, kind

ALPHABETS = {
    "digits": string.digits,
    "letters": string.ascii_letters,
    "letters_and_digits": string.digits + string.ascii_letters,
}
"""Which characters are made others of the same alphabet; what is neither letter nor digit stays where it is."""


class Tokenise:
    """Texts keep their length and their punctuation, whole numbers their sign and their count of digits."""

    def __init__(self, key: KeyMaterial, *, domain: str = "", alphabet: str = "letters_and_digits") -> None:
        """Values of two domains have different tokens. Raises UsageError for an alphabet that there is not."""
        if alphabet not in ALPHABETS:
            raise UsageError(f"alphabet is {alphabet!r}, must be one of {', '.join(ALPHABETS)}")
        self._alphabet = ALPHABETS[alphabet]
        self._places = {character: place for place, character in enumerate(self._alphabet)}
        self._name = alphabet
        self._ff1 = FF1(key.reveal(), len(self._alphabet))
        self._digits = self._ff1 if alphabet == "digits" else FF1(key.reveal(), 10)
        self._tweak = domain.encode()

    def hide(self, value: Any) -> Any:
        """Give the token. Raises UnfitError for what has none: too short, or letters that the alphabet lacks."""
        return self._walked(value, self._ff1.encrypt, self._digits.encrypt)

    def undo(self, token: Any) -> Any:
        """Give the value of a token. Raises UnfitError for what is none."""
        return self._walked(token, self._ff1.decrypt, self._digits.decrypt)

    def _walked(self, value: Any, of_text: Callable[..., list[int]], of_number: Callable[..., list[int]]) -> Any:
        try:
            if isinstance(value, str):
                return self._text(value, of_text)
            if isinstance(value, int) and not isinstance(value, bool):
                return self._number(value, of_number)
        except UsageError as error:
            raise UnfitError(f"is too short, or too long, for a token: {error}") from None
        raise UnfitError(f"is a {kind(value)}, which has no token")

    def _text(self, value: str, cipher: Callable[..., list[int]]) -> str:
        digits = [self._places[one] for one in value if one in self._places]
        if any(one.isalnum() and one not in self._places for one in value):
            raise UnfitError(f"has letters or digits that are none of {self._name}, and would stay as they are")
        made = iter(cipher(digits, self._tweak))
        return "".join(self._alphabet[next(made)] if one in self._places else one for one in value)

    def _number(self, value: int, cipher: Callable[..., list[int]]) -> int:
        digits = [int(one) for one in str(abs(value))]
        # Round and round until no zero leads: one in ten does, and each number is on one way only (cycle walking).
        made = cipher(digits, self._tweak + b"#")
        while made[0] == 0:
            made = cipher(made, self._tweak + b"#")
        token = int("".join(map(str, made)))
        return -token if value < 0 else token
