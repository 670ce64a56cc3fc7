"""Where a field is within a value: `customer.email`, `items[*].card`; the same in JSON, in Avro's dicts and in Protobuf's messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

EVERY = "[*]"
STEPS_MAX = 100
_STEP = re.compile(r"([^.\[\]]+)((?:\[\*\])*)")


@dataclass(frozen=True, slots=True)
class Path:
    """One field, or the same field of each item of a list."""

    text: str
    steps: tuple[str, ...]
    """Names, and `[*]` for each item."""

    def __str__(self) -> str:
        return self.text

    @classmethod
    def of(cls, text: str) -> Path:
        """Read a path. Raises ValueError."""
        steps: list[str] = []
        for part in text.split("."):
            match = _STEP.fullmatch(part)
            if match is None:
                raise ValueError(f"{text!r} is no path of a field: expected names with dots, and [*] for each item")
            steps += [match[1], *[EVERY] * (len(match[2]) // len(EVERY))]
        if len(steps) > STEPS_MAX:
            raise ValueError(f"a path of {len(steps)} steps, must have at most {STEPS_MAX}")
        return cls(text, tuple(steps))

    def found(self, value: Any) -> Iterator[Any]:
        """Give what stands there: nothing where a step leads nowhere, a null as None, of a list each item."""
        return _found(value, self.steps)

    def is_present(self, value: Any) -> bool:
        """Whether something stands there that is no null; of a list, in each item."""
        return _is_present(value, self.steps)

    def change(self, value: Any, make: Callable[[Any], Any]) -> Any:
        """Give the value with `make` of what stands there in its place; nulls stay, and so does a value that has no such field.

        Dicts and lists are copied on the way; a message is changed in place, so it must be the caller's own.
        """
        return _change(value, self.steps, make)


def _is_message(value: Any) -> bool:
    return hasattr(value, "DESCRIPTOR") and hasattr(value, "ListFields")


def _is_list(value: Any) -> bool:
    """Whether it has items: a list, or one of Protobuf's repeated fields."""
    return isinstance(value, (list, tuple)) or type(value).__name__.startswith("Repeated")


def _field(message: Any, name: str) -> Any:
    """Give a message's field by name; None if there is none, or it is not set."""
    field = message.DESCRIPTOR.fields_by_name.get(name)
    if field is None:
        return None
    is_set = message.HasField(name) if field.has_presence else bool(getattr(message, name))
    return getattr(message, name) if is_set else None


def _step(value: Any, step: str) -> tuple[Any, ...]:
    """Give what one step leads to."""
    if step == EVERY:
        return tuple(value) if _is_list(value) else ()
    if _is_message(value):
        one = _field(value, step)
        return () if one is None else (one,)
    try:
        return (value[step],) if step in value and hasattr(value, "keys") else ()
    except TypeError:
        return ()


def _found(value: Any, steps: tuple[str, ...]) -> Iterator[Any]:
    if not steps:
        yield value
        return
    for one in _step(value, steps[0]):
        yield from _found(one, steps[1:])


def _is_present(value: Any, steps: tuple[str, ...]) -> bool:
    if not steps:
        return value is not None
    if steps[0] == EVERY:
        return _is_list(value) and all(_is_present(one, steps[1:]) for one in value)
    return any(_is_present(one, steps[1:]) for one in _step(value, steps[0]))


def _change(value: Any, steps: tuple[str, ...], make: Callable[[Any], Any]) -> Any:
    if not steps:
        return value if value is None else make(value)
    step, rest = steps[0], steps[1:]
    if step == EVERY:
        if isinstance(value, (list, tuple)):
            return [_change(one, rest, make) for one in value]
        if _is_list(value):
            for place, one in enumerate(value):
                changed = _change(one, rest, make)
                if changed is not one:
                    value[place] = changed
        return value
    if _is_message(value):
        one = _field(value, step)
        if one is not None:
            changed = _change(one, rest, make)
            if changed is not one:
                setattr(value, step, changed)
        return value
    if isinstance(value, dict):
        return {**value, step: _change(value[step], rest, make)} if step in value else value
    if hasattr(value, "keys") and step in value:  # a map of Protobuf's
        changed = _change(value[step], rest, make)
        if changed is not value[step]:
            value[step] = changed
    return value
