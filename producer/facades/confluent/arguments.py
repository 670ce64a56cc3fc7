"""What `produce` is given: text or bytes, headers, numbers; refused as confluent-kafka refuses it."""

from __future__ import annotations

from operator import index
from reprlib import repr as shortened
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.records import Headers


def bytes_of(given: object) -> bytes | None:
    if isinstance(given, str):
        return given.encode()
    if given is None or isinstance(given, bytes):
        return given
    raise TypeError(f"a bytes-like object is required, not {type_name(given)!r}")


def header_pairs_of(given: Mapping[str, Any] | list[tuple[str, Any]] | None) -> Headers:
    if not given:
        return ()
    if not isinstance(given, list) and not hasattr(given, "items"):
        raise TypeError(f"expected headers to be dict or list of (key, value) tuples, not {type_name(given)}")
    found = []
    pairs: Any = given if isinstance(given, list) else given.items()
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"Headers are expected to be a list of (key, value) tuples, not of {shortened(pair)}")
        name, value = pair
        if not isinstance(name, str):
            raise TypeError(f"expected header name to be unicode string, not {type_name(name)}")
        # Raises ValueError for half a character, now and not when the record leaves.
        name.encode()
        if value is not None and not isinstance(value, str | bytes):
            raise TypeError(f"expected header value to be None, binary, or unicode string, not {type_name(value)}")
        found.append((name, bytes_of(value)))
    return tuple(found)


def number_of(name: str, given: object, highest: int) -> int:
    number = index(given)  # type: ignore[arg-type]  # a TypeError for what is no number is what is wanted
    if number > highest:
        raise OverflowError(f"{name} is {number}, must be at most {highest}")
    return number


def type_name(given: object) -> str:
    return "None" if given is None else type(given).__name__
