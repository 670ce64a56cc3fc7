"""The checklist in docs/producer.md names tests that exist: renaming one, or losing one, is found out."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

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


@cache
def names_in(path: Path) -> frozenset[str]:
    """What a module of tests defines: functions, classes, and what is assigned, as Hypothesis's machines are."""
    found: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return frozenset(found)


@pytest.mark.parametrize(("path", "name"), TESTS, ids=[f"{path}::{name}" for path, name in TESTS])
def test_every_test_that_the_checklist_names_exists(path: str, name: str) -> None:
    assert name.lower().startswith("test")
    assert name in names_in(ROOT / path)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_row_is_a_behaviour_its_source_and_its_tests(row: list[str]) -> None:
    _behaviour, _source, tests = row

    assert tests == NO_TEST or tests == ", ".join(f"`{path}::{name}`" for path, name in NAMED.findall(tests))


def test_no_behaviour_stands_there_twice() -> None:
    behaviours = [row[0] for row in ROWS]

    assert len(behaviours) > 100
    assert len(behaviours) == len(set(behaviours))
