"""The reference of a story's words is whole, is written from their docstrings, and is not out of date."""

import dataclasses
import inspect

import pytest

import sim
from sim.faults import FAULT_TYPES
from sim.faults.grammar import verbs
from tests.architecture.reference_page import PAGE, SECTIONS, classes, main, without_words


def test_the_page_is_as_the_docstrings_have_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0, capsys.readouterr().err


def test_every_public_field_point_and_verb_has_its_words() -> None:
    assert without_words() == []


def test_every_field_of_every_class_is_there() -> None:
    page = PAGE.read_text(encoding="utf-8")

    for one in classes():
        (section,) = [part for part in page.split("\n### ") if part.startswith(f"{one.__name__}\n")]
        for field in dataclasses.fields(one):
            assert f"\n| `{field.name}` |" in section, (one.__name__, field.name)


def test_every_verb_is_there_and_every_fault_has_one() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert {name for verb in verbs() for name in verb.faults} == {one.__name__ for one in FAULT_TYPES}
    for verb in verbs():
        assert f"| `{verb.name}(" in page


def test_every_value_that_a_story_is_made_of_is_told() -> None:
    told = {name for _, _, names in SECTIONS for name in names}
    made_of = {
        name
        for name in sim.__all__
        if inspect.isclass(one := getattr(sim, name))
        and dataclasses.is_dataclass(one)
        and one.__module__.startswith(("sim.stories", "sim.cluster"))
    }

    assert made_of - told == set()
