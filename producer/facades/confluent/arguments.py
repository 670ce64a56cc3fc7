"""What is given to a call: text, bytes, numbers, headers; taken and refused as C takes and refuses them for confluent-kafka."""

from __future__ import annotations

import math
from operator import index
from typing import Any

from producer.drivers.clock import now_us
from producer.records import Headers

FOREVER = -1


def text(position: int, given: object) -> str:
    """Take a text. Raises TypeError, and ValueError for a zero byte or half a character."""
    if not isinstance(given, str):
        raise TypeError(f"argument {position} must be str, not {type_name(given)}")
    given.encode()
    if "\0" in given:
        raise ValueError("embedded null character")
    # Of a kind of its own it would be no text to the engine.
    return str.__str__(given)


def text_or_none(position: int, given: object) -> str | None:
    """Take a text, or None. Raises as `text` does."""
    if given is not None and not isinstance(given, str):
        raise TypeError(f"argument {position} must be str or None, not {type_name(given)}")
    return None if given is None else text(position, given)


def payload(position: int, given: object) -> bytes | None:
    """Take bytes that nobody can change, or a text. Raises TypeError, and ValueError for half a character."""
    if given is None or type(given) is bytes:
        return given
    if isinstance(given, str):
        return given.encode()
    if isinstance(given, bytes):
        return bytes(given)
    try:
        memoryview(given)  # type: ignore[arg-type]  # whether it is one is the question
    except TypeError:
        raise TypeError(f"a bytes-like object is required, not {type_name(given)!r}") from None
    raise TypeError(f"argument {position} must be read-only bytes-like object, not {type_name(given)}")


def c_int(given: object) -> int:
    """Take a number as a C int. Raises TypeError, OverflowError."""
    number = index(given)  # type: ignore[arg-type]  # a TypeError for what is no number is what is wanted
    if not -(2**63) <= number < 2**63:
        raise OverflowError("Python int too large to convert to C long")
    if not -(2**31) <= number < 2**31:
        raise OverflowError(f"signed integer is {'greater than maximum' if number > 0 else 'less than minimum'}")
    return number


def c_long_long(given: object) -> int:
    """Take a number as a C long long. Raises TypeError, OverflowError."""
    number = index(given)  # type: ignore[arg-type]  # as above
    if not -(2**63) <= number < 2**63:
        raise OverflowError("int too big to convert")
    return number


def until_us(timeout_s: float) -> int | None:
    """Give when a call that may wait so many seconds must be over; None for ever. Raises TypeError."""
    # Raises what a C double raises.
    seconds = math.copysign(math.fabs(timeout_s), timeout_s)
    if seconds < 0 or not math.isfinite(seconds):
        return None
    return now_us() + int(seconds * 1e6)


def header_pairs(given: object) -> Headers:
    """Take headers. A name may be anything: it is written as text. Raises TypeError, ValueError."""
    if given is None:
        return ()
    if not isinstance(given, list | dict):
        raise TypeError(f"expected headers to be dict or list of (key, value) tuples, not {type_name(given)}")
    pairs: Any = given if isinstance(given, list) else given.items()
    return tuple(_header(pair) for pair in pairs)


def _header(pair: object) -> tuple[str, bytes | None]:
    if not isinstance(pair, tuple) or len(pair) != 2:
        raise TypeError("Headers are expected to be a list of (key, value) tuples")
    key, value = pair
    try:
        name = str(key)
    except Exception as error:
        raise TypeError("expected header key to be unicode string") from error
    name = name.partition("\0")[0]
    # Raises ValueError for half a character, now and not when the record leaves.
    name.encode()
    if isinstance(value, str):
        # A text ends where C ends it.
        return name, value.partition("\0")[0].encode()
    if value is not None and not isinstance(value, bytes):
        raise TypeError(f"expected header value to be None, binary, or unicode string, not {type_name(value)}")
    return name, None if value is None else bytes(value)


def type_name(given: object) -> str:
    return "None" if given is None else type(given).__name__
