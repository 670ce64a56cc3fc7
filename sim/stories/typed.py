"""Whether the values of a story are what their fields say, for the word to a person whose file has another one."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from inspect import get_annotations
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

SHOWN_MAX = 60
"""How many characters of a value are shown."""

_UNKNOWN = object()


def wrong_type(value: Any) -> str:
    """Say which field of a value, or of a value within it, has one of another type than it says; empty if none has.

    A list passes for a tuple, and a set for a frozen one: they do as well.
    """
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            wanted = _annotation(type(value), field.name)
            given = getattr(value, field.name, _UNKNOWN)
            if wanted is _UNKNOWN or given is _UNKNOWN:
                continue
            # A time may be text until whatever holds it has read it.
            is_time = isinstance(given, str) and field.name.endswith(("_us", "_us_max"))
            if not is_time and not _fits(given, wanted):
                return f"{type(value).__name__}.{field.name} is {_shown(given)}, must be {field.type}{_comma(given, wanted)}"
            found = wrong_type(given)
            if found:
                return found
        return ""
    if isinstance(value, (tuple, list, AbstractSet)):
        return next(filter(None, map(wrong_type, value)), "")
    return next(filter(None, map(wrong_type, value.values())), "") if isinstance(value, Mapping) else ""


def _annotation(of: type[Any], name: str) -> Any:
    """Evaluate what a field is annotated with, where its module can say it."""
    for one in of.__mro__:
        text = get_annotations(one).get(name)
        if text is None:
            continue
        if not isinstance(text, str):
            # A compiled class, which keeps no more than `type` of most annotations, and checks what it is given by itself.
            return _UNKNOWN
        try:
            return eval(text, vars(sys.modules[one.__module__]) | _for_checkers())  # noqa: S307 - an annotation of our own
        except (NameError, TypeError):
            return _UNKNOWN
    return _UNKNOWN


def _for_checkers() -> dict[str, Any]:
    """Names that modules of a story import for type checkers alone."""
    from sim.stories.conditions import Condition

    return {"Condition": Condition}


def _fits(value: Any, wanted: Any) -> bool:
    origin = get_origin(wanted)
    if wanted is Any or wanted is _UNKNOWN:
        return True
    if wanted is None or wanted is NoneType:
        return value is None
    if origin is Literal:
        return value in get_args(wanted)
    if origin in {Union, UnionType}:
        return any(_fits(value, one) for one in get_args(wanted))
    if origin is not None:
        return _fits_holder(value, origin, get_args(wanted))
    if not isinstance(wanted, type):
        return True
    if wanted in {int, float}:
        return not isinstance(value, bool) and isinstance(value, int if wanted is int else (int, float))
    if getattr(wanted, "_is_protocol", False):
        return all(hasattr(value, name) for name in vars(wanted) if not name.startswith("_"))
    return isinstance(value, wanted)


def _fits_holder(value: Any, origin: Any, parts: tuple[Any, ...]) -> bool:
    if origin is tuple:
        if not isinstance(value, (tuple, list)):
            return False
        if len(parts) == 2 and parts[1] is Ellipsis:
            return all(_fits(one, parts[0]) for one in value)
        return len(value) == len(parts) and all(map(_fits, value, parts))
    if issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(
            _fits(key, parts[0]) and _fits(one, parts[1]) for key, one in value.items()
        )
    if issubclass(origin, AbstractSet):
        return isinstance(value, AbstractSet) and all(_fits(one, parts[0]) for one in value)
    return True


def _comma(given: Any, wanted: Any) -> str:
    """Give the usual reason why one value stands where several are wanted."""
    if get_origin(wanted) is tuple and not isinstance(given, (tuple, list)):
        first = get_args(wanted)[0]
        if _fits(given, first):
            return "; a tuple of one is written with a comma, (…,)"
    return ""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_MAX else f"{text[: SHOWN_MAX - 1]}…"
