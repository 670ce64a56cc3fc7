"""A change reaches whoever uses what changes and what is made of it, and nobody else; where nobody says, it is perhaps."""

import json

import pytest

from producer.governance.lineage.graph import LineageError, events_from, graph_of
from producer.governance.lineage.impact import Impact, impact, named
from tests.unit.producer.governance.lineage.shop import EVENTS

GRAPH = graph_of(EVENTS)


def reached(word: str) -> dict[str, bool]:
    """What a change reaches, and whether that is certain."""
    return {str(one.node): one.is_certain for one in found(word).affected}


def found(word: str) -> Impact:
    return impact(GRAPH, named(GRAPH, word))


def test_a_topic_reaches_every_reader_and_all_that_they_write() -> None:
    assert reached("orders") == dict.fromkeys(
        ("billing", "mailer", "invoices", "letters", "warehouse", "sales.public.revenue"), True
    )
    assert reached("invoices") == {"warehouse": True, "sales.public.revenue": True}
    assert reached("letters") == {}


def test_a_field_reaches_what_is_made_of_it_and_no_other_field() -> None:
    certain = {name for name, is_certain in reached("orders.amount").items() if is_certain}

    assert certain == {"billing", "invoices.total", "warehouse", "sales.public.revenue.sum"}
    assert "invoices.order" not in reached("orders.amount")


def test_a_field_that_ends_in_a_topic_reaches_no_further() -> None:
    assert {name for name, is_certain in reached("orders.id").items() if is_certain} == {"billing", "invoices.order"}


def test_who_says_nothing_of_fields_may_mind() -> None:
    assert reached("orders.customer.email") == {"mailer": False, "letters": False}


def test_the_nearest_come_first_with_what_they_are_reached_by() -> None:
    rows = [(one.steps, str(one.node), one.by) for one in found("orders.amount").affected if one.is_certain]

    assert rows == [
        (1, "billing", "orders.amount"),
        (1, "invoices.total", "orders.amount"),
        (2, "warehouse", "invoices.total"),
        (2, "sales.public.revenue.sum", "invoices.total"),
    ]


def test_a_circle_ends() -> None:
    events = [
        {"job": {"namespace": "a", "name": "loop"}, "inputs": [{"namespace": "k", "name": "t"}],
         "outputs": [{"namespace": "k", "name": "t"}]},
    ]  # fmt: skip

    graph = graph_of(events)
    assert [str(one.node) for one in impact(graph, named(graph, "t")).affected] == ["loop"]


@pytest.mark.parametrize(
    "word, message",
    [
        ("order", "no event tells of it; there are invoices, letters, orders, sales.public.revenue"),
        ("orders.total", "orders has no such field, fields are amount, customer.email, id"),
        ("letters.x", "letters has no such field, fields are not told"),
        ("billing", "no event tells of it"),
    ],
)
def test_what_is_not_there_is_an_error_that_says_what_is(word: str, message: str) -> None:
    with pytest.raises(LineageError, match=message):
        named(GRAPH, word)


def test_the_order_of_events_changes_nothing_about_what_is_reached() -> None:
    backwards = graph_of(list(reversed(EVENTS)))

    assert impact(backwards, named(backwards, "orders.amount")) == found("orders.amount")


def test_events_are_read_as_lines_and_as_an_array() -> None:
    assert events_from("\n".join(map(json.dumps, EVENTS)) + "\n") == EVENTS
    assert events_from(json.dumps(EVENTS)) == EVENTS


@pytest.mark.parametrize(
    "text, message",
    [
        ('{"job": ', "line 1 is no JSON object"),
        ("{}\n5", "event 2 is no JSON object"),
        ("[1]", "the array is no JSON object"),
        ("[" * 100_000, "the array is no JSON object"),
    ],
)
def test_what_is_no_event_is_named(text: str, message: str) -> None:
    with pytest.raises(LineageError, match=message):
        events_from(text)


@pytest.mark.parametrize(
    "event", [{}, {"job": 5}, {"job": {"name": "a"}}, {"job": {"namespace": "a", "name": "b"}, "inputs": [{}]}]
)
def test_an_event_that_lacks_something_is_named(event: dict[str, object]) -> None:
    with pytest.raises(LineageError, match="event 1 is no OpenLineage run event"):
        graph_of([event])
