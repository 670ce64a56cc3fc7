"""docs/reference.md, written from the docstrings of what a scenario is made of: a program, so that no field is without its words."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable
from typing import Any

import sim
from sim.faults import FAULT_TYPES, points, schedule, targets, words
from sim.faults.grammar import verbs
from sim.stories import conditions
from sim.trace.declared import declared_fields, in_one_line
from tests.architecture.processes import ROOT

PAGE = ROOT / "docs" / "reference.md"
WRITE = "--write"

SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("A story", "What a scenario's file defines as `SCENARIO`.", ("Scenario",)),
    ("The cluster", "Kafka's settings, with Kafka's defaults.", ("ClusterConfig", "TopicConfig")),
    ("What an application sends", "Records in phases, under keys.",
     ("Workload", "Phase", "KeysInTurn", "HotKey", "CompositeKeys", "NoKeys")),
    ("Who takes part", "Applications, where it is more than one, or one that does more than send.",
     ("Application", "Resends", "Processing", "Checkpoints", "Audit")),
    ("Schemas", "Registries, what versions of an application write, and who reads by which.",
     ("RegistryConfig", "Version", "Deserializing")),
    ("Keys and secrets", "", ("KeyServiceConfig", "Secret")),
    ("A gateway", "", ("GatewayConfig",)),
    ("Listeners and users", "", ("Listener", "Authentication", "User", "TokenRules", "AuthorizerSettings")),
)  # fmt: skip
"""Heading, what stands beneath it, and the classes that belong there."""

HEAD = """# Reference of a story's words

Written by `make map` from the docstrings of what it tells of. `docs/stories.md` says what they are for, `acklab new STORY` writes
a story to begin with. A time whose name ends in `_us` is a whole number of microseconds, or text such as `"1.5s"`. All names are
imported from `sim`.
"""


def classes() -> list[type[Any]]:
    """Give each class that the page tells of."""
    return [getattr(sim, name) for _, _, names in SECTIONS for name in names]


def without_words() -> list[str]:
    """Name what has no docstring: classes, their fields, points and verbs."""
    found = [one.__name__ for one in classes() if not _says(one)]
    found += [f"{one.__name__}.{field.name}" for one in classes() for field in declared_fields(one) if not field.says]
    found += [name for name, says in [*_functions(points), *_functions(conditions), *_moments(), *_roles()] if not says]
    docs = {fault_type.__name__: fault_type.__doc__ for fault_type in FAULT_TYPES}
    return found + [verb.name for verb in verbs() if not verb.says and not any(docs[name] for name in verb.faults)]


def drawn() -> str:
    """Give the page as it must be."""
    parts = [HEAD]
    for heading, beneath, names in SECTIONS:
        parts.append(f"## {heading}\n")
        if beneath:
            parts.append(f"{beneath}\n")
        parts += [_class(getattr(sim, name)) for name in names]
    parts.append("## When a fault strikes\n")
    parts.append(_table(("moment", "what it is"), _moments()))
    parts.append("`docs/stories.md` says how the same is written as text, for `--fault` and in a witness.\n")
    parts.append("## Points in the protocol\n")
    parts.append("For `after(…)`, and for `Phase(waits_for=…)`. `acklab events` lists what `event` may name.\n")
    parts.append(_table(("point", "what it is"), _functions(points)))
    parts.append("## States that a phase waits for\n")
    parts.append(_table(("state", "what it is"), _functions(conditions)))
    parts.append("## Whom a fault strikes\n")
    parts.append(
        'A broker is `"b1"`, several are `"b1,b2"`; or it is a role, which is filled at the moment of the fault.\n'
    )
    parts.append(_table(("role", "who that is"), _roles()))
    parts.append("## Verbs\n")
    parts.append(
        'Each is said of a moment, `at("2s").crash("b1")`, and gives one entry of a schedule. `acklab faults` has the same as text.\n'
    )
    parts.append(_table(("verb", "what happens"), _verbs()))
    return "\n".join(parts)


def _class(one: type[Any]) -> str:
    rows = [
        (_code(field.name), _code(field.type), _code(field.default) if field.default else "", field.says)
        for field in declared_fields(one)
    ]
    says = "\n\n".join(in_one_line(paragraph) for paragraph in (one.__doc__ or "").split("\n\n"))
    fields = _table(("field", "type", "default", "what it is"), rows) if rows else ""
    return f"### {one.__name__}\n\n{says}\n\n{fields}".rstrip() + "\n"


def _functions(module: Any) -> Iterable[tuple[str, str]]:
    """Give the public functions of a module as they are called, with what they say."""
    tree = ast.parse(inspect.getsource(module))
    exported = set(sim.__all__)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in exported:
            yield _code(f"{node.name}({ast.unparse(node.args)})"), in_one_line(ast.get_docstring(node))


def _moments() -> Iterable[tuple[str, str]]:
    yield from _functions(words)
    for of, name in ((words.When, "wait"), (words.When, "fault"), (schedule.Entry, "if_possible")):
        given = (
            str(inspect.signature(getattr(of, name)))
            .partition(" ->")[0]
            .replace("'", "")
            .replace("(self, ", "(")
            .replace("(self)", "()")
        )
        yield _code(f".{name}{given}"), in_one_line(getattr(of, name).__doc__)


def _roles() -> Iterable[tuple[str, str]]:
    return _functions(targets)


def _verbs() -> Iterable[tuple[str, str]]:
    docs = {fault_type.__name__: (fault_type.__doc__ or "").partition("\n")[0] for fault_type in FAULT_TYPES}
    for verb in verbs():
        told = [docs[name] for name in verb.faults]
        says = [" ".join(filter(None, (*told, verb.says)))] if len(told) == 1 else [verb.says] if verb.says else told
        yield _code(f"{verb.name}({verb.parameters})"), "<br>".join(says)


def _says(one: type[Any]) -> str:
    return in_one_line(one.__doc__)


def _code(text: str) -> str:
    # A bar ends a cell, even within code.
    return "`" + text.replace("|", "\\|") + "`"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def main(arguments: list[str]) -> int:
    """Compare, or write. Gives 1 if the page is out of date and was left so."""
    page = drawn()
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page:
        return 0
    if arguments == [WRITE]:
        PAGE.write_text(page, encoding="utf-8")
        return 0
    print("docs/reference.md is out of date: make map", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
