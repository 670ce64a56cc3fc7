"""What a class says of its fields, as its source has it: Python keeps the docstrings of classes, and forgets those of fields."""

from __future__ import annotations

import ast
import importlib.util
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple


class Declared(NamedTuple):
    """One field of a class."""

    name: str
    type: str
    """As it is annotated."""
    default: str
    """As it is written; empty where there is none."""
    says: str
    """The docstring beneath it, in one line; empty where there is none."""


def declared_fields(of: type[Any]) -> tuple[Declared, ...]:
    """Give a class's fields in the order of its declaration, those of its bases before its own; what belongs to the class alone is none."""
    found: dict[str, Declared] = {}
    for one in reversed(of.__mro__):
        for node in _classes(one.__module__).get(one.__qualname__, ()):
            found.pop(node.name, None)
            found[node.name] = node
    return tuple(found.values())


def in_one_line(docstring: str | None) -> str:
    """Give a docstring as one line; empty for none."""
    return " ".join((docstring or "").split())


@cache
def _classes(module: str) -> dict[str, tuple[Declared, ...]]:
    """Read each class of a module with its fields; nothing for one whose source is not there."""
    source = _source(module)
    if source is None:
        return {}
    tree = ast.parse(source.read_text(encoding="utf-8"))
    return {node.name: tuple(_fields(node)) for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def _source(module: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None
    if spec is None or spec.origin is None:
        return None
    # A compiled module lies beside what it was made of.
    origin = Path(spec.origin)
    path = origin.with_name(f"{origin.name.partition('.')[0]}.py")
    return path if path.is_file() else None


def _fields(declared: ast.ClassDef) -> list[Declared]:
    found = []
    for place, node in enumerate(declared.body):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        annotation = ast.unparse(node.annotation)
        if annotation.startswith("ClassVar") or node.target.id.startswith("_"):
            continue
        default = "" if node.value is None else _default(node.value)
        below = declared.body[place + 1] if place + 1 < len(declared.body) else None
        found.append(Declared(node.target.id, annotation, default, _docstring(below)))
    return found


def _default(value: ast.expr) -> str:
    """Write a default as its author did; of `field(default_factory=dict)` what it comes to."""
    if isinstance(value, ast.Call) and ast.unparse(value.func) == "field":
        for keyword in value.keywords:
            if keyword.arg == "default_factory":
                return f"{ast.unparse(keyword.value)}()"
            if keyword.arg == "default":
                return ast.unparse(keyword.value)
        return ""
    return ast.unparse(value)


def _docstring(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return in_one_line(node.value.value)
    return ""
