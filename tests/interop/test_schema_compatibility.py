"""Apicurio Registry still says of pairs and histories of the tables what was recorded of it."""

from collections.abc import Iterator

import pytest

from tests.interop.apicurio_registry import apicurio
from tests.registry.apicurio import ask, ask_history, recorded, recorded_on_histories
from tests.registry.cases import cases
from tests.registry.histories import histories

EVERY, EVERY_HISTORY = 5, 20
"""Each fifth pair is asked again, and each twentieth history; `python -m tests.registry.apicurio` asks them all."""


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with apicurio(tmp_path_factory.mktemp("apicurio") / "log") as at:
        yield at


def test_it_says_of_pairs_what_was_recorded(registry: str) -> None:
    asked = cases()[::EVERY]

    assert {case.key: ask(registry, case) for case in asked} == {case.key: recorded()[case.key] for case in asked}


def test_it_says_of_histories_what_was_recorded(registry: str) -> None:
    asked = histories()[::EVERY_HISTORY]

    assert {one.key: ask_history(registry, one) for one in asked} == {
        one.key: recorded_on_histories()[one.key] for one in asked
    }
