"""Where a parser stands in a file's tokens, and what it may ask of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from producer.schemas.protobuf.tokens import Kind, Token, unquoted
from producer.schemas.schema import DEPTH_MAX, FIELDS_MAX, InvalidSchemaError, short

if TYPE_CHECKING:
    from collections.abc import Sequence


class Cursor:
    """Goes through the tokens of one file once; each refusal names line and column."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._fields = 0
        self.is_proto3 = False

    @property
    def token(self) -> Token:
        """The next one, which is not taken."""
        return self._tokens[self._at]

    def is_at(self, *texts: str) -> bool:
        """Whether the next token is a name or a symbol out of these."""
        token = self.token
        return token.kind in {Kind.NAME, Kind.SYMBOL} and token.text in texts

    def is_before(self, text: str) -> bool:
        """Whether this symbol or name follows the next token."""
        return self._at + 1 < len(self._tokens) and self._tokens[self._at + 1].text == text

    def take(self) -> Token:
        """Take the next token, whatever it is."""
        token = self._tokens[self._at]
        if token.kind is not Kind.END:
            self._at += 1
        return token

    def accept(self, text: str) -> bool:
        """Take this symbol or name if it comes next."""
        if self.is_at(text):
            self._at += 1
            return True
        return False

    def expect(self, *texts: str) -> str:
        """Take one of these symbols or names. Raises InvalidSchemaError."""
        if not self.is_at(*texts):
            self.refuse(f"expected {' or '.join(repr(text) for text in texts)}")
        return self.take().text

    def name(self, what: str) -> str:
        """Take a name without dots."""
        if self.token.kind is not Kind.NAME:
            self.refuse(f"expected the name of {what}")
        return self.take().text

    def dotted_name(self, what: str, *, may_be_absolute: bool = False) -> str:
        """Take a name with dots in it; with `may_be_absolute` it may begin with one."""
        parts = [""] if may_be_absolute and self.accept(".") else []
        parts.append(self.name(what))
        while self.accept("."):
            parts.append(self.name(what))
            if len(parts) > DEPTH_MAX:
                self.refuse(f"the name of {what} has more than {DEPTH_MAX} parts")
        return ".".join(parts)

    def integer(self, what: str, lowest: int, highest: int) -> int:
        """Take a whole number, with a sign before it if it may be below zero."""
        token = self.token
        sign = -1 if lowest < 0 and self.accept("-") else 1
        if self.token.kind is not Kind.INTEGER:
            self.refuse(f"expected {what}, a whole number")
        number = sign * whole_number(self.take())
        if not lowest <= number <= highest:
            self.refuse(f"{what} is {number}, must be {lowest}..{highest}", token)
        return number

    def bytes(self, what: str) -> bytes:
        """Take a string; neighbours are one."""
        if self.token.kind is not Kind.STRING:
            self.refuse(f"expected {what}, a string")
        found = [unquoted(self.take())]
        while self._tokens[self._at].kind is Kind.STRING:
            found.append(unquoted(self.take()))
        return b"".join(found)

    def string(self, what: str) -> str:
        """Take a string that is text."""
        token = self.token
        try:
            return self.bytes(what).decode()
        except UnicodeDecodeError:
            self.refuse(f"{what} is no UTF-8", token)

    def count_field(self) -> None:
        """Count one more field. Raises InvalidSchemaError if there are too many."""
        self._fields += 1
        if self._fields > FIELDS_MAX:
            self.refuse(f"more than {FIELDS_MAX} fields")

    def refuse(self, why: str, token: Token | None = None) -> NoReturn:
        """Raise InvalidSchemaError, for a token that was taken or for the next one."""
        at = token or self.token
        found = "" if token else f", found {short(at.text) if at.text else at.kind.value}"
        raise InvalidSchemaError(f"line {at.line}, column {at.column}: {why}{found}")


def whole_number(token: Token) -> int:
    """Give the number of an INTEGER token: decimal, octal (with a zero before it), hexadecimal."""
    text = token.text
    try:
        if text[:2] in {"0x", "0X"}:
            return int(text, 16)
        return int(text, 8) if len(text) > 1 and text[0] == "0" else int(text)
    except ValueError as error:
        raise InvalidSchemaError(f"line {token.line}, column {token.column}: {short(text)} is no number") from error
