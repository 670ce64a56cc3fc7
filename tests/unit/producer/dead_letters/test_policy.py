"""Which failures count (a table), and policies that cannot be."""

from typing import Any

import pytest

from producer.dead_letters import COUNTS, Action, DeadLetterPolicy, Failure, classify
from producer.errors import ProducerError, UsageError
from tests.unit.producer.dead_letters.desk import CLASSES


@pytest.mark.parametrize(("error", "failure"), CLASSES, ids=lambda one: str(one) if isinstance(one, Failure) else "")
def test_every_failure_has_its_class(error: ProducerError, failure: Failure) -> None:
    assert classify(error) is failure


def test_the_classes_are_all_in_the_table() -> None:
    assert {failure for _, failure in CLASSES} == set(Failure) == set(COUNTS)
    assert {failure for failure, counts in COUNTS.items() if counts} == {
        Failure.REFUSED,
        Failure.TOO_LARGE,
        Failure.UNREADABLE,
    }


@pytest.mark.parametrize(
    ("given_policy", "message"),
    [
        ({"counts": frozenset((Failure.PURGED,))}, "counts has PURGED"),
        ({"action": Action.CALL}, "a callback must be given"),
        ({"waiting_max": 0}, "waiting_max is 0"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(given_policy: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        DeadLetterPolicy(**given_policy)


def test_the_topic_is_a_template_or_a_function() -> None:
    assert DeadLetterPolicy().topic_for("orders") == "orders.dead"
    assert DeadLetterPolicy(topic="graveyard").topic_for("orders") == "graveyard"
    assert DeadLetterPolicy(topic=str.upper).topic_for("orders") == "ORDERS"
