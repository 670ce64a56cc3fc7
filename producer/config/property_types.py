"""How the values of properties are read: the types of Kafka's ConfigDef, which take text as well (`ConfigDef.parseType`).

Text is read without the blanks around it. What a type does not take is refused where pydantic alone would convert it:
1 is no boolean, 5.0 and True are no integers.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

INT_MAX = 2**31 - 1
LONG_MAX = 2**63 - 1

_INTEGER = re.compile(r"[+-]?\d+")


def trimmed(value: object) -> object:
    """Leave out the blanks around a text."""
    return value.strip() if isinstance(value, str) else value


def split_list(value: object) -> object:
    """Read a comma separated list; what is given twice counts once, as since Kafka 4.2. Raises ValueError."""
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")] if value.strip() else []
    if not isinstance(value, list | tuple):
        return value
    if "" in value:
        msg = "must have no empty place in its list"
        raise ValueError(msg)
    return list(dict.fromkeys(value))


def _boolean(value: object) -> object:
    text = value.strip().lower() if isinstance(value, str) else value
    if text in ("true", "false"):
        return text == "true"
    if isinstance(value, bool):
        return value
    msg = "must be true or false"
    raise ValueError(msg)


def _integer(value: object) -> object:
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
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
