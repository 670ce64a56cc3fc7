"""What a library says of a transactional call is to the application what the same is from a producer of ours."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from producer.errors import (
    FatalTransactionError,
    ProducerFencedError,
    TransactionAbortableError,
    TransactionTimeoutError,
)
from sim.gauntlet.transactions import ForeignTransactions
from sim.serve.inputs import CallEnded
from sim.world.kernel import World


class Told:
    """A story that calls, and a library that is said to have answered."""

    def __init__(self) -> None:
        self.world = World(seed=0)
        self.said: list[str] = []
        self.transactions = ForeignTransactions(self.world, "shop", self.said.append)
        self.ends: list[object] = []

    def call(self, story: Generator[Any, Any, object]) -> None:
        """Begin a call; how it ends is in `ends`."""

        def told() -> Generator[Any, Any, None]:
            try:
                yield from story
            except Exception as error:  # noqa: BLE001 - it is what is looked at
                self.ends.append(error)
            else:
                self.ends.append("done")

        self.world.story(told())
        self.world.run_until(self.world.now_us)

    def answer(self, call: str, outcome: str, code: int = 0) -> None:
        self.transactions.ended(CallEnded("shop", call, outcome, code, "so it said"))
        self.world.run_until(self.world.now_us)


def test_a_call_waits_for_the_library() -> None:
    told = Told()

    told.call(told.transactions.init())
    before, call = list(told.ends), told.transactions.call
    told.answer("init", "done")

    assert (before, call) == ([], "init")
    assert told.ends == ["done"]
    assert told.transactions.call == ""


@pytest.mark.parametrize(
    "outcome,error",
    [
        ("again", TransactionTimeoutError),
        ("abortable", TransactionAbortableError),
        ("fenced", ProducerFencedError),
        ("fatal", FatalTransactionError),
    ],
)
def test_a_refusal_is_the_error_that_leaves_the_application_the_same(outcome: str, error: type[Exception]) -> None:
    told = Told()

    told.call(told.transactions.commit())
    told.answer("commit", outcome, 47)

    assert [type(one) for one in told.ends] == [error]
    assert "so it said" in str(told.ends[0])


def test_a_begin_that_was_refused_is_told_with_the_next_call() -> None:
    told = Told()

    told.transactions.begin()
    told.answer("begin", "fatal", 90)
    told.call(told.transactions.commit())
    told.answer("commit", "abortable", 48)

    assert told.said == ["begin", "commit"]
    (error,) = told.ends
    assert isinstance(error, FatalTransactionError)
    assert error.code.code == 90


def test_an_end_of_what_was_not_called_is_refused() -> None:
    with pytest.raises(ValueError, match="has not called it"):
        Told().answer("abort", "done")
