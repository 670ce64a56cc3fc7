"""What may be imported is written down, can be had, and is all that the shipped stories and lessons need."""

import ast
import importlib
import pkgutil
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

import producer
import sim
from sim.course.lesson import lessons
from sim.course.parts import Code
from tests.architecture.processes import ROOT, run_python

FACES: dict[str, ModuleType] = {"producer": producer, "sim": sim}
BESIDE = {"producer.facades.confluent", "producer.facades.kafka_python"}
"""Modules that are public as a whole: they stand where another library's stood."""
SHIPPED = [path for tree in ("scenarios", "tutorials") for path in sorted((ROOT / tree).rglob("*.py"))]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

each_face = pytest.mark.parametrize("face", FACES.values(), ids=FACES)


def imported_by(source: str) -> set[tuple[str, str]]:
    """(module, name) pairs of `from module import name`, (module, "") for `import module`."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found |= {(node.module or "", alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names}
    return found


def strangers_in(source: str) -> list[str]:
    """What a text imports and may not."""
    ours = {"scenarios", "tutorials"}
    return sorted(
        f"{module}: {name}"
        for module, name in imported_by(source)
        if (top := module.partition(".")[0]) not in ours | sys.stdlib_module_names
        and not (module in FACES and name in FACES[module].__all__)
        and not (top in FACES and module in BESIDE)
    )


@each_face
def test_the_page_lists_what_is_exported(face: ModuleType) -> None:
    page = (ROOT / "docs" / "public.md").read_text(encoding="utf-8")
    sections = [part for part in re.split(r"^## ", page, flags=re.MULTILINE) if part.startswith(f"`{face.__name__}`")]
    rows = [line.split("|")[1] for part in sections for line in part.splitlines() if line.startswith("| `")]

    listed = [name for row in rows for name in re.findall(r"`(\w+)`", row)]

    assert sorted(listed) == sorted(face.__all__)


@each_face
def test_every_name_can_be_had(face: ModuleType) -> None:
    for name in face.__all__:
        assert getattr(face, name) is not None
        assert name in dir(face)
    with pytest.raises(AttributeError, match=f"module '{face.__name__}' has no attribute 'nonsense'"):
        _ = face.nonsense


@each_face
def test_no_name_is_also_a_room(face: ModuleType) -> None:
    rooms = {module.name for module in pkgutil.iter_modules(face.__path__)}

    assert rooms & set(face.__all__) == set()


@pytest.mark.parametrize("face", FACES)
def test_the_bare_import_loads_nothing(face: str) -> None:
    printed = run_python("-c", f"import sys; import {face}; print(*sorted(sys.modules))").split()

    assert {name for name in printed if name.partition(".")[0] in FACES} == {face}
    assert {"simpy", "textual", "pydantic", "asyncio", "socket"} & set(printed) == set()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_stories_and_lessons_import_the_face_alone(path: Path) -> None:
    assert strangers_in(path.read_text(encoding="utf-8")) == []


def test_the_texts_of_lessons_import_the_face_alone() -> None:
    blocks = [part.source for one in lessons() for part in one.parts if isinstance(part, Code)]

    assert blocks
    assert [stranger for block in blocks for stranger in strangers_in(block)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_in_the_docs_import_the_face_alone(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    lines = re.findall(r"^from (?:sim|producer)[\w.]* import .*$", text, flags=re.MULTILINE)

    assert [stranger for line in lines for stranger in strangers_in(line)] == []


def test_modules_beside_the_face_are_there() -> None:
    for name in sorted(BESIDE):
        assert importlib.import_module(name).__doc__
