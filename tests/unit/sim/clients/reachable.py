"""Everything that can be reached from some objects, counted by its type: what a list of names would forget is in it, too."""

from __future__ import annotations

import sys
from collections import Counter
from gc import get_referents
from types import CodeType, FunctionType, ModuleType
from typing import Any

WINGS = ("producer", "sim")
LEAVES = frozenset({str, bytes, int, float, bool, type(None)})
CLOSED = (type, ModuleType, CodeType)
"""What leads to everything: nobody looks into it."""


def reachable(*roots: object) -> Counter[str]:
    """Count the objects that are held by `roots` or by a module of ours, by type, and the bytes in them as `bytes held`.

    What a class or a foreign module holds is left out.
    """
    found: Counter[type] = Counter()
    held_bytes = 0
    seen: set[int] = set()
    # The list keeps what it was handed: an object that goes while we look must not leave its address to another.
    kept: list[Any] = [*roots, *_modules()]
    for one in kept:
        if id(one) in seen:
            continue
        seen.add(id(one))
        kind = type(one)
        found[kind] += 1
        if kind in LEAVES:
            held_bytes += len(one) if kind is bytes else 0
        elif kind is FunctionType:
            kept += (one.__closure__, one.__defaults__, one.__kwdefaults__)
        elif not isinstance(one, CLOSED):
            kept += get_referents(one)
    named = Counter({"bytes held": held_bytes})
    for kind, count in found.items():
        named[f"{kind.__module__}.{kind.__qualname__}"] += count
    return named


def _modules() -> list[dict[str, Any]]:
    return [vars(module) for name, module in sys.modules.items() if name.split(".")[0] in WINGS]
