"""The values of states and verdicts as JSON, and back: a table says which types there are, so a file from elsewhere can name no other."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import producer.records
import sim.judges.verdict
from sim.tui.view_model import governance, state, transactions

_PLAIN = frozenset({int, str, bool, type(None)})


def _types() -> dict[str, Any]:
    found: dict[str, Any] = {"records.TopicPartition": producer.records.TopicPartition}
    for module in (state, transactions, governance, sim.judges.verdict):
        room = module.__name__.rpartition(".")[2]
        for name, value in vars(module).items():
            if isinstance(value, type) and value.__module__ == module.__name__:
                # A partition's replica and a finding's have one name.
                found[f"{room}.{name}"] = value
    return found


_TYPES = _types()
_NAMES = {kind: name for name, kind in _TYPES.items()}


def plain_of(value: Any) -> Any:
    """Give a value as JSON has it: a list begins with the name of its type, `""` for a tuple; a dict is `{"d": pairs}`, bytes `{"b": text}`."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is bytes:
        return {"b": value.decode("latin-1")}
    if isinstance(value, dict):
        return {"d": [[plain_of(key), plain_of(one)] for key, one in value.items()]}
    if kind is tuple:
        return ["", *map(plain_of, value)]
    name = _NAMES[kind]
    if isinstance(value, Enum):
        return [name, value.value]
    if is_dataclass(value):
        return [name, *(plain_of(getattr(value, one.name)) for one in fields(value))]
    return [name, *map(plain_of, value)]


def value_of(given: Any) -> Any:
    """Read what `plain_of` gives. Raises KeyError for a type that is not in the table, TypeError for fields that are not its own."""
    kind = type(given)
    if kind is list:
        name = given[0]
        values = map(value_of, given[1:])
        return tuple(values) if name == "" else _TYPES[name](*values)
    if kind is dict:
        if "b" in given:
            return given["b"].encode("latin-1")
        return {value_of(key): value_of(one) for key, one in given["d"]}
    return given
