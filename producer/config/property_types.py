"""How the values of properties are read: the types of Kafka's ConfigDef, which take text as well (`ConfigDef.parseType`).

Text is read without the blanks around it, which are all that `String.trim` takes for one. What a type does not take is refused where pydantic alone would convert it:
1 is no boolean, 5.0 and True are no integers.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

INT_MAX = 2**31 - 1
LONG_MAX = 2**63 - 1

_INTEGER = re.compile(r"[+-]?\d+")
_BLANKS = "".join(map(chr, range(ord(" ") + 1)))
"""What `String.trim` leaves out: controls as well, and none of Unicode's other spaces."""
_COMMA = re.compile(r"\s*,\s*", re.ASCII)


class Verbatim(str):
    """A text that means each of its characters: whoever gives it has read it already, by another client's rules."""

    __slots__ = ()


def trimmed(value: object) -> object:
    """Leave out the blanks around a text, unless it is to be taken as it stands."""
    return value.strip(_BLANKS) if isinstance(value, str) and not isinstance(value, Verbatim) else value


def split_list(value: object) -> object:
    """Read a comma separated list; what is given twice counts once, as since Kafka 4.2. Raises ValueError."""
    if isinstance(value, str):
        text = value.strip(_BLANKS)
        value = _COMMA.split(text) if text else []
    if not isinstance(value, list | tuple):
        return value
    if "" in value:
        msg = "must have no empty place in its list"
        raise ValueError(msg)
    return list(dict.fromkeys(value))


def _boolean(value: object) -> object:
    text = trimmed(value)
    text = text.lower() if isinstance(text, str) else text
    if text in ("true", "false"):
        return text == "true"
    if isinstance(value, bool):
        return value
    msg = "must be true or false"
    raise ValueError(msg)


def _integer(value: object) -> object:
    text = trimmed(value)
    if isinstance(text, str) and _INTEGER.fullmatch(text):
        return int(text)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    msg = "must be a whole number"
    raise ValueError(msg)


def _double(value: object) -> object:
    if isinstance(value, bool):
        msg = "must be a number"
        raise ValueError(msg)  # noqa: TRY004 - pydantic reports ValueErrors
    return trimmed(value)


Boolean = Annotated[bool, BeforeValidator(_boolean)]
Int = Annotated[int, BeforeValidator(_integer), Field(ge=-INT_MAX - 1, le=INT_MAX)]
Long = Annotated[int, BeforeValidator(_integer), Field(ge=-LONG_MAX - 1, le=LONG_MAX)]
Double = Annotated[float, BeforeValidator(_double)]
Text = Annotated[str, BeforeValidator(trimmed)]
TextList = Annotated[list[str], BeforeValidator(split_list)]
