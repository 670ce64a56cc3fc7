"""The compiled build is the same program: which rooms it compiles is said once, and the tests run on what they say they do.

`make test COMPILED=1` runs the whole suite on it; tests/builds.py knows which build that is.
"""

import ast
import json
from collections.abc import Iterator
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

import producer
from tests.architecture.processes import run_python
from tests.builds import COMPILED, compile_program

assert producer.__file__ is not None
PACKAGES = Path(producer.__file__).parent.parent
"""Where the packages under test are: the checkout, or what the compiled wheel was installed into."""
FILES = compile_program().modules(PACKAGES)
MODULES = [file.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for file in FILES]
FIELDS_BY_NAME = {"NamedTuple", "dataclass"}


def test_the_hot_rooms_are_among_what_is_compiled() -> None:
    assert {"producer.engine.engine", "producer.wire.record_batch", "sim.world.kernel"} <= set(MODULES)


def test_each_module_is_of_the_build_that_the_tests_run_on() -> None:
    files = {module: import_module(module).__file__ for module in MODULES}

    wanted = EXTENSION_SUFFIXES[0] if COMPILED else ".py"
    assert {module: file for module, file in files.items() if file is None or not file.endswith(wanted)} == {}


def test_doctor_says_which_build_runs() -> None:
    told = json.loads(run_python("-m", "sim", "doctor", "--json"))

    (build,) = (one for one in told["found"] if one["name"] == "acklab")
    assert build["detail"] == ("compiled" if COMPILED else "pure Python")
    assert not COMPILED or f"{len(MODULES)} modules" in build["purpose"]


@pytest.fixture(scope="module")
def texts() -> dict[str, ast.Module]:
    """What is compiled, file by file."""
    return {file: ast.parse((PACKAGES / file).read_text()) for file in FILES}


def test_the_type_of_a_tuples_field_is_there_when_the_class_is_made(texts: dict[str, ast.Module]) -> None:
    # mypyc looks it up then, as if `from __future__ import annotations` did not stand there; a class that comes later
    # in the file, or that only mypy imports, is a crash.
    for file, text in texts.items():
        classes = [node for node in text.body if isinstance(node, ast.ClassDef)]
        absent = set(names_for_mypy_alone(text.body))
        late = {one.name for one in classes}

        for one in classes:
            if FIELDS_BY_NAME & set(names_in(*one.bases, *one.decorator_list)):
                assert set(types_of_fields(one)) & (absent | late) == set(), f"{file}: {one.name}"
            late.remove(one.name)


def test_nothing_that_is_compiled_keeps_values_by_cached_property(texts: dict[str, ast.Module]) -> None:
    # mypyc takes it for a property like any other, and makes the value up each time it is asked for.
    assert [file for file, text in texts.items() if "cached_property" in names_in(text)] == []


def test_nothing_that_is_compiled_stars_what_it_hands_to_super(texts: dict[str, ast.Module]) -> None:
    # mypyc hands the whole tuple on as the first argument, where the method has defaults for the others.
    calls = [(file, one) for file, text in texts.items() for one in ast.walk(text) if isinstance(one, ast.Call)]
    of_super = [
        (file, one) for file, one in calls if isinstance(one.func, ast.Attribute) and "super" in names_in(one.func)
    ]

    assert [file for file, one in of_super if any(isinstance(argument, ast.Starred) for argument in one.args)] == []


def types_of_fields(one: ast.ClassDef) -> Iterator[str]:
    """Names that stand for the whole type of a field, `Mapping` in `Mapping[str, int]` too; a union is not looked up."""
    for field in one.body:
        if isinstance(field, ast.AnnAssign):
            annotation = field.annotation
            whole = annotation.value if isinstance(annotation, ast.Subscript) else annotation
            if isinstance(whole, ast.Name):
                yield whole.id


def names_for_mypy_alone(body: list[ast.stmt]) -> Iterator[str]:
    """What is imported under TYPE_CHECKING, but functions' types, which are not looked up."""
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in names_in(node.test):
            for statement in node.body:
                if isinstance(statement, ast.ImportFrom):
                    yield from (alias.name for alias in statement.names if alias.name != "Callable")


def names_in(*nodes: ast.AST) -> Iterator[str]:
    for node in nodes:
        yield from (one.id for one in ast.walk(node) if isinstance(one, ast.Name))
