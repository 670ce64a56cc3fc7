"""The register of cases: each a function that sends requests."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, overload

if TYPE_CHECKING:
    from tests.conformance.suite.context import Context

CASES_FOLDER = Path(__file__).parent.parent / "cases"


class Case(NamedTuple):
    """One case: what it is called, what it is about, and what it does."""

    area: str
    name: str
    doc: str
    needs: str
    """A cluster of "one" broker, of "three", or a "secure" one."""
    run: Callable[[Context], None]

    @property
    def path(self) -> str:
        return f"{self.area}/{self.name}"


_Function = TypeVar("_Function", bound=Callable[..., None])

_CASES: list[Case] = []


@overload
def case(function: _Function) -> _Function: ...


@overload
def case(
    *, brokers: int = 1, secure: bool = False, each: Mapping[str, Iterable[Any]] | None = None
) -> Callable[[_Function], _Function]: ...


def case(
    function: _Function | None = None,
    *,
    brokers: int = 1,
    secure: bool = False,
    each: Mapping[str, Iterable[Any]] | None = None,
) -> _Function | Callable[[_Function], _Function]:
    """Register a case; each={"version": range(3)} makes one case a value, named name[version=0]."""

    def register(function: _Function) -> _Function:
        area = function.__module__.rpartition(".")[2]
        needs = "secure" if secure else "three" if brokers == 3 else "one"
        doc = " ".join((function.__doc__ or "").split())
        if each is None:
            _CASES.append(Case(area, function.__name__, doc, needs, function))
        else:
            ((key, values),) = each.items()
            for value in values:
                name = f"{function.__name__}[{key}={value}]"
                _CASES.append(Case(area, name, doc, needs, partial(function, **{key: value})))
        return function

    return register if function is None else register(function)


def all_cases() -> list[Case]:
    """Every case, by area and then in the order in which they are written."""
    for name in areas():
        importlib.import_module(f"tests.conformance.cases.{name}")
    return sorted(_CASES, key=lambda one: one.area)


def areas() -> list[str]:
    """Every area, in alphabetical order."""
    return sorted(path.stem for path in CASES_FOLDER.glob("*.py"))
