"""The checklist in docs/producer.md names tests that exist: renaming one, or losing one, is found out."""

import ast
import re
from pathlib import Path

from tests.architecture.processes import ROOT

NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
NO_TEST = "-"


def checklist() -> list[list[str]]:
    """The cells of every row, those of all its tables one behind the other."""
    _, _, section = (ROOT / "docs" / "producer.md").read_text().partition("\n## Checklist\n")
    lines = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in rows if row != ["behaviour", "source", "test"]]


ROWS = checklist()
TESTS = list(dict.fromkeys(named for row in ROWS for named in NAMED.findall(row[-1])))


def names_in(path: Path) -> frozenset[str]:
    """What a module of tests defines: functions, classes, and what is assigned, as Hypothesis's machines are."""
    found: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return frozenset(found)


def test_every_test_that_the_checklist_names_exists() -> None:
    files = sorted({path for path, _ in TESTS})

    assert [path for path in files if not (ROOT / path).is_file()] == []
    known = {path: names_in(ROOT / path) for path in files}
    assert [(path, name) for path, name in TESTS if name not in known[path]] == []
    assert [name for _, name in TESTS if not name.lower().startswith("test")] == []


def test_each_row_is_a_behaviour_its_source_and_its_tests() -> None:
    for _behaviour, _source, tests in ROWS:
        assert tests == NO_TEST or tests == ", ".join(f"`{path}::{name}`" for path, name in NAMED.findall(tests))


def test_no_behaviour_stands_there_twice() -> None:
    behaviours = [row[0] for row in ROWS]

    assert len(behaviours) > 100
    assert len(behaviours) == len(set(behaviours))
