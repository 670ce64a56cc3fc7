"""The registry of `mock://` takes anything, as Confluent's does: tests against it prove little."""

from __future__ import annotations

import pytest

from producer.errors import SchemaRegistryError
from producer.schemas.schema import Schema, SchemaType
from producer.serialization.registry import calls
from sim.registry.mock import MockRegistry
from tests.registry.asking import ORDER, ORDER_WITHOUT

FIRST, SECOND = Schema(SchemaType.AVRO, ORDER), Schema(SchemaType.AVRO, ORDER_WITHOUT)


def test_it_takes_what_is_not_compatible_and_what_is_no_schema() -> None:
    mock = MockRegistry()

    told = [mock.answer(calls.register("orders-value", one)) for one in (FIRST, SECOND, Schema(SchemaType.AVRO, "{"))]

    assert [(one["id"], one["version"]) for one in told] == [(1, 1), (2, 2), (3, 3)]


def test_the_same_schema_has_another_id_in_another_subject() -> None:
    mock = MockRegistry()

    ids = [mock.answer(calls.register(subject, FIRST))["id"] for subject in ("a", "b", "a")]

    assert ids == [1, 2, 1]


def test_what_was_registered_is_found_by_id_by_version_and_by_what_it_says() -> None:
    mock = MockRegistry()
    for one in (FIRST, SECOND):
        mock.answer(calls.register("orders-value", one))

    assert mock.answer(calls.by_id(1))["schema"] == ORDER
    assert mock.answer(calls.lookup("orders-value", FIRST))["version"] == 1
    assert mock.answer(calls.version_of("orders-value"))["schema"] == ORDER_WITHOUT
    assert mock.answer(calls.version_of("orders-value", 1))["schema"] == ORDER


@pytest.mark.parametrize(
    "call", [calls.by_id(1), calls.lookup("x", FIRST), calls.version_of("x"), calls.level(), calls.delete_subject("x")]
)
def test_what_it_does_not_know_is_not_there(call: calls.Call) -> None:
    with pytest.raises(SchemaRegistryError) as raised:
        MockRegistry().answer(call)

    assert raised.value.status == 404
    assert not raised.value.is_retriable
